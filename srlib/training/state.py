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
from torch import Tensor

from srlib.files import replacing
from srlib.lock import acquire
from srlib.training.learner import Learner


@dataclasses.dataclass
class Position:
    """How far a training is.

    epoch: the current one, from 1. step: steps of it that are done. terms: the objective's terms of
    those steps, float32 (step, T). rows: the history of the epochs before.
    The random streams need no place here: they are drawn anew from seed and epoch.
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
        with Path(path).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def save(path: Path, made_for: str, position: Position, learners: dict[str, Learner]) -> None:
    """Write the state under another name, then rename it."""
    state = {
        "made_for": made_for,
        "position": dataclasses.asdict(position),
        "learners": {name: learner.state_dict() for name, learner in learners.items()},
    }
    # Into an open file: given a path, torch does not tell why it cannot be written.
    with replacing(path) as temporary, temporary.open("wb") as file:
        torch.save(state, file)


def resume(path: Path, made_for: str, learners: dict[str, Learner]) -> Position | None:
    """Bring the learners to the saved state; None, and a word in the log, if there is none that fits."""
    if not path.exists():
        return None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        known = state["made_for"]
    except Exception as error:  # torch.load raises whatever the damage leads it to
        print(f"{path}: damaged ({error}), not used; training starts anew", file=sys.stderr)
        return None
    if known != made_for:
        print(f"{path}: of other settings, data or code, not used; training starts anew", file=sys.stderr)
        return None
    for name, learner in learners.items():
        learner.load_state_dict(state["learners"][name])
    position = Position(**state["position"])
    print(f"{path}: training goes on in epoch {position.epoch}, after step {position.step}", file=sys.stderr)
    return position


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which ends with the process; wait for it where another one holds it.

    That is a training left over from a run that was killed: what it has saved by then is gone on
    from. Removes what a killed process left half-written.
    """
    with acquire(folder / ".lock", "still training", wait=True):
        for leftover in folder.glob(".state.pt.*"):
            leftover.unlink()
        yield
