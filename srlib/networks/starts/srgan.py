"""SRGAN's generator at bicubic interpolation, or at the best linear filters of its training pictures."""

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor, nn

from srlib.networks.filters import least_squares_filters
from srlib.networks.starts.taps import bicubic_taps, close, hold, in_shuffled_order

MIDDLE_GRAY = 0.5  # is taken from the picture on its way: bfloat16 is finer about zero


@torch.no_grad()
def begin_at_filters(network: nn.Module, pairs: Iterable[tuple[np.ndarray, np.ndarray]]) -> None:
    """The least-squares filters of these LR and HR pictures, exactly, in weights for `hold_filters`.

    Head channel scale py + px gives the SR pixels of the phase (py, px). All that these do not need is
    free to learn what they lack: residual branches and the tail's other inputs start at zero, the rest
    as the papers have it.
    """
    (head, slopes), scale = network.head, _scale(network)
    filters = least_squares_filters(pairs, scale, head.kernel_size[0])
    head.weight[: scale**2] = torch.from_numpy(filters).to(head.weight)[:, None] / 3
    head.bias[: scale**2] = -MIDDLE_GRAY
    slopes.weight[: scale**2] = 1
    _make_phases(network, torch.eye(scale**2))


def hold_filters(network: nn.Module) -> None:
    """Let the weights that give the filters stay as they are."""
    scale = _scale(network)
    first, *others = network.up
    _hold(network.head, scale**2, scale**2)
    _hold((first[0], first[2]), scale**2, scale**2 // first[1].upscale_factor ** 2)
    for block in others:
        _hold((block[0], block[2]), block[1].upscale_factor ** 2, 1)
    hold(network.tail.weight, (slice(None), 0))


@torch.no_grad()
def interpolate(network: nn.Module) -> None:
    """Bicubic in closed form; the channels that it does not need keep their random start.

    Head channels 0..24 carry the LR picture shifted by (dy, dx), dy, dx = -2..2.
    """
    head, slopes = network.head
    head.weight[:25] = 0
    for channel in range(25):
        head.weight[channel, :, 2 + channel // 5, 2 + channel % 5] = 1 / 3
    head.bias[:25] = -MIDDLE_GRAY
    slopes.weight[:25] = 1
    for layer, _, _ in network.up:
        layer.weight *= 0.1  # Adam's first steps are as large for a feature that says nothing yet
    taps = bicubic_taps(_scale(network))
    _make_phases(network, torch.stack([torch.outer(y, x).flatten() for y in taps for x in taps]))


def _scale(network: nn.Module) -> int:
    return int(np.prod([shuffle.upscale_factor for _, shuffle, _ in network.up]))


def _make_phases(network: nn.Module, phases: Tensor) -> None:
    """Head to SR: phases (scale * scale, C) says what each phase takes of the head's first C channels.

    The tail maps what has no middle gray to [-1, 1]; the residual branches are zero.
    """
    (first, shuffle, slopes), *others = network.up
    scale, times = _scale(network), shuffle.upscale_factor
    first.weight[: scale**2] = 0
    first.weight[: scale**2, : phases.shape[1], 1, 1] = phases[in_shuffled_order(scale, times)]
    slopes.weight[: (scale // times) ** 2] = 1
    for layer, shuffle, slopes in others:
        channels = shuffle.upscale_factor**2
        layer.weight[:channels] = 0
        layer.weight[range(channels), range(channels), 1, 1] = 1
        slopes.weight[0] = 1
    network.tail.weight.zero_()
    network.tail.weight[:, 0, 4, 4] = 2
    close(network.trunk[-1])
    for block in network.blocks:
        close(block.body[-1])


def _hold(layers: Iterable[nn.Module], filters: int, slopes: int) -> None:
    """Hold the first filters of a convolution with their biases, and the first slopes of its PReLU."""
    convolution, prelu = layers
    hold(convolution.weight, slice(filters))
    hold(convolution.bias, slice(filters))
    hold(prelu.weight, slice(slopes))
