"""The new method's generator at bicubic interpolation, or near the best linear filters."""

from collections.abc import Callable, Iterable

import numpy as np
import torch
from scipy.ndimage import correlate
from torch import Tensor, nn

from srlib.errors import InputError
from srlib.networks.filters import least_squares_filters
from srlib.networks.starts.taps import bicubic_taps, close, hold

SMALL = 0.1  # gray levels times this pass the waist's tanh, which bends them by a tenth of a level at most


@torch.no_grad()
def begin_at_filters(network: nn.Module, pairs: Iterable[tuple[np.ndarray, np.ndarray]]) -> None:
    """Nearly the least-squares filters of these LR and HR pictures, in weights for `hold_filters`.

    The waist has three pictures for the four phases (py, px): their mean, half their difference along x
    and along y. What that leaves out, half the difference of the differences, is small. The
    filters see the sharpened LR picture, so the fixed sharpening behind them is part of them.

    Raises InputError where the sharpening gives three times the same picture.
    """
    share = network.sharpening.share
    if torch.equal(share[0], share[1]):
        raise InputError(
            "arguments: {sharpening: mean, init: linear}: the filters need the three pictures that `groups` "
            "gives; take init: interpolation"
        )
    kernel = network.sharpening.kernel.cpu().numpy()
    sharpened = ((correlate(lr.astype(float), kernel, mode="nearest"), hr) for lr, hr in pairs)
    phases = torch.from_numpy(least_squares_filters(sharpened, 2, 9)).float().view(2, 2, 9, 9)
    along_y, along_x = phases.mean(1), phases.mean(0)
    waist = [phases.mean((0, 1)), (along_x[1] - along_x[0]) / 2, (along_y[1] - along_y[0]) / 2]
    _head_averages_to(network, SMALL * torch.stack(waist), SMALL * torch.tensor([-0.5, 0, 0]))

    up, _, slopes = network.up
    up.weight[:4] = 0
    for phase, (sign_y, sign_x) in enumerate([(-1, -1), (-1, 1), (1, -1), (1, 1)]):
        up.weight[phase, :, 1, 1] = torch.tensor([1.0, sign_x, sign_y]) / SMALL
    slopes.weight[0] = 1
    network.tail[0].weight.zero_()
    network.tail[0].weight[:, 0, 1, 1] = 1
    _tail_draws_atanh(network, lambda y: y)
    _close_branches(network)


def hold_filters(network: nn.Module) -> None:
    """Let the weights that give the filters stay as they are."""
    up, _, slopes = network.up
    features, bends, out = network.tail
    hold(network.head[0].weight, slice(None))
    hold(network.head[0].bias, slice(None))
    hold(network.head[1].weight, slice(None))
    hold(up.weight, slice(4))
    hold(up.bias, slice(4))
    hold(slopes.weight, slice(1))
    hold(features.weight, (slice(None), 0))
    hold(features.bias, slice(None))
    hold(bends.weight, slice(None))
    hold(out.weight, (slice(None), slice(None), 2, 2))


@torch.no_grad()
def interpolate(network: nn.Module) -> None:
    """Bicubic x2, within about a gray level, through the fixed sharpening and both tanhs."""
    blurred = _inverse(network.sharpening.kernel, 9).expand(3, 9, 9)
    _head_averages_to(network, blurred, torch.full((3,), -0.5))
    _up_interpolates(network)
    _tail_draws_atanh(network, torch.tanh)
    _close_branches(network)


def _head_averages_to(network: nn.Module, filters: Tensor, biases: Tensor) -> None:
    """The features that sharpening filter k averages give filters[k] * LR + biases[k]; filters (3, 9, 9)."""
    head, slopes = network.head
    target = (filters / 3)[:, None].expand(3, 3, 9, 9).flatten(1)
    share = network.sharpening.share
    weight = head.weight.flatten(1)
    weight += torch.linalg.pinv(share) @ (target - share @ weight)  # the nearest that averages so
    head.weight.copy_(weight.view_as(head.weight))
    head.bias.copy_(torch.linalg.pinv(share) @ biases)
    slopes.weight.fill_(1)


def _close_branches(network: nn.Module) -> None:
    close(network.deep[-1])
    for block in network.blocks:
        close(block.body[-1])


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


def _tail_draws_atanh(network: nn.Module, waist: Callable[[Tensor], Tensor]) -> None:
    """The 16 PReLU features, as hinges, draw waist(y - 1/2) -> atanh(2 y - 1), odd, as 8 + 8 chords."""
    steps = torch.linspace(1, 0, 9)
    y = 0.99 * (1 - steps**2) / 2  # less 1/2; dense where the curve bends
    slopes = torch.diff(torch.atanh(2 * y)) / torch.diff(waist(y))
    bends = torch.diff(slopes, prepend=torch.zeros(1))
    features, prelu, out = network.tail
    features.weight[8:] *= -1
    features.bias.copy_(-waist(y[:-1]).repeat(2))
    prelu.weight.zero_()
    out.weight.zero_()
    out.weight[:, :, 2, 2] = torch.cat([bends, -bends])


def _inverse(kernel: Tensor, side: int, period: int = 64) -> Tensor:
    """Blur (side, side) that the symmetric 3x3 kernel undoes: 1 over its spectrum, cut, sum 1."""
    spectrum = torch.fft.fft2(kernel.double().cpu(), (period, period)).abs()
    blur = torch.fft.fftshift(torch.fft.ifft2(1 / spectrum).real)
    cut = slice(period // 2 - side // 2, period // 2 - side // 2 + side)
    return (blur[cut, cut] / blur[cut, cut].sum()).float()
