"""SRGAN's discriminator: Ledig et al., CVPR 2017, figure 4."""

import itertools
import math

import torch
from torch import Tensor, nn

from srlib.training.seeds import generator

SIDE = 96  # of SRGAN's crops
CELL = 16  # pixels between two places that the four strides of 2 treat alike


class Discriminator(nn.Module):
    """Logits that a picture is HR and not SR: (N, 1, side, side) in [0, 1] -> (N, 1).

    Inside, the paper's three channels in [-1, 1]. The dense layer ties it to one picture side.
    """

    def __init__(self, side: int) -> None:
        super().__init__()
        layers = [nn.Conv2d(3, 64, 3, padding=1), nn.LeakyReLU(0.2, inplace=True)]
        widths = [64, 64, 128, 128, 256, 256, 512, 512]
        for number, (inputs, outputs) in enumerate(itertools.pairwise(widths)):
            layers += [
                nn.Conv2d(inputs, outputs, 3, stride=2 - number % 2, padding=1),
                nn.BatchNorm2d(outputs),
                nn.LeakyReLU(0.2, inplace=True),
            ]
        self.features = nn.Sequential(*layers)  # (N, 512, last, last)
        last = math.ceil(side / 16)  # four strides, each of which rounds up
        self.decision = nn.Sequential(
            nn.Flatten(), nn.Linear(512 * last**2, 1024), nn.LeakyReLU(0.2), nn.Linear(1024, 1)
        )

    def forward(self, *pictures: Tensor) -> Tensor:
        """Logits of one or several batches, one after the other.

        BatchNorm sees them together: alone, it would normalise away that HR is rougher than SR.
        """
        return self.decision(self.features((2 * torch.cat(pictures) - 1).expand(-1, 3, -1, -1)))


def crop_side(side: int) -> int:
    """Side of the crops of pictures of this side: SRGAN's, or what leaves them a cell to move in."""
    return min(SIDE, side - CELL if side > 2 * CELL else side)


def where_crops_begin(sides: tuple[int, int], side: int, seed: int, step: int) -> Tensor:
    """The upper left corner of a step's crops, (2,) pixels, in pictures of two `sides`: chance tells."""
    chance = generator(seed, "crops", step)
    rooms = [length - _along(length, side) * side for length in sides]
    return torch.stack([torch.randint(room + 1, (), generator=chance) for room in rooms])


def crops(picture: Tensor, side: int, corner: Tensor) -> Tensor:
    """All crops side by side (`_along`): (N, 1, H, W) -> (n, 1, side, side); corner: of the first, (2,)."""
    for axis, first in zip((2, 3), corner, strict=True):
        span = torch.arange(_along(picture.shape[axis], side) * side, device=picture.device)
        picture = picture.index_select(axis, first + span)
    return picture.unfold(2, side, side).unfold(3, side, side).flatten(0, 3).unsqueeze(1)


def _along(length: int, side: int) -> int:
    """How many crops lie along a picture's side that leave all of them a cell to move in; at least one."""
    return max(1, (length - CELL) // side)
