"""One linear filter per phase of the SR grid: the row that says what a trained network is worth."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SCALE = None  # any: the argument `scale`
RECEPTIVE_FIELD = 9
SIZE_MULTIPLE = 1
TRAINED = True

SIDE = RECEPTIVE_FIELD


class Linear(nn.Module):
    """(N, 1, h, w) -> (N, 1, scale h, scale w), of any range; borders are replicated.

    filters: (scale * scale, 1, 9, 9), one per phase, in pixel shuffle's order. They start as nearest
    neighbour interpolation and are meant to be solved for by the objective `least_squares`.
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


build = Linear
