"""What the starts are made of."""

from typing import Any

import torch
from torch import Tensor, nn


def close(norm: nn.Module) -> None:
    """Let a residual branch that ends in this BatchNorm start at zero."""
    nn.init.zeros_(norm.weight)


def hold(parameter: nn.Parameter, where: Any) -> None:
    """Let these elements of a parameter stay as they are: their gradient is zero.

    Adam moves every weight by about its learning rate whatever its gradient, so weights that hold an
    exact filter walk away from it; a gradient of zero from the first step on is no step.
    """
    free = torch.ones_like(parameter)
    free[where] = 0
    parameter.register_hook(lambda gradient: gradient * free.to(gradient))


def in_shuffled_order(scale: int, times: int) -> list[int]:
    """Which phase each output channel gives, in the convolution before the first pixel shuffle, by `times`.

    Its channel (qy, qx) holds, at the shuffle's place (py, px), the SR pixel of the phase (rest py + qy,
    rest px + qx), where `rest` is what is left for a second shuffle, whose convolution only sorts them: 2 at
    x4, 1 where there is no second one.
    """
    rest = scale // times
    order = []
    for row in range(scale**2):
        (qy, qx), (py, px) = divmod(row // times**2, rest), divmod(row % times**2, times)
        order.append(scale * (rest * py + qy) + rest * px + qx)
    return order


def bicubic_taps(scale: int) -> Tensor:
    """Bicubic (Keys, a = -1/2) weights of the LR samples i-2 ... i+2 in the SR samples scale * i + phase.

    Returns (scale, 5): one row per phase. The kernel and the half-pixel alignment are Pillow's.
    """
    phase = torch.arange(scale).view(-1, 1)
    d = (torch.arange(-2, 3) - ((phase + 0.5) / scale - 0.5)).abs()
    near = 1.5 * d**3 - 2.5 * d**2 + 1
    far = -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2
    return torch.where(d < 1, near, torch.where(d < 2, far, torch.zeros(())))
