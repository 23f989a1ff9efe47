"""SRGAN's generator (SRResNet): Ledig et al., "Photo-Realistic Single Image Super-Resolution Using a
Generative Adversarial Network", CVPR 2017.

Left open by the paper and decided here: PReLU has one slope per channel (He et al. 2015); the first
convolution pads by replication, the others with zeros.
"""

from functools import partial
from typing import Literal

from torch import Tensor, nn

from srlib.networks._blocks import Output, ResidualBlock, conv, in_float32, sub_pixel
from srlib.networks.starts.srgan import begin_at_filters, hold_filters, interpolate

SCALE = None  # 2, 3 or 4: the argument `scale`
RECEPTIVE_FIELD = 81
SIZE_MULTIPLE = 1
TRAINED = True


class SRGAN(nn.Module):
    """(N, 1, h, w) in [0, 1] -> (N, 1, scale h, scale w) about [0, 1].

    Inside, the paper's three channels: the gray input is replicated, and the three outputs, which
    live in [-1, 1] as the paper's HR does, are averaged. x4 is two sub-pixel blocks, as in the paper.
    """

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.head = nn.Sequential(conv(3, 64, 9, "replicate"), nn.PReLU(64))
        self.blocks = nn.Sequential(*(ResidualBlock() for _ in range(16)))
        self.trunk = nn.Sequential(conv(64, 64, 3), nn.BatchNorm2d(64))
        self.up = nn.Sequential(
            *(sub_pixel(64, times=times) for times in ([2, 2] if scale == 4 else [scale]))
        )
        self.tail = conv(64, 3, 9, kind=Output)

    def forward(self, lr: Tensor) -> Tensor:
        first = in_float32(self.head, lr.expand(-1, 3, -1, -1))  # (N, 64, h, w)
        features = first + self.trunk(self.blocks(first))  # (N, 64, h, w)
        sr = self.tail(self.up(features))  # (N, 3, scale h, scale w) in [-1, 1]
        return (sr.mean(1, keepdim=True) + 1) / 2


def build(
    scale: Literal[2, 3, 4], init: Literal["linear", "interpolation", "random"] = "interpolation"
) -> SRGAN:
    """The generator; init: see `srlib.networks.starts`."""
    network = SRGAN(scale)
    if init == "interpolation":
        interpolate(network)
    if init == "linear":
        network.start = partial(begin_at_filters, network)
        network.hold = partial(hold_filters, network)
    return network
