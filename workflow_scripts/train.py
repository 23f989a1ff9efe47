"""Train one model with one seed."""

import numpy as np

from srlib import specs, training
from srlib.data.images import read_pictures
from srlib.jobs import job
from srlib.specs.train import TrainSpec


def load(manifest: str) -> np.ndarray:
    """The pictures of a manifest as one uint8 array (N, H, W)."""
    return np.stack([picture.pixels for picture in read_pictures(manifest)])


with job(snakemake):
    inputs = snakemake.input
    validation = None
    if "validation_hr" in dict(inputs.items()):
        validation = (load(inputs.validation_lr), load(inputs.validation_hr))
    training.train(
        specs.from_json(TrainSpec, snakemake.params.spec),
        load(inputs.train_lr),
        load(inputs.train_hr),
        validation=validation,
        seed=int(snakemake.wildcards.seed),
        device=snakemake.resources.device,
        vgg_weights=inputs.get("content_weights") or None,
        initial=inputs.get("initial") or None,
        folder=snakemake.output.weights.rpartition("/")[0],
    )
