"""Where tensors live: the config's `device`."""

import contextlib
import os
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TextIO

import torch

from srlib.errors import InputError
from srlib.lock import acquire

_CLAIMS: list[TextIO] = []  # locks of the GPUs that this process uses, held until it ends


@cache
def choose(device: str) -> torch.device:
    """The device that `auto`, `cpu` or `cuda` means on this machine; InputError if it has none such.

    Of several GPUs it is the first that no other process has chosen: Snakemake counts how many are
    in use, but does not say which.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("device: cuda is asked for, but this machine shows no usable GPU; set auto or cpu")
    if device == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    gpus = [str(torch.cuda.get_device_properties(i).uuid) for i in range(torch.cuda.device_count())]
    chosen = torch.device("cuda", claim(gpus, Path(tempfile.gettempdir()) / f"gpus-in-use-{os.getuid()}"))
    torch.cuda.set_device(chosen)
    return chosen


def claim(names: Sequence[str], folder: Path) -> int:
    """Index of the first of `names` that no living process has claimed in `folder`; 0 if all are."""
    for index, name in enumerate(names):
        with contextlib.suppress(InputError):
            _CLAIMS.append(acquire(folder / f"{name}.lock", "computing"))
            return index
    return 0


def memory_format(device: torch.device) -> torch.memory_format:
    """How pictures lie in memory where convolutions are fast."""
    return torch.channels_last if device.type == "cuda" else torch.contiguous_format


def bf16_autocast(device: torch.device) -> torch.autocast:
    """bf16 autocast on CUDA, nothing on a CPU."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")
