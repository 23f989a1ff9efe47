"""The resumable state of a training, and the lock that keeps a second process from it."""

import dataclasses
import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from srlib.files import remove_leftovers, replacing, sha256
from srlib.lock import acquire
from srlib.training.learner import Learner

NUMBER = "number"


@dataclasses.dataclass
class Position:
    """How far a training is.

    epoch: the current one, from 1; one more than there are when training is finished. step: steps of
    it that are done. terms: the objective's terms of those steps, float32 (step, T). rows: the history
    of the epochs before. The random streams need no place here: they are drawn anew from seed and epoch.
    """

    epoch: int
    step: int
    terms: Tensor
    rows: list[dict[str, float]]


def fingerprint(about: Any, arrays: list[np.ndarray], files: list[str]) -> str:
    """Hash of all that decides a training's result: settings, code, pictures, files and torch.

    about: JSON values.
    """
    digest = hashlib.sha256(json.dumps([about, torch.__version__], sort_keys=True).encode())
    for array in arrays:
        digest.update(np.ascontiguousarray(array))
    for path in files:
        digest.update(bytes.fromhex(sha256(path)))
    return digest.hexdigest()


def save(path: Path, made_for: str, position: Position, learners: dict[str, Learner]) -> None:
    """Write the state under another name, then rename it."""
    _write(path, made_for, position, {name: learner.state_dict() for name, learner in learners.items()})


def save_finished(path: Path, made_for: str, position: Position, network: nn.Module) -> None:
    """Write the state of a finished training: its weights and history, which need not be made again."""
    _write(path, made_for, position, {"generator": {"module": network.state_dict()}})


def _write(path: Path, made_for: str, position: Position, learners: dict[str, Any]) -> None:
    state = {"made_for": made_for, "position": dataclasses.asdict(position), "learners": learners}
    # Into an open file: given a path, torch does not tell why it cannot be written.
    with replacing(path) as temporary, temporary.open("wb") as file:
        torch.save(state, file)


def resume(
    path: Path, made_for: str, fresh: Position, learners: dict[str, Learner], columns: list[str], epochs: int
) -> Position:
    """Bring the learners to the saved state; where none fits, say so and give `fresh` back.

    fresh: the position at the start. columns: of the history. epochs: how many there are. A finished
    training is in the epoch behind the last, and only the generator's weights are brought back.
    """
    if not path.exists():
        return fresh
    try:
        state = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        known = state["made_for"]
    except Exception as error:  # torch.load raises whatever the damage leads it to
        return _anew(path, f"damaged ({error})", fresh)
    if known != made_for:
        return _anew(path, "of other settings, data or code", fresh)
    if not _fits(state, fresh, learners, columns, epochs):
        return _anew(path, "not what a training saves", fresh)
    for name, parts in state["learners"].items():
        learners[name].load_state_dict(parts)
    position = Position(**state["position"])
    if position.epoch > epochs:
        print(
            f"{path}: this training is finished and its weights are used; delete it to train again",
            file=sys.stderr,
        )
    else:
        print(
            f"{path}: training resumes in epoch {position.epoch}, after step {position.step}", file=sys.stderr
        )
    return position


def _anew(path: Path, why: str, fresh: Position) -> Position:
    print(f"{path}: {why}, not used; training starts anew", file=sys.stderr)
    return fresh


def _fits(
    state: dict[str, Any], fresh: Position, learners: dict[str, Learner], columns: list[str], epochs: int
) -> bool:
    """Whether a state has all that this training saves, in the form in which it does."""
    match state.get("position"):
        case {"epoch": int(epoch), "step": int(step), "rows": list(rows)}:
            pass
        case _:
            return False
    if not (1 <= epoch == len(rows) + 1 <= epochs + 1 and 0 <= step <= len(fresh.terms)):
        return False
    row = dict.fromkeys(columns, NUMBER)
    position = _form(dataclasses.asdict(fresh)) | {"rows": [row] * len(rows)}
    if epoch > epochs:
        expected = {"generator": {"module": _form(learners["generator"].module.state_dict())}}
    else:
        saved = state.get("learners")
        expected = {name: _learner_form(learner, _rested(saved, name)) for name, learner in learners.items()}
    return _form(state["position"]) == position and _form(state.get("learners")) == expected


def _form(value: Any) -> Any:
    """What a part of a state has in common with that part of another state of the same training."""
    match value:
        case Tensor():
            return (value.dtype, value.shape) if value.isfinite().all() else "not finite"
        case dict():
            return {key: _form(entry) for key, entry in value.items()}
        case list() | tuple():
            return [_form(entry) for entry in value]
        case bool():
            return bool
        case int() | float():
            return NUMBER
        case _:
            return type(value)


def _rested(saved: Any, name: str) -> bool:
    """Whether a learner had not taken a step yet, as a GAN's discriminator while its generator pretrains."""
    match saved.get(name) if isinstance(saved, dict) else None:
        case {"schedulers": [{"last_epoch": 0}, *_], "optimizers": [*optimizers]}:
            return not any(isinstance(kept, dict) and kept.get("state") for kept in optimizers)
    return False


def _learner_form(learner: Learner, rested: bool) -> dict[str, Any]:
    """The form of a learner's state after a step; while it rests its optimizers keep nothing."""
    form = _form(learner.state_dict())
    if rested:
        return form
    for optimizer, part in zip(learner.optimizers, form["optimizers"], strict=True):
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        part["state"] = _kept_form(optimizer, parameters)
    return form


def _kept_form(optimizer: torch.optim.Optimizer, parameters: list[nn.Parameter]) -> dict[int, Any]:
    """The form of what an optimizer keeps for each parameter after a step, as a twin shows it."""
    probe = nn.Parameter(torch.zeros(2, 3))
    probe.grad = torch.zeros(2, 3)
    twin = type(optimizer)([probe], **optimizer.defaults)
    twin.step()
    kept = _form(twin.state_dict()["state"])
    return {
        index: {
            key: _form(parameter.detach()) if entry == _form(probe.detach()) else entry
            for key, entry in kept[0].items()
        }
        for index, parameter in enumerate(parameters if kept else [])
    }


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which ends with the process; wait for it where another one holds it.

    That is a training left over from a run that was killed: training resumes from what it has
    saved by then. Removes what a killed process left half-written.
    """
    with acquire(folder / ".lock", "still training", wait=True):
        for name in ("state.pt", "history.csv", "weights.safetensors"):
            remove_leftovers(folder / name)
        yield
