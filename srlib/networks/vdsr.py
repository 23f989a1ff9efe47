"""VDSR: Kim, Lee, Lee, "Accurate Image Super-Resolution Using Very Deep Convolutional Networks", CVPR 2016.

20 convolutions of 3x3 learn the residual HR - interpolated LR. Zero padding, He initialisation.
"""

from collections.abc import Collection
from functools import partial
from typing import Literal

from torch import Tensor, nn

from srlib.networks._blocks import he_conv, in_float32
from srlib.networks.starts.vdsr import REPLICATED, begin_at_filters, hold_filters

SCALE = 1
RECEPTIVE_FIELD = 41
SIZE_MULTIPLE = 1
TRAINED = True
INIT_STAYS = True  # which layers pad by replication


class VDSR(nn.Module):
    """(N, 1, H, W) bicubically enlarged, in [0, 1] -> (N, 1, H, W).

    All layers start as He et al. 2015, the last one too. replicated: layers, from 0, that pad by replication.
    """

    def __init__(self, replicated: Collection[int] = ()) -> None:
        super().__init__()
        padding = ["replicate" if layer in replicated else "zeros" for layer in range(20)]
        layers = [he_conv(1, 64, 3, padding[0]), nn.ReLU(inplace=True)]
        for layer in range(1, 19):
            layers += [he_conv(64, 64, 3, padding[layer]), nn.ReLU(inplace=True)]
        self.residual = nn.Sequential(*layers, he_conv(64, 1, 3, padding[19]))

    def forward(self, lr: Tensor) -> Tensor:
        return lr + self.residual[1:](in_float32(self.residual[0], lr))


def build(init: Literal["linear", "random"] = "random") -> VDSR:
    """The network; init: see `srlib.networks.starts`. With `linear` some layers pad by replication."""
    if init == "random":
        return VDSR()
    network = VDSR(REPLICATED)
    network.start = partial(begin_at_filters, network)
    network.hold = partial(hold_filters, network)
    return network
