"""SRGAN's generator at bicubic interpolation."""

import torch
from torch import nn

from srlib.networks.starts.taps import bicubic_taps, close


@torch.no_grad()
def interpolate(network: nn.Module) -> None:
    """Bicubic x4 in closed form; the channels that it does not need keep their random start.

    Head channels 0..24 carry the LR picture shifted by (dy, dx), dy, dx = -2..2. The first
    sub-pixel block's channel (qy, qx) holds, at its phase (py, px), the bicubic SR pixel of the
    phase (2 py + qy, 2 px + qx); the second block only sorts them; the tail maps to [-1, 1].
    """
    taps = bicubic_taps(4)
    head, slopes = network.head
    head.weight[:25] = 0
    for channel in range(25):
        head.weight[channel, :, 2 + channel // 5, 2 + channel % 5] = 1 / 3
    slopes.weight[:25] = 1

    (first, _, first_slopes), (second, _, second_slopes) = network.up
    first.weight *= 0.1  # Adam's first steps are as large for a feature that says nothing yet
    first.weight[:16] = 0
    second.weight *= 0.1
    second.weight[:4] = 0
    for row in range(16):  # channel (qy, qx), phase (py, px), in pixel shuffle's order
        qy, qx, py, px = row >> 3 & 1, row >> 2 & 1, row >> 1 & 1, row & 1
        first.weight[row, :25, 1, 1] = torch.outer(taps[2 * py + qy], taps[2 * px + qx]).flatten()
    second.weight[range(4), range(4), 1, 1] = 1
    first_slopes.weight[:4] = 1
    second_slopes.weight[0] = 1

    network.tail.weight.zero_()
    network.tail.weight[:, 0, 4, 4] = 2
    network.tail.bias.fill_(-1)

    close(network.trunk[-1])
    for block in network.blocks:
        close(block.body[-1])
