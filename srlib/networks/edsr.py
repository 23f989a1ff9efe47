"""EDSR-baseline: Lim et al., "Enhanced Deep Residual Networks for Single Image Super-Resolution", CVPR
Workshops 2017: residual blocks without BatchNorm.

Left open or for RGB in the paper and decided here: one gray channel, from which the middle gray is taken as
the paper takes the mean colour of its images; the first convolution and those after the blocks pad by
replication, as the filters of `init: linear` do.
"""

from functools import partial
from typing import Literal

from torch import Tensor, nn

from srlib.networks._blocks import default_conv, in_float32
from srlib.networks.starts.neighbours import begin_at_filters, hold_filters

SCALE = None  # 2, 3 or 4: the argument `scale`
RECEPTIVE_FIELD = 73
SIZE_MULTIPLE = 1
TRAINED = True

MIDDLE_GRAY = 0.5


class Block(nn.Module):
    """x + conv(ReLU(conv(x))), (N, 64, h, w) -> the same."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(default_conv(64, 64), nn.ReLU(inplace=True), default_conv(64, 64))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class EDSR(nn.Module):
    """(N, 1, h, w) in [0, 1] -> (N, 1, scale h, scale w) about [0, 1]."""

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.head = default_conv(1, 64, "replicate")
        self.body = nn.Sequential(*(Block() for _ in range(16)), default_conv(64, 64))
        steps = [2, 2] if scale == 4 else [scale]
        self.up = nn.Sequential()
        for times in steps:
            self.up.extend([default_conv(64, 64 * times**2, "replicate"), nn.PixelShuffle(times)])
        self.tail = default_conv(64, 1, "replicate")

    def forward(self, lr: Tensor) -> Tensor:
        first = in_float32(self.head, lr - MIDDLE_GRAY)  # (N, 64, h, w)
        features = self.up(first + self.body(first))  # (N, 64, scale h, scale w)
        return in_float32(self.tail, features) + MIDDLE_GRAY


def build(scale: Literal[2, 3, 4], init: Literal["linear", "random"] = "random") -> EDSR:
    """The network; init: see `srlib.networks.starts`."""
    network = EDSR(scale)
    if init == "linear":
        phases = [16, 4, 1] if scale == 4 else [scale**2, 1]
        steps = list(zip([*network.up[::2], network.tail], phases, strict=True))
        network.start = partial(begin_at_filters, network.head, network.body[-1], steps)
        network.hold = partial(hold_filters, network.head, steps)
    return network
