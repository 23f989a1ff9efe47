"""Training pictures: resident on the device as uint8, cut into batches there."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from srlib.errors import InputError
from srlib.training.seeds import generator


class Pictures(NamedTuple):
    """LR and HR pictures, uint8 (N, h, w) and (N, scale h, scale w)."""

    lr: Tensor
    hr: Tensor

    @property
    def scale(self) -> int:
        """HR side / LR side."""
        return self.hr.shape[-1] // self.lr.shape[-1]


class Batch(NamedTuple):
    """float32 (B, 1, h, w) and (B, 1, H, W) in [0, 1], and the pictures' indices (B,)."""

    lr: Tensor
    hr: Tensor
    index: Tensor


def load(lr: np.ndarray, hr: np.ndarray, device: torch.device) -> Pictures:
    """uint8 arrays (N, h, w), (N, H, W) on the device; a CPU shares the arrays' memory."""
    return Pictures(*(torch.from_numpy(array).to(device) for array in (lr, hr)))


def check(
    lr: np.ndarray,
    hr: np.ndarray,
    scale: int,
    multiple: int,
    batch: int,
    crop: int | None,
) -> None:
    """Raise InputError, naming the key, unless pictures, network, batch and crop fit together.

    scale: HR side / LR side of the network; multiple: LR sides must be multiples of it.
    """
    (count, height, width), found = lr.shape, hr.shape[-1] / lr.shape[-1]
    if hr.shape != (count, height * found, width * found) or found != int(found):
        raise InputError(
            f"training pictures: LR {lr.shape} and HR {hr.shape} do not correspond; delete them and rerun"
        )
    if scale != found:
        raise InputError(
            f"lr: the network enlarges {scale} times, the pictures {found:g} times; choose another variant"
        )
    if count < batch:
        raise InputError(f"training.batch: {batch} is more than the {count} training images; lower it")
    if crop is not None and crop > min(hr.shape[1:]):
        raise InputError(
            f"training.crop: {crop} pixels do not fit HR images of {hr.shape[2]} x {hr.shape[1]}; lower it"
        )
    if crop is not None and crop % found:
        raise InputError(f"training.crop: {crop} is no multiple of the {found:g} HR pixels of an LR pixel")
    for side in [height, width] if crop is None else [crop / found]:
        if side % multiple:
            raise InputError(
                f"training.crop: gives LR sides of {side:g} pixels; they must be multiples of {multiple}"
            )


def steps_per_epoch(count: int, batch: int) -> int:
    """The last batch may be smaller."""
    return -(-count // batch)


def batches(
    pictures: Pictures,
    batch: int,
    crop: int | None,
    seed: int,
    epoch: int,
    first: int = 0,
    flips: bool = False,
) -> Iterator[Batch]:
    """The batches of an epoch from number `first` on: all pictures once, in random order.

    crop: HR side of random crops, at whole LR pixels; None for whole pictures. flips: half of the batches
    upside down, and half of either mirrored.
    """
    count, height, width = pictures.lr.shape
    device = pictures.lr.device
    order = torch.randperm(count, generator=generator(seed, "order", epoch)).to(device)
    corners = None
    if crop is not None:
        room = torch.tensor([height, width]) - crop // pictures.scale + 1
        draws = torch.rand(count, 2, generator=generator(seed, "crops", epoch), dtype=torch.float64)
        corners = (draws * room).long().to(device)
    turns = torch.rand(count, 2, generator=generator(seed, "flips", epoch)) < 0.5
    for start in range(first * batch, count, batch):
        share = slice(start, start + batch)
        index = order[share]
        if corners is None:
            lr, hr = pictures.lr[index], pictures.hr[index]
        else:
            corner = corners[share]
            lr = _crop(pictures.lr, index, corner, crop // pictures.scale)
            hr = _crop(pictures.hr, index, corner * pictures.scale, crop)
        axes = [axis for axis, turned in zip((1, 2), turns[start], strict=True) if flips and turned]
        yield Batch(to_unit(lr.flip(axes)), to_unit(hr.flip(axes)), index)


def _crop(pictures: Tensor, index: Tensor, corner: Tensor, side: int) -> Tensor:
    """Squares (B, side, side) of the pictures, whose upper left corners are (B, 2), y and x."""
    span = torch.arange(side, device=pictures.device)
    rows, columns = corner[:, :1] + span, corner[:, 1:] + span  # (B, side)
    return pictures[index[:, None, None], rows[:, :, None], columns[:, None, :]]


def to_unit(pixels: Tensor) -> Tensor:
    """uint8 (B, h, w) -> float32 (B, 1, h, w) in [0, 1]."""
    return pixels[:, None].float() / 255
