"""The training loop."""

import dataclasses
import math
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from srlib import code
from srlib import device as devices
from srlib.errors import InputError
from srlib.files import sha256
from srlib.networks import catalog, weights
from srlib.objectives import catalog as objectives
from srlib.specs.train import TrainSpec
from srlib.training import closed_form, data, history, interrupt, memory, seeds, state
from srlib.training.task import Objective, Task
from srlib.training.validation import psnr

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
    initial: str | Path | None = None,
    save_seconds: float = 300,
) -> None:
    """Train a model and write `history.csv` and, last, `weights.safetensors` into `folder`.

    lr, hr and the validation pair: uint8 (N, h, w) and (N, H, W). vgg_weights: file of
    VGG's weights where the content loss needs one. initial: weights to start from, if not as the
    network does by itself. save_seconds: a training that is killed and
    started again resumes from a state that is at most about so old. One that is sent SIGINT, SIGTERM,
    SIGHUP or SIGUSR1 saves its state after the step, then ends with KeyboardInterrupt or SystemExit. One
    that was finished before with the same settings, pictures, code and, on a CPU, threads is not done
    again.

    Raises InputError if the arguments do not fit together (naming the key), if a loss, gradient or
    validation picture is not finite, or if memory or disk runs out.
    """
    if spec.training is None:
        closed_form.solve(spec, lr, hr, validation, Path(folder))
        return
    traits = catalog.traits(spec.network)
    scale = catalog.scale(spec.network, spec.arguments)
    data.check(lr, hr, scale, traits.size_multiple, spec.training.batch, spec.training.crop)
    with state.locked(Path(folder)), memory.advice():
        chosen = devices.choose(device)
        configure(chosen, spec.training.deterministic, spec.training.threads)
        run = {"seed": seed, "device": chosen.type, "threads": torch.get_num_threads()}
        run["precision"] = devices.precision(spec.training.precision, chosen)
        run["torch"] = torch.__version__
        if initial:
            run["initial"] = sha256(initial)
        files = [*catalog.files(spec.network, spec.arguments).values(), *filter(None, [vgg_weights])]
        run["fingerprint"] = state.fingerprint(_decisive(spec, run), [lr, hr, *(validation or ())], files)
        pictures = data.load(lr, hr, chosen)
        objective = objectives.load(spec.objective).build(Task(spec, pictures, seed, vgg_weights, initial))
        _run(objective, pictures, spec, run, validation, Path(folder), save_seconds)


def _run(
    objective: Objective,
    pictures: data.Pictures,
    spec: TrainSpec,
    run: dict[str, Any],
    validation: Arrays | None,
    folder: Path,
    save_seconds: float,
) -> None:
    """Go through the epochs, from the saved state if there is one, and write the results."""
    settings, generator, count = spec.training, objective.learners["generator"], len(pictures.hr)
    device, saved = pictures.hr.device, folder / "state.pt"
    steps = data.steps_per_epoch(count, settings.batch)
    fresh = state.Position(epoch=1, step=0, terms=torch.zeros(steps, len(objective.terms)), rows=[])
    columns = ["epoch", "learning_rate", *objective.terms, *["validation_psnr"][: validation is not None]]
    columns.append("images_per_second")
    made_for, epochs = run["fingerprint"], settings.epochs
    position = state.resume(saved, made_for, fresh, objective.learners, columns, epochs)
    terms = position.terms = position.terms.to(device)
    done = (position.epoch - 1) * count + position.step * settings.batch
    last_saved = time.monotonic()

    bar = history.Progress(epochs, count, done)
    with bar as progress, interrupt.heard() as signals, seeds.kept(device):
        for epoch in range(position.epoch, epochs + 1):
            position.epoch, seen, started = epoch, 0, time.perf_counter()
            for batch in data.batches(
                pictures, settings.batch, settings.crop, run["seed"], epoch, position.step, settings.flips
            ):
                seeds.draw_anew(run["seed"], epoch, position.step)
                terms[position.step] = objective.step(batch)
                position.step += 1
                seen += len(batch.index)
                progress.step(len(batch.index))
                stop = signals[:1]
                due = bool(stop) or time.monotonic() - last_saved >= save_seconds
                if due or position.step % LOOK_EVERY[device.type] == 0 or position.step == steps:
                    _check_finite(position, objective.terms, saved)
                    progress.loss(terms[position.step - 1, 0].item())
                if due:
                    state.save(saved, made_for, position, objective.learners)
                    last_saved = time.monotonic()
                if stop:
                    where = f"epoch {epoch}, step {position.step}"
                    print(f"{stop[0].name}: {saved} holds the state after {where}", file=sys.stderr)
                    interrupt.end(stop[0])

            # An epoch that was stopped behind its last step has none to be timed.
            speed = seen / (time.perf_counter() - started) if seen else math.nan
            values = [epoch, generator.learning_rate, *terms.mean(0).tolist()]
            if validation is not None:
                when = f"epoch {epoch}"
                values.append(psnr(generator.module, *validation, when, run["precision"]))
            row = dict(zip(columns, [*values, speed], strict=True))
            position.rows.append(row)
            progress.epoch(row)
            history.write(position.rows, folder / "history.csv")
            if settings.tensorboard:
                history.write_events(row, folder / "tensorboard")
            position.step = 0

    if settings.tensorboard and not (folder / "tensorboard").exists():
        for row in position.rows:  # of a training that was finished without
            history.write_events(row, folder / "tensorboard")
    position.epoch = epochs + 1
    state.save_finished(saved, made_for, position, generator.module)
    history.write(position.rows, folder / "history.csv")
    weights.save(
        folder / "weights.safetensors",
        generator.module,
        spec.network,
        spec.arguments,
        dataclasses.asdict(spec),
        run,
    )


def _decisive(spec: TrainSpec, run: dict[str, Any]) -> dict[str, Any]:
    """What of settings and code decides a training's result.

    How many threads do, on a CPU: sums are split among them, and rounded in another order. Algorithms
    that are deterministic are a choice on a GPU alone. Weights to start from count by what they hold.
    """
    decisive = dataclasses.asdict(spec) | run
    for key in ("tensorboard", "threads", "precision"):  # the last two as `run` has them
        del decisive["training"][key]
    if run["device"] == "cpu":
        del decisive["training"]["deterministic"]
    else:
        del decisive["threads"]
    return decisive | {"code": code.digest(*code.of_training(spec.network, spec.objective))}


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


def configure(device: torch.device, deterministic: bool, threads: int | None = None) -> None:
    """Fast or deterministic algorithms on CUDA; on a CPU all are deterministic for a given number of threads.

    threads: of a CPU, from now on; None: as many as before, at first PyTorch's own number.
    """
    if threads is not None:
        torch.set_num_threads(threads)
    if device.type == "cpu":
        memory.keep_freed()
    if device.type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # wanted by deterministic cuBLAS
        torch.use_deterministic_algorithms(deterministic)
        torch.backends.cudnn.benchmark = not deterministic
