"""One linear filter per phase of the SR grid: the row that says what a trained network is worth."""

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srlib.networks.filters import least_squares_filters

SCALE = None  # any: the argument `scale`
RECEPTIVE_FIELD = 9
SIZE_MULTIPLE = 1
TRAINED = True

CLOSED_FORM = True
SIDE = 9  # RECEPTIVE_FIELD, which is read without running this file


class Linear(nn.Module):
    """(N, 1, h, w) -> (N, 1, scale h, scale w), of any range; borders are replicated.

    filters: (scale * scale, 1, 9, 9), one per phase, in pixel shuffle's order. They start as nearest
    neighbour interpolation; `solve`, or the objective `least_squares`, makes them the best.
    """

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale
        nearest = torch.zeros(scale * scale, 1, SIDE, SIDE)
        nearest[:, :, SIDE // 2, SIDE // 2] = 1
        self.filters = nn.Parameter(nearest)

    def forward(self, lr: Tensor) -> Tensor:
        margin = SIDE // 2
        padded = F.pad(lr, (margin, margin, margin, margin), "replicate")
        return F.pixel_shuffle(F.conv2d(padded, self.filters), self.scale)

    def solve(self, pairs: Iterable[tuple[np.ndarray, np.ndarray]], ridge: float) -> None:
        """Take the filters that are best for these LR (h, w) and HR pictures."""
        filters = least_squares_filters(pairs, self.scale, SIDE, ridge)
        self.filters.data = torch.from_numpy(filters[:, None]).to(self.filters)


def build(scale: int) -> Linear:
    """Filters that enlarge by `scale`."""
    return Linear(scale)
