"""The new method's generator at bicubic interpolation."""

import torch
from torch import nn

from srlib.networks.starts.taps import bicubic_taps, close


@torch.no_grad()
def interpolate(network: nn.Module) -> None:
    """Bicubic x2, within about a gray level, through the fixed sharpening and both tanhs."""
    _head_undoes_sharpening(network)
    _up_interpolates(network)
    _tail_undoes_tanh(network)
    close(network.deep[-1])
    for block in network.blocks:
        close(block.body[-1])


def _head_undoes_sharpening(network: nn.Module) -> None:
    """Each filter's share of the features averages to LR - 1/2, blurred by the inverse of s."""
    head, slopes = network.head
    target = (_inverse_sharpening(9) / 3).expand(3, 3, 9, 9).flatten(1)
    share = network.sharpening.share
    weight = head.weight.flatten(1)
    weight += torch.linalg.pinv(share) @ (target - share @ weight)  # the nearest that averages so
    head.weight.copy_(weight.view_as(head.weight))
    head.bias.fill_(-0.5)
    slopes.weight.fill_(1)


def _up_interpolates(network: nn.Module) -> None:
    """Bicubic x2 needs 4 LR samples a side where the 3x3 filters see 3: the tail fetches the fourth.

    Along one axis: part 0 is what an SR pixel takes from its own three samples; part 1 stands in
    odd pixels, for the even pixel to their right; part 2 in even pixels, for the odd one to their
    left. In the plane: channels (part of y, part of x), read by the tail at those offsets.
    """
    taps = bicubic_taps(2)
    parts = torch.zeros(3, 2, 3)  # part, phase, LR sample i-1 ... i+1
    parts[0] = taps[:, 1:4]
    parts[1, 1, 0] = taps[0, 0]
    parts[2, 0, 2] = taps[1, 4]
    read_at = (1, 0, 2)  # column of the tail's 3x3 kernel: centre, left, right

    (up, _, slopes), tail = network.up, network.tail[0]
    up.weight[:36] = torch.einsum("api,bqj->abpqij", parts, parts).reshape(36, 1, 3, 3) / 3
    slopes.weight[:9] = 1
    tail.weight.zero_()
    for channel in range(9):
        tail.weight[:, channel, read_at[channel // 3], read_at[channel % 3]] = 1


def _tail_undoes_tanh(network: nn.Module) -> None:
    """The 16 PReLU features, as hinges, draw tanh(y - 1/2) -> atanh(2 y - 1), odd, as 8 + 8 chords."""
    steps = torch.linspace(1, 0, 9)
    y = 0.99 * (1 - steps**2) / 2  # less 1/2; dense where the curve bends
    slopes = torch.diff(torch.atanh(2 * y)) / torch.diff(torch.tanh(y))
    bends = torch.diff(slopes, prepend=torch.zeros(1))
    features, prelu, out = network.tail
    features.weight[8:] *= -1
    features.bias.copy_(-torch.tanh(y[:-1]).repeat(2))
    prelu.weight.zero_()
    out.weight.zero_()
    out.weight[:, :, 2, 2] = torch.cat([bends, -bends])


def _inverse_sharpening(side: int, period: int = 64) -> torch.Tensor:
    """Blur kernel (side, side) that the sharpening undoes: 1 / (5 - 2 cos u - 2 cos v), cut, sum 1."""
    cosine = 2 * torch.cos(2 * torch.pi * torch.arange(period) / period)
    blur = torch.fft.ifft2(1 / (5 - cosine[:, None] - cosine)).real
    blur = torch.fft.fftshift(blur)[period // 2 - side // 2 :, period // 2 - side // 2 :][:side, :side]
    return blur / blur.sum()
