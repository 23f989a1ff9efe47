"""Linear filters for each kind of neighbourhood, after RAISR: Romano, Isidoro, Milanfar, "RAISR: Rapid and
Accurate Image Super Resolution", IEEE Transactions on Computational Imaging 2017.

What can be had without a network. As there, the structure tensor around an LR pixel tells its class by the
angle, the strength and the coherence of the gradient; unlike there, filters go from LR to SR directly, and
limits between strengths and coherences share the training pixels out evenly.
"""

import math
from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srlib.networks.filters import least_squares_of_classes

SCALE = None  # any: the argument `scale`
RECEPTIVE_FIELD = 9
SIZE_MULTIPLE = 1
TRAINED = True

CLOSED_FORM = True
SIDE = 9  # RECEPTIVE_FIELD, which is read without running this file
ANGLES, STRENGTHS, COHERENCES = 12, 5, 3
CLASSES = ANGLES * STRENGTHS * COHERENCES


class AdaptiveLinear(nn.Module):
    """(N, 1, h, w) in [0, 1] -> (N, 1, scale h, scale w); borders are replicated.

    filters: (classes, scale * scale, 81), one per class and phase, in pixel shuffle's order. They start as
    nearest neighbour interpolation; `solve`, or the objective `least_squares`, makes them the best.
    """

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale
        nearest = torch.zeros(CLASSES, scale * scale, SIDE * SIDE)
        nearest[..., SIDE * SIDE // 2] = 1
        self.filters = nn.Parameter(nearest)
        self.register_buffer("strengths", torch.zeros(STRENGTHS - 1))  # limits between classes, ascending
        self.register_buffer("coherences", torch.zeros(COHERENCES - 1))

    def forward(self, lr: Tensor) -> Tensor:
        patches = F.unfold(_padded(lr, SIDE // 2), SIDE).transpose(1, 2)  # (N, h w, 81)
        sr = (self.filters[self._classes(lr)] @ patches[..., None])[..., 0]  # (N, h w, scale scale)
        return F.pixel_shuffle(sr.transpose(1, 2).unflatten(2, lr.shape[2:]), self.scale)

    def solve(self, pairs: Iterable[tuple[np.ndarray, np.ndarray]], ridge: float) -> None:
        """Take the limits and filters that are best for these 8-bit LR (h, w) and HR pictures."""
        pairs = list(pairs)
        _, *features = zip(*(_gradients(_unit(lr)) for lr, _ in pairs), strict=True)
        for values, limits in zip(features, (self.strengths, self.coherences), strict=True):
            shares = np.arange(1, len(limits) + 1) / (len(limits) + 1)
            quantiles = np.quantile(np.concatenate([value.flatten() for value in values]), shares)
            limits.copy_(torch.from_numpy(quantiles))

        def classes(lr: np.ndarray) -> np.ndarray:
            return self._classes(_unit(lr))[0].numpy()

        filters = least_squares_of_classes(pairs, classes, CLASSES, self.scale, SIDE, ridge)
        self.filters.data = torch.from_numpy(filters).flatten(2).to(self.filters)

    def _classes(self, lr: Tensor) -> Tensor:
        """Class of each pixel, (N, h w)."""
        angle, strength, coherence = _gradients(lr)
        sector = (angle * ANGLES).long().clamp(max=ANGLES - 1)
        strong = torch.bucketize(strength, self.strengths)
        coherent = torch.bucketize(coherence, self.coherences)
        return ((sector * STRENGTHS + strong) * COHERENCES + coherent).flatten(1)


def _unit(lr: np.ndarray) -> Tensor:
    return torch.from_numpy(lr)[None, None].float() / 255


def _padded(lr: Tensor, margin: int) -> Tensor:
    return F.pad(lr, (margin, margin, margin, margin), "replicate")


def _gradients(lr: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Angle in half turns, strength and coherence of the gradient in 3 x 3 pixels around each, (N, h, w)."""
    padded = _padded(lr, 2)
    x = (padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]) / 2
    y = (padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]) / 2
    xx, yy, xy = (F.avg_pool2d(product, 3, 1)[:, 0] for product in (x * x, y * y, x * y))
    spread = ((xx - yy).square() + 4 * xy.square()).sqrt()
    larger, smaller = (((xx + yy + sign * spread) / 2).clamp(min=0).sqrt() for sign in (1, -1))
    angle = torch.atan2(2 * xy, xx - yy) / (2 * math.pi) % 1
    return angle, larger, (larger - smaller) / (larger + smaller).clamp(min=1e-6)


def build(scale: int) -> AdaptiveLinear:
    """Filters that enlarge by `scale`."""
    return AdaptiveLinear(scale)
