"""The new method's generator, of "Single Image Super-resolution for Chest X-ray Images": residual blocks
of SRGAN, then the convolutions of VDSR, a fixed sharpening layer, and one up-sampling.

The layers stand in the paper's order. Left open by the paper and decided here: the residual blocks
are SRGAN's; the skip adds the first features; PReLU has one slope per channel; layers at the picture's
border (first, sharpening, up-sampling) pad by replication, the others with zeros; how 64 features
become the 3 filters of the sharpening layer (class Sharpening).
"""

from functools import partial
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srlib.networks._blocks import ResidualBlock, conv, he_conv, in_float32, sub_pixel
from srlib.networks.starts.hybrid import begin_at_filters, hold_filters, interpolate

SCALE = 2
RECEPTIVE_FIELD = 89
SIZE_MULTIPLE = 1
TRAINED = True


class Sharpening(nn.Module):
    """Fixed sharpening: (N, 64, h, w) -> (N, 3, h, w), before the tanh. Nothing here is trained or saved.

    The kernel is the usual 4-neighbour one,  s = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]  (sum 1).
    Filter k averages its share of the 64 features and sharpens the average:
    out_k = s * (1 / |G_k|) sum of x_c over c in G_k.

    reading: `groups`: G_k = {c : c mod 3 = k}, three different filters;
    `mean`: G_k = all 64 features, the paper's words with the fewest assumptions, but then the three
    filters give three times the same picture;
    `none`: as `groups`, but the averages are not sharpened (an ablation).
    """

    def __init__(self, reading: str = "groups") -> None:
        super().__init__()
        channel, filters = torch.arange(64), torch.arange(3)
        member = torch.ones(3, 64) if reading == "mean" else channel % 3 == filters[:, None]
        share = member / member.sum(1, keepdim=True)  # (3, 64), rows sum to 1
        around = 0.0 if reading == "none" else -1.0
        kernel = torch.tensor([[0, around, 0], [around, 1 - 4 * around, around], [0, around, 0]])
        self.register_buffer("kernel", kernel, persistent=False)
        self.register_buffer("share", share, persistent=False)
        self.register_buffer("filters", share[:, :, None, None] * kernel, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(F.pad(x, (1, 1, 1, 1), "replicate"), self.filters)


class Hybrid(nn.Module):
    """(N, 1, h, w) in [0, 1] -> (N, 1, 2h, 2w) in [0, 1].

    Inside, the paper's three channels: the gray input is replicated, the three outputs (tanh, in
    [-1, 1]) are averaged. sharpening: see `Sharpening`; layers: those of VDSR, 20 in the paper.
    """

    def __init__(self, sharpening: str = "groups", layers: int = 20) -> None:
        super().__init__()
        self.head = nn.Sequential(conv(3, 64, 9, "replicate"), nn.PReLU(64))
        self.blocks = nn.Sequential(*(ResidualBlock() for _ in range(8)))
        deep = [layer for _ in range(layers) for layer in (he_conv(64, 64, 3), nn.PReLU(64))]
        self.deep = nn.Sequential(*deep, nn.BatchNorm2d(64))
        self.sharpening = Sharpening(sharpening)
        self.up = sub_pixel(3, "replicate")
        self.tail = nn.Sequential(conv(64, 16, 3), nn.PReLU(16), conv(16, 3, 5))

    def forward(self, lr: Tensor) -> Tensor:
        first = in_float32(self.head, lr.expand(-1, 3, -1, -1))  # (N, 64, h, w)
        features = first + self.deep(self.blocks(first))  # (N, 64, h, w)
        sharp = torch.tanh(in_float32(self.sharpening, features))  # (N, 3, h, w)
        sr = torch.tanh(in_float32(self.tail, in_float32(self.up, sharp)))  # (N, 3, 2h, 2w) in [-1, 1]
        return (sr.mean(1, keepdim=True) + 1) / 2


def build(
    sharpening: Literal["groups", "mean", "none"] = "groups",
    layers: Literal[0, 20] = 20,
    init: Literal["linear", "interpolation", "random"] = "interpolation",
) -> Hybrid:
    """The generator; sharpening, layers: see `Hybrid`; init: see `srlib.networks.starts`."""
    network = Hybrid(sharpening, layers)
    if init == "interpolation":
        interpolate(network)
    if init == "linear":
        network.start = partial(begin_at_filters, network)
        network.hold = partial(hold_filters, network)
    return network
