"""Inference: LR in, SR out, for the workflow's folders and for anyone's pictures."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from srlib import device as devices
from srlib.data.images import Picture, read_pictures, write_pictures
from srlib.errors import InputError
from srlib.networks import catalog
from srlib.networks.weights import load
from srlib.specs.network import NetworkSpec

# LR pixels. SRGAN, the largest, takes 1.4 GB for a part of this side.
TILE = 384


class _Cut(NamedTuple):
    """One part of a side, in pixels: `core` is kept, `seen` is what the network gets to see."""

    core: slice
    seen: slice


@torch.inference_mode()
def restore(
    network: nn.Module,
    lr: np.ndarray,
    tile: int = TILE,
    tell: Callable[[float], object] = lambda share: None,
    precision: str = "float32",
) -> np.ndarray:
    """SR picture of a gray LR picture of any size: (h, w) -> float32 (H, W), about [0, 1], not clamped.

    Or of several of one size, which is faster for small ones on a GPU: (n, h, w) -> (n, H, W).
    lr: uint8 or uint16 over their whole range, or floats in [0, 1]. network: from `catalog.build` or
    `weights.load`, in evaluation mode; it runs on the device where its parameters are.
    tile: longest side in LR pixels that is restored in one piece, so that memory has a limit. Pieces
    see half the receptive field of their neighbours, so the result is that of the whole picture (up to
    float32 rounding, where torch takes another algorithm for another size). A network with global parts,
    whose receptive field is None, takes the picture whole, whatever `tile` says. tell: is called after each
    piece with its share of the work. precision: of the convolutions, as the config's `inference.precision`;
    in float32 stays what is exact, not trained in steps, and what others made (`Traits.may_round`).
    """
    multiple, (*count, height, width) = network.traits.size_multiple, lr.shape
    borders = [*[(0, 0) for _ in count], (0, -height % multiple), (0, -width % multiple)]
    padded = np.pad(_unit(lr), borders, "edge")
    rows, columns = (_cuts(side, tile, network.traits) for side in padded.shape[-2:])

    def part(row: _Cut, column: _Cut) -> np.ndarray:
        with _autocast(network, precision):
            sr = _restore_part(network, padded, row, column)
        tell(1 / (len(rows) * len(columns)))
        return sr

    sr = np.block([[part(row, column) for column in columns] for row in rows])
    scale = sr.shape[-2] // padded.shape[-2]
    return sr[..., : height * scale, : width * scale]


def _autocast(network: nn.Module, precision: str) -> torch.autocast:
    device, wanted = devices.of(network), precision if network.traits.may_round else "float32"
    return devices.autocast(device, devices.precision(wanted, device))


def _unit(pixels: np.ndarray) -> np.ndarray:
    """Gray values as float32 in [0, 1]."""
    if pixels.dtype in (np.uint8, np.uint16):
        return pixels.astype(np.float32) / np.iinfo(pixels.dtype).max
    if pixels.dtype.kind != "f":
        raise InputError(f"LR pixels of type {pixels.dtype}: give uint8, uint16 or floats in [0, 1]")
    return pixels.astype(np.float32)


def _cuts(side: int, tile: int, traits: catalog.Traits) -> list[_Cut]:
    """A side in about equal parts, each with half the receptive field around it where the picture has it."""
    if traits.receptive_field is None:
        return [_Cut(slice(0, side), slice(0, side))]
    multiple = traits.size_multiple
    length = _up(-(-side // -(-side // tile)), multiple)
    margin = _up(traits.receptive_field // 2, multiple)
    starts = range(0, side, length)
    return [
        _Cut(
            slice(start, min(start + length, side)),
            slice(max(start - margin, 0), min(start + length + margin, side)),
        )
        for start in starts
    ]


def _up(length: int, multiple: int) -> int:
    return -(-length // multiple) * multiple


def _restore_part(network: nn.Module, lr: np.ndarray, row: _Cut, column: _Cut) -> np.ndarray:
    """SR pixels of the cores of two cuts."""
    seen = np.ascontiguousarray(lr[..., row.seen, column.seen])
    *count, height, width = seen.shape
    pictures = torch.from_numpy(seen).reshape(-1, 1, height, width).to(devices.of(network))
    sr = network(pictures).float().cpu().numpy()
    scale = sr.shape[-2] // height
    sr = sr.reshape(*count, height * scale, width * scale)
    top, left = ((cut.core.start - cut.seen.start) * scale for cut in (row, column))
    height, width = ((cut.core.stop - cut.core.start) * scale for cut in (row, column))
    return sr[..., top : top + height, left : left + width]


def eight_bit(sr: np.ndarray, origin: str) -> np.ndarray:
    """Gray values in [0, 1] as uint8, clamped and rounded: what a user would save.

    Raises InputError, naming `origin` (what the values are), if one is not finite.
    """
    if not np.isfinite(sr).all():
        raise InputError(
            f"{origin}: the network gives values that are not finite; its weights are of no use: delete them "
            "and the state.pt beside them, lower optimizer.learning_rate and train the model again"
        )
    return np.rint(np.clip(sr, 0, 1) * 255).astype(np.uint8)


def restore_folder(
    lr_manifest: str,
    sr_manifest: str,
    spec: NetworkSpec,
    weights: str | None,
    device: str,
    precision: str = "float32",
) -> None:
    """Restore the pictures of a manifest with one model, and write the SR pictures and their manifest.

    weights: file of the trained weights, None for a network without any.
    Raises InputError, naming weights and picture, if the network gives values that are not finite.
    """
    network = catalog.build(spec.network, spec.arguments).eval() if weights is None else load(weights)
    network.to(devices.choose(device), memory_format=torch.channels_last)

    def pictures() -> Iterator[Picture]:
        for picture in read_pictures(lr_manifest):
            sr = restore(network, picture.pixels, precision=precision)
            yield picture._replace(pixels=eight_bit(sr, f"{weights or spec.network}, {picture.name}"))

    write_pictures(pictures(), sr_manifest)
