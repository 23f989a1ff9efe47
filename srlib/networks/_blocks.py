"""Layers that the networks share, as they start where nothing else is asked for (srlib.networks.starts)."""

from typing import Literal

import torch
from torch import Tensor, nn

Statistics = Literal["batch", "fixed"]


def conv(inputs: int, outputs: int, side: int, padding_mode: str = "zeros") -> nn.Conv2d:
    """Convolution that keeps the picture's size; He-initialised, biases 0."""
    layer = nn.Conv2d(inputs, outputs, side, padding=side // 2, padding_mode=padding_mode)
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    nn.init.zeros_(layer.bias)
    return layer


def in_float32(layer: nn.Module, x: Tensor) -> Tensor:
    """A layer that computes in float32 whatever the rest does: bfloat16 does not hold 256 gray levels."""
    with torch.autocast(x.device.type, enabled=False):
        return layer(x.float() if x.dtype == torch.bfloat16 else x)


class BatchNorm(nn.BatchNorm2d):
    """(N, 64, h, w) -> the same, normalised with these statistics.

    batch: those of each batch while it trains, their moving average later (Ioffe, Szegedy 2015). fixed: mean
    0 and variance 1 throughout, so that it scales and shifts alone: statistics of four pictures are a noise,
    and what is normalised has lost its contrast (Lim et al., EDSR, CVPR Workshops 2017, section 3.1).
    """

    def __init__(self, statistics: Statistics) -> None:
        super().__init__(64)
        self.fixed = statistics == "fixed"

    def train(self, mode: bool = True) -> "BatchNorm":
        return super().train(mode and not self.fixed)


class ResidualBlock(nn.Module):
    """SRGAN's block: x + BN(conv(PReLU(BN(conv(x))))), (N, 64, h, w) -> the same."""

    def __init__(self, statistics: Statistics = "batch") -> None:
        super().__init__()
        first, second = BatchNorm(statistics), BatchNorm(statistics)
        self.body = nn.Sequential(conv(64, 64, 3), first, nn.PReLU(64), conv(64, 64, 3), second)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


def sub_pixel(inputs: int, padding_mode: str = "zeros", times: int = 2) -> nn.Sequential:
    """SRGAN's up-sampling: conv k3n256s1, pixel shuffle x2, PReLU; (N, inputs, h, w) -> (N, 64, 2h, 2w).

    Or `times` in place of 2, with as many filters as that takes. ICNR (Aitken et al. 2017): the filters
    that fill a cell start equal, so that no checkerboard is there to be unlearnt.
    """
    cell = times**2
    layer = conv(inputs, 64 * cell, 3, padding_mode)
    with torch.no_grad():
        layer.weight.copy_(layer.weight[::cell].repeat_interleave(cell, 0))
    return nn.Sequential(layer, nn.PixelShuffle(times), nn.PReLU(64))
