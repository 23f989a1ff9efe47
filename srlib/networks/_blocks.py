"""Layers that the networks share, as they start where nothing else is asked for (srlib.networks.starts)."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def conv(
    inputs: int, outputs: int, side: int, padding_mode: str = "zeros", kind: type[nn.Conv2d] = nn.Conv2d
) -> nn.Conv2d:
    """Convolution that keeps the picture's size; weights as PyTorch starts them, biases 0.

    0.41 times as large as He et al.'s: Muon's steps have one size, so that smaller weights learn sooner.
    """
    layer = kind(inputs, outputs, side, padding=side // 2, padding_mode=padding_mode)
    nn.init.zeros_(layer.bias)
    return layer


def default_conv(inputs: int, outputs: int, padding_mode: str = "zeros") -> nn.Conv2d:
    """3x3, weights and biases as PyTorch starts them, which the authors of EDSR and RLFN leave so."""
    return nn.Conv2d(inputs, outputs, 3, padding=1, padding_mode=padding_mode)


def he_conv(inputs: int, outputs: int, side: int, padding_mode: str = "zeros") -> nn.Conv2d:
    """The same, but as He et al. 2015 start it, so that the signal stays as strong through many of them."""
    layer = conv(inputs, outputs, side, padding_mode)
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    return layer


def in_float32(layer: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """A layer that computes in float32 whatever the rest does: bfloat16 does not hold 256 gray levels."""
    with torch.autocast(x.device.type, enabled=False):
        return layer(x.float() if x.dtype == torch.bfloat16 else x)


class Output(nn.Conv2d):
    """A convolution that takes the first of its features, nearly the picture as networks start, in float32.

    All of it `in_float32` is no better, and half of a training step's time more.
    """

    def forward(self, x: Tensor) -> Tensor:
        first = torch.arange(self.in_channels, device=x.device)[:, None, None] == 0
        convolve = partial(F.conv2d, padding=self.padding)
        picture = partial(convolve, weight=self.weight[:, :1], bias=self.bias)
        return in_float32(picture, x[:, :1]) + convolve(x, self.weight.where(~first, 0))


class ResidualBlock(nn.Module):
    """SRGAN's block: x + BN(conv(PReLU(BN(conv(x))))), (N, 64, h, w) -> the same."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            conv(64, 64, 3), nn.BatchNorm2d(64), nn.PReLU(64), conv(64, 64, 3), nn.BatchNorm2d(64)
        )

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
