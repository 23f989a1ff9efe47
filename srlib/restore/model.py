"""A weight file as what restores pictures: the network, and what it is to be given."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from srlib import device as devices
from srlib import inference
from srlib.data.resample import resize
from srlib.data.variants import VARIANTS, folder, shrinkage
from srlib.errors import InputError
from srlib.files import sha256
from srlib.networks import spandrel, weights
from srlib.networks.header import ANOTHER, header, is_foreign
from srlib.restore.note import Note

_NO_MEMORY = "can't allocate memory"  # torch on a CPU has no exception of its own for it


class Model(NamedTuple):
    """network: in evaluation mode, on its device; enlargement: by bicubic, before it (VDSR: 4)."""

    network: nn.Module
    enlargement: float
    note: Note


def load(path: str | Path, device: str, lr: str | None = None) -> Model:
    """The model of a weight file, or of another project's, on the device that `auto`, `cpu` or `cuda` means.

    lr: folder of the LR variant that another project's takes, None for small pictures as they are; our own
    files say it.
    Raises InputError if it is none, does not say what LR pictures it takes, does not fit those that are
    given, or if there is no such device.
    """
    if is_foreign(path):
        network = spandrel.load(path)
        own, name = network.scale, network.name
        scale = own if lr is None else _scale(lr, own)
        if scale is None:
            raise InputError(
                f"{path}: its network enlarges {own} times, which LR variant {lr} does not need; choose "
                "another file, `lr` or `scale`"
            )
    else:
        network, about = weights.load(path, ANOTHER), header(path, ANOTHER)
        own, spec = about["scale"], about["spec"]
        name = network.name if isinstance(network, spandrel.Foreign) else about["network"]
        scale = _scale(str(spec.get("lr")) if isinstance(spec, dict) else "", own)
        if scale is None:
            raise InputError(
                f"{path}: does not say what LR pictures its network was trained on (spec.lr in its header); "
                "train the model anew"
            )
    return Model(network.to(devices.choose(device)), scale / own, Note(name, sha256(path), scale))


def _scale(variant: str, own: int) -> int | None:
    """SR side / LR side, if the variant's folder tells; own: how much of it the network does itself."""
    if match := re.match(r"down(\d{1,2})", variant):
        scale = int(match[1])
        names = {folder(name, scale) for name in VARIANTS if shrinkage(name, scale) == own}
        return scale if variant in names else None
    return None


def restore(
    model: Model,
    gray: np.ndarray,
    tile: int | None = None,
    tell: Callable[[float], object] = lambda share: None,
) -> np.ndarray:
    """SR picture of a gray picture, or of several of one size: float32 ([n,] h, w) -> ([n,] H, W), in [0, 1].

    tile: side of the pieces in pixels that the network takes; None for what inference finds best. tell: is
    called after each piece with its share of the work.
    Raises InputError if the network gives values that are not finite, or if there is too little memory.
    """
    height, width = (side * model.note.scale for side in gray.shape[-2:])
    try:
        lr = enlarged(gray, model.enlargement)
        sr = inference.restore(model.network, lr, tile or inference.TILE, tell)[..., :height, :width]
    except (RuntimeError, MemoryError) as error:
        if not isinstance(error, torch.OutOfMemoryError | MemoryError) and _NO_MEMORY not in str(error):
            raise
        raise InputError(f"too little memory for {width} x {height} pixels; give a smaller --tile") from None
    if not np.isfinite(sr).all():
        raise InputError("the network gives values that are not finite; its weights are of no use")
    return np.clip(sr, 0, 1)


def enlarged(gray: np.ndarray, factor: float) -> np.ndarray:
    """The LR variant that a network takes: enlarged by bicubic, in floats.

    It is clipped to [0, 1] along and across, as Pillow does it to the workflow's own variants. Those are
    8-bit, so these differ from them by that rounding. Sides that would have no whole pixels are continued.
    """
    if factor == 1:
        return gray
    whole = round(1 / (factor % 1)) if factor % 1 else 1
    *count, height, width = gray.shape
    borders = [*[(0, 0) for _ in count], (0, -height % whole), (0, -width % whole)]
    padded = np.pad(gray, borders, "edge")
    before, (height, width) = padded.shape[-2], (round(side * factor) for side in padded.shape[-2:])
    along = [_clipped(picture, before, width) for picture in padded.reshape(-1, *padded.shape[-2:])]
    return np.stack([_clipped(picture, height, width) for picture in along]).reshape(*count, height, width)


def _clipped(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    return np.clip(resize(picture, height, width), 0, 1)
