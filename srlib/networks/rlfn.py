"""RLFN: Kong et al., "Residual Local Feature Network for Efficient Super-Resolution", CVPR Workshops 2022:
six blocks of 52 features, each with an attention (ESA, of Liu et al., RFANet, CVPR 2020).

For RGB in the paper and one gray channel here; the first and the last convolution pad by replication, as the
filters of `init: linear` do; and the attention's two steps down pad, so that pictures below 15 pixels have a
grid too. It is stretched over the whole picture, whose parts so cannot be restored alone.
"""

from functools import partial
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srlib.networks._blocks import default_conv, in_float32
from srlib.networks.starts.neighbours import begin_at_filters, hold_filters

SCALE = None  # 2, 3 or 4: the argument `scale`
RECEPTIVE_FIELD = None
SIZE_MULTIPLE = 1
TRAINED = True

FEATURES, OF_ATTENTION = 52, 16


class Attention(nn.Module):
    """ESA: each feature times a weight in (0, 1) that a shrunk picture of them all decides."""

    def __init__(self) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(FEATURES, OF_ATTENTION, 1)
        self.shrink = nn.Conv2d(OF_ATTENTION, OF_ATTENTION, 3, stride=2, padding=1)
        self.look = default_conv(OF_ATTENTION, OF_ATTENTION)
        self.keep = nn.Conv2d(OF_ATTENTION, OF_ATTENTION, 1)
        self.expand = nn.Conv2d(OF_ATTENTION, FEATURES, 1)

    def forward(self, x: Tensor) -> Tensor:
        reduced = self.reduce(x)
        seen = self.look(F.max_pool2d(self.shrink(reduced), 7, stride=3, padding=3))
        seen = F.interpolate(seen, x.shape[2:], mode="bilinear")
        return x * torch.sigmoid(self.expand(seen + self.keep(reduced)))


class Block(nn.Module):
    """RLFB: (N, 52, h, w) -> the same."""

    def __init__(self) -> None:
        super().__init__()
        self.refine = nn.Sequential(
            *(layer for _ in range(3) for layer in (default_conv(FEATURES, FEATURES), nn.LeakyReLU(0.05)))
        )
        self.fuse = nn.Conv2d(FEATURES, FEATURES, 1)
        self.attention = Attention()

    def forward(self, x: Tensor) -> Tensor:
        return self.attention(self.fuse(x + self.refine(x)))


class RLFN(nn.Module):
    """(N, 1, h, w) in [0, 1] -> (N, 1, scale h, scale w) about [0, 1]."""

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.head = default_conv(1, FEATURES, "replicate")
        self.body = nn.Sequential(*(Block() for _ in range(6)), default_conv(FEATURES, FEATURES))
        self.tail = nn.Sequential(default_conv(FEATURES, scale**2, "replicate"), nn.PixelShuffle(scale))

    def forward(self, lr: Tensor) -> Tensor:
        first = in_float32(self.head, lr)  # (N, 52, h, w)
        return in_float32(self.tail, first + self.body(first))


def build(scale: Literal[2, 3, 4], init: Literal["linear", "random"] = "random") -> RLFN:
    """The network; init: see `srlib.networks.starts`."""
    network = RLFN(scale)
    if init == "linear":
        steps = [(network.tail[0], scale**2)]
        network.start = partial(begin_at_filters, network.head, network.body[-1], steps)
        network.hold = partial(hold_filters, network.head, steps)
    return network
