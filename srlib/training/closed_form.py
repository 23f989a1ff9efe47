"""Training without steps: weights that are solved for."""

import dataclasses
from pathlib import Path

import numpy as np

from srlib import code
from srlib.networks import catalog, weights
from srlib.objectives import catalog as objectives
from srlib.specs.train import TrainSpec
from srlib.training import history
from srlib.training.validation import psnr

Arrays = tuple[np.ndarray, np.ndarray]


def solve(spec: TrainSpec, lr: np.ndarray, hr: np.ndarray, validation: Arrays | None, folder: Path) -> None:
    """Write the weights that the objective gives for these pictures, and a history of one line.

    lr, hr and the validation pair: uint8 (N, h, w) and (N, H, W).
    """
    network = catalog.build(spec.network, spec.arguments)
    objectives.load(spec.objective).fit(network, zip(lr, hr, strict=True), spec.settings)
    row = {"epoch": 1}
    if validation is not None:
        row["validation_psnr"] = psnr(network, *validation, "solved")
    history.write([row], folder / "history.csv")
    weights.save(
        folder / "weights.safetensors",
        network,
        spec.network,
        spec.arguments,
        dataclasses.asdict(spec),
        {"code": code.digest(*code.of_training(spec.network, spec.objective))},
    )
