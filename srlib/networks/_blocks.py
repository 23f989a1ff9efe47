"""Parts that the residual generators share, and the start from which they learn.

A generator with `init="interpolation"` begins as bicubic interpolation, so that its training steps
go into what interpolation lacks. `init="random"` is the papers' start (He et al. 2015 for the
convolutions, ICNR for those before a pixel shuffle).
"""

import torch
from torch import Tensor, nn

from srlib.errors import InputError

INITS = ("interpolation", "random")


def check_init(init: str) -> None:
    """Raise InputError unless `init` is one of INITS."""
    if init not in INITS:
        raise InputError(f"arguments.init: '{init}' is unknown; choose one of {', '.join(INITS)}")


def conv(inputs: int, outputs: int, side: int, padding_mode: str = "zeros") -> nn.Conv2d:
    """Convolution that keeps the picture's size; He-initialised, biases 0."""
    layer = nn.Conv2d(inputs, outputs, side, padding=side // 2, padding_mode=padding_mode)
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    nn.init.zeros_(layer.bias)
    return layer


class ResidualBlock(nn.Module):
    """SRGAN's block: x + BN(conv(PReLU(BN(conv(x))))), (N, 64, h, w) -> the same."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            conv(64, 64, 3), nn.BatchNorm2d(64), nn.PReLU(64), conv(64, 64, 3), nn.BatchNorm2d(64)
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


def close(norm: nn.Module) -> None:
    """Let a residual branch that ends in this BatchNorm start at zero."""
    nn.init.zeros_(norm.weight)


def sub_pixel(inputs: int, padding_mode: str = "zeros") -> nn.Sequential:
    """SRGAN's up-sampling: conv k3n256s1, pixel shuffle x2, PReLU; (N, inputs, h, w) -> (N, 64, 2h, 2w).

    ICNR (Aitken et al. 2017): the four filters that fill a 2 x 2 cell start equal, so that no
    checkerboard is there to be unlearnt.
    """
    layer = conv(inputs, 256, 3, padding_mode)
    with torch.no_grad():
        layer.weight.copy_(layer.weight[::4].repeat_interleave(4, 0))
    return nn.Sequential(layer, nn.PixelShuffle(2), nn.PReLU(64))


def bicubic_taps(scale: int) -> Tensor:
    """Bicubic (Keys, a = -1/2) weights of the LR samples i-2 ... i+2 in the SR samples scale * i + phase.

    Returns (scale, 5): one row per phase. The kernel and the half-pixel alignment are Pillow's.
    """
    phase = torch.arange(scale).view(-1, 1)
    d = (torch.arange(-2, 3) - ((phase + 0.5) / scale - 0.5)).abs()
    near = 1.5 * d**3 - 2.5 * d**2 + 1
    far = -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2
    return torch.where(d < 1, near, torch.where(d < 2, far, torch.zeros(())))
