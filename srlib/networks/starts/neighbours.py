"""EDSR and RLFN at the best linear filters of their training pictures: of 5 x 5 LR pixels, 3 x 3 of 3 x 3.

The head's first nine channels carry the LR picture, moved by up to a pixel each way; the convolution before
the first pixel shuffle takes 3 x 3 pixels of each. What follows only sorts the phases. A step of these is a
convolution and the number of its channels that carry phases, from the first one to that which gives SR.
"""

import math
from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor, nn

from srlib.networks.filters import least_squares_filters
from srlib.networks.starts.taps import hold, in_shuffled_order

COPIES, SIDE = 9, 5
Step = tuple[nn.Conv2d, int]


@torch.no_grad()
def begin_at_filters(
    head: nn.Conv2d, branch: nn.Conv2d, steps: list[Step], pairs: Iterable[tuple[np.ndarray, np.ndarray]]
) -> None:
    """The least-squares filters of these LR and HR pictures, exactly, in weights for `hold_filters`.

    branch: the last layer of what is added to the head's features, which begins at zero.
    """
    (first, phases), *others = steps
    left = others[0][1] if others else 1  # phases that the first pixel shuffle leaves
    scale, times = math.isqrt(phases), math.isqrt(phases // left)
    filters = torch.from_numpy(least_squares_filters(pairs, scale, SIDE))
    head.weight[:COPIES] = torch.eye(COPIES).view(COPIES, 1, 3, 3)
    head.bias[:COPIES] = 0
    nn.init.zeros_(branch.weight)
    nn.init.zeros_(branch.bias)
    for layer, channels in steps:
        layer.weight[:channels] = 0
        layer.bias[:channels] = 0
    first.weight[:phases, :COPIES] = _of_copies(filters)[in_shuffled_order(scale, times)]
    for layer, channels in others:
        layer.weight[range(channels), range(channels), 1, 1] = 1


def hold_filters(head: nn.Conv2d, steps: list[Step]) -> None:
    """Let the weights that give the filters stay as they are.

    All that a phase takes is held, and other channels learn beside it; where there are no others, as in the
    last step, what it takes of the phases before. Rows or columns as a whole, as Muon needs them.
    """
    hold(head.weight, slice(COPIES))
    hold(head.bias, slice(COPIES))
    for (layer, channels), inputs in zip(steps, [COPIES, *(step[1] for step in steps)], strict=False):
        alone = layer.out_channels == channels
        hold(layer.weight, (slice(channels), slice(inputs if alone else None)))
        hold(layer.bias, slice(channels))


def _of_copies(filters: Tensor) -> Tensor:
    """Filters (phases, 5, 5) as taps (phases, 9, 3, 3) of the copies: a tap belongs to the copy next to it.

    So two taps away from the middle are a copy's own move and one tap further, as at a replicated border.
    """
    taps = filters.new_zeros(len(filters), COPIES, 3, 3)
    moves = range(-(SIDE // 2), SIDE // 2 + 1)
    for y in moves:
        for x in moves:
            copy_y, copy_x = (max(-1, min(move, 1)) for move in (y, x))
            copy = 3 * (copy_y + 1) + copy_x + 1
            taps[:, copy, 1 + y - copy_y, 1 + x - copy_x] = filters[:, y + 2, x + 2]
    return taps
