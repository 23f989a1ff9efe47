"""VDSR at the best linear filter of its training pictures."""

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor, nn

from srlib.networks.filters import least_squares_filters
from srlib.networks.starts.taps import hold

# Copies of the picture a side, and pixels between them: with the last layer's 3x3 taps these are 15 x 15.
COPIES, SPACING = 5, 3
COUNT, SIDE = COPIES**2, COPIES * SPACING
MOVES = COPIES // 2 * SPACING  # layers that it takes to move a copy where it belongs, a pixel each
REPLICATED = {*range(MOVES), 19}  # layers that see beyond the picture's border what the filter's fit saw
ENOUGH = 50  # pictures of 256 x 256 are three million equations for the 225 taps
CONTRAST = 16  # differences of neighbours times this are about as strong as the picture


@torch.no_grad()
def begin_at_filters(network: nn.Module, pairs: Iterable[tuple[np.ndarray, np.ndarray]]) -> None:
    """The least-squares filter of these enlarged LR and HR pictures, in weights for `hold_filters`.

    One for all pixels, since VDSR sees an enlarged picture and knows of no phases. The first channels of
    each layer carry copies of the picture, which ReLU lets pass because no pixel is negative; the last layer
    sums them. The other channels begin without them, at differences of neighbouring pixels (filters of
    sum 0), and the last layer takes nothing of these yet: a flat region is none of their business.
    Exact but for the outermost pixels, which are within a gray level.
    """
    pairs = list(pairs)
    some = pairs[:: max(1, len(pairs) // ENOUGH)]
    (filter_,) = least_squares_filters(some, 1, SIDE)
    filter_[SIDE // 2, SIDE // 2] -= 1  # the network adds the picture itself
    first, *deep, last = _convolutions(network)
    others = first.weight[COUNT:]
    others.sub_(others.mean((1, 2, 3), keepdim=True)).mul_(CONTRAST)
    for number, layer in enumerate([first, *deep]):
        _carry(layer, _steps(number))
    last.weight[0, :COUNT] = _of_copies(torch.from_numpy(filter_)).to(last.weight)
    last.weight[0, COUNT:] = 0


def hold_filters(network: nn.Module) -> None:
    """Let the weights that give the filter stay as they are."""
    *layers, last = _convolutions(network)
    for layer in layers:
        hold(layer.weight, slice(COUNT))
        hold(layer.bias, slice(COUNT))
    hold(last.weight, (0, slice(COUNT)))


def _convolutions(network: nn.Module) -> list[nn.Conv2d]:
    return [layer for layer in network.residual if isinstance(layer, nn.Conv2d)]


def _carry(layer: nn.Conv2d, steps: list[tuple[int, int]]) -> None:
    """Let the first channels move the copies by these (y, x)."""
    layer.weight[:COUNT] = 0
    if layer.in_channels > 1:
        layer.weight[COUNT:, :COUNT] = 0
    for copy, (y, x) in enumerate(steps):
        layer.weight[copy, copy if layer.in_channels > 1 else 0, 1 + y, 1 + x] = 1


def _steps(layer: int) -> list[tuple[int, int]]:
    """How far each copy moves in a layer: copy (i, j) is at (3 i, 3 j) pixels at the end, i, j = -2 ... 2."""
    axis = [np.sign(i) if layer < abs(i) * SPACING else 0 for i in range(-(COPIES // 2), COPIES // 2 + 1)]
    return [(int(y), int(x)) for y in axis for x in axis]


def _of_copies(taps: Tensor) -> Tensor:
    """Taps (15, 15) as the last layer's (25, 3, 3): those next to each copy."""
    return taps.view(COPIES, SPACING, COPIES, SPACING).transpose(1, 2).reshape(COUNT, SPACING, SPACING)
