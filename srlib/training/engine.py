"""The training loop."""

import dataclasses
import os
import time
from pathlib import Path

import numpy as np
import torch
from skimage.metrics import peak_signal_noise_ratio
from torch import nn

from srlib import code
from srlib import device as devices
from srlib.errors import InputError
from srlib.inference import restore
from srlib.networks import catalog, weights
from srlib.objectives import catalog as objectives
from srlib.specs.train import TrainSpec
from srlib.training import data, history, memory, state
from srlib.training.task import Objective, Task

Arrays = tuple[np.ndarray, np.ndarray]

# Looking at the terms makes the host wait for a GPU; a CPU is done with them anyway.
LOOK_EVERY = {"cpu": 1, "cuda": 25}


def train(
    spec: TrainSpec,
    lr: np.ndarray,
    hr: np.ndarray,
    *,
    folder: str | Path,
    seed: int,
    device: str = "auto",
    validation: Arrays | None = None,
    vgg_weights: str | Path | None = None,
    save_seconds: float = 300,
) -> None:
    """Train a model and write `history.csv` and, last, `weights.safetensors` into `folder`.

    lr, hr and the validation pair: uint8 (N, h, w) and (N, H, W). vgg_weights: file of
    VGG-19's weights where the content loss needs one. save_seconds: a training that is killed and
    started again goes on from a state that is at most about so old.

    Raises InputError if the arguments do not fit together (naming the key), if a loss or gradient is
    not finite, or if memory runs out.
    """
    traits = catalog.traits(spec.network)
    data.check(lr, hr, traits.scale, traits.size_multiple, spec.training.batch, spec.training.crop)
    with state.locked(Path(folder)), memory.advice():
        place = devices.choose(device)
        configure(place, spec.training.deterministic)
        meaning = code.digest(*code.of_training(spec.network, spec.objective))
        made_for = state.fingerprint(
            [dataclasses.asdict(spec), meaning, seed, place.type],
            [lr, hr],
            [vgg_weights] if vgg_weights else [],
        )
        pictures = data.load(lr, hr, place)
        objective = objectives.load(spec.objective).build(Task(spec, pictures, seed, vgg_weights))
        _run(objective, pictures, spec, seed, validation, Path(folder), made_for, save_seconds)


def _run(
    objective: Objective,
    pictures: data.Pictures,
    spec: TrainSpec,
    seed: int,
    validation: Arrays | None,
    folder: Path,
    made_for: str,
    save_seconds: float,
) -> None:
    """Go through the epochs, from the saved state if there is one, and write the results."""
    settings, generator, count = spec.training, objective.learners["generator"], len(pictures.hr)
    place, saved = pictures.hr.device, folder / "state.pt"
    steps = data.steps_per_epoch(count, settings.batch)
    position = state.resume(saved, made_for, objective.learners) or state.Position(
        epoch=1, step=0, terms=torch.zeros(steps, len(objective.terms)), rows=[]
    )
    terms = position.terms = position.terms.to(place)
    done = (position.epoch - 1) * count + position.step * settings.batch
    last_saved = time.monotonic()

    with history.Progress(settings.epochs, count, done) as progress:
        for epoch in range(position.epoch, settings.epochs + 1):
            position.epoch, seen, started = epoch, 0, time.perf_counter()
            for batch in data.batches(pictures, settings.batch, settings.crop, seed, epoch, position.step):
                terms[position.step] = objective.step(batch)
                position.step += 1
                seen += len(batch.index)
                progress.step(len(batch.index))
                due = time.monotonic() - last_saved >= save_seconds
                if due or position.step % LOOK_EVERY[place.type] == 0 or position.step == steps:
                    _check_finite(position, objective.terms, saved)
                    progress.loss(terms[position.step - 1, 0].item())
                if due:
                    state.save(saved, made_for, position, objective.learners)
                    last_saved = time.monotonic()

            row = {"epoch": epoch, "learning_rate": generator.learning_rate}
            row |= dict(zip(objective.terms, terms.mean(0).tolist(), strict=True))
            speed = seen / (time.perf_counter() - started)
            if validation is not None:
                row["validation_psnr"] = _psnr(generator.module, validation, place)
            row["images_per_second"] = speed
            position.rows.append(row)
            progress.epoch(row)
            history.write(position.rows, folder / "history.csv")
            if settings.tensorboard:
                history.write_events(row, folder / "tensorboard")
            position.step = 0

    weights.save(
        folder / "weights.safetensors",
        generator.module,
        spec.network,
        spec.arguments,
        dataclasses.asdict(spec),
    )
    saved.unlink(missing_ok=True)


def _check_finite(position: state.Position, names: tuple[str, ...], saved: Path) -> None:
    """Stop at the first term that is not finite."""
    bad = (~torch.isfinite(position.terms[: position.step])).nonzero()
    if not len(bad):
        return
    step, term = bad[0].tolist()
    good = f"{saved} holds the last good state" if saved.exists() else "no state was saved before"
    raise InputError(
        f"{saved.parent}: {names[term]} is {position.terms[step, term].item()} in epoch {position.epoch}, "
        f"step {step + 1}; {good}; lower optimizer.learning_rate or set optimizer.clip_norm"
    )


def _psnr(network: nn.Module, validation: Arrays, place: torch.device) -> float:
    """Mean PSNR in dB of the 8-bit SR validation pictures."""
    network.eval()
    scores = [
        peak_signal_noise_ratio(hr, restore(network, lr, place)) for lr, hr in zip(*validation, strict=True)
    ]
    network.train()
    return float(np.mean(scores))


def configure(place: torch.device, deterministic: bool) -> None:
    """Fast or bit-exact algorithms on CUDA; on a CPU all that is used here is exact."""
    if place.type == "cpu":
        memory.keep_freed()
    if place.type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # wanted by deterministic cuBLAS
        torch.use_deterministic_algorithms(deterministic)
        torch.backends.cudnn.benchmark = not deterministic
