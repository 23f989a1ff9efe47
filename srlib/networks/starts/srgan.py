"""SRGAN's generator at bicubic interpolation."""

import torch
from torch import nn

from srlib.networks.starts.taps import bicubic_taps, close


@torch.no_grad()
def interpolate(network: nn.Module) -> None:
    """Bicubic in closed form; the channels that it does not need keep their random start.

    Head channels 0..24 carry the LR picture shifted by (dy, dx), dy, dx = -2..2. The first sub-pixel
    block's channel (qy, qx) holds, at its phase (py, px), the bicubic SR pixel of the phase
    (rest py + qy, rest px + qx), where `rest` is what is left for a second block, which only sorts
    them: 2 at x4, 1 where there is no second one. The tail maps to [-1, 1].
    """
    head, slopes = network.head
    head.weight[:25] = 0
    for channel in range(25):
        head.weight[channel, :, 2 + channel // 5, 2 + channel % 5] = 1 / 3
    slopes.weight[:25] = 1

    for layer, _, _ in network.up:
        layer.weight *= 0.1  # Adam's first steps are as large for a feature that says nothing yet
    _up_interpolates(*network.up)

    network.tail.weight.zero_()
    network.tail.weight[:, 0, 4, 4] = 2
    network.tail.bias.fill_(-1)

    close(network.trunk[-1])
    for block in network.blocks:
        close(block.body[-1])


def _up_interpolates(first_block: nn.Sequential, second_block: nn.Sequential | None = None) -> None:
    first, shuffle, slopes = first_block
    times, rest = shuffle.upscale_factor, 2 if second_block else 1
    taps = bicubic_taps(times * rest)
    for row in range((times * rest) ** 2):  # channel (qy, qx), phase (py, px), in pixel shuffle's order
        (qy, qx), (py, px) = divmod(row // times**2, rest), divmod(row % times**2, times)
        first.weight[row] = 0
        first.weight[row, :25, 1, 1] = torch.outer(taps[rest * py + qy], taps[rest * px + qx]).flatten()
    slopes.weight[: rest**2] = 1
    if second_block:
        second, _, slopes = second_block
        second.weight[:4] = 0
        second.weight[range(4), range(4), 1, 1] = 1
        slopes.weight[0] = 1
