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
    in use, but does not say which. What is to be float32 is so on each of them: not in TensorFloat-32,
    whose 10 bits would move one 8-bit pixel in twenty by a gray level.
    """
    torch.backends.cudnn.allow_tf32 = False
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


def of(network: torch.nn.Module) -> torch.device:
    """Where a network's parameters are; the CPU if it has none."""
    return next((parameter.device for parameter in network.parameters()), torch.device("cpu"))


def precision(wanted: str, device: torch.device) -> str:
    """`float32` or `bfloat16`; of `auto`, bfloat16 where the device has instructions for it."""
    if wanted != "auto":
        return wanted
    cpu = torch.cpu.get_capabilities()
    return "bfloat16" if device.type == "cuda" or cpu.get("avx512_bf16") or cpu.get("amx_bf16") else "float32"


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """Convolutions and matrix products in `precision`; parameters and what is summed up stay float32."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16")
