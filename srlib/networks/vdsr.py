"""VDSR: Kim, Lee, Lee, "Accurate Image Super-Resolution Using Very Deep Convolutional Networks", CVPR 2016.

20 convolutions of 3x3 learn the residual HR - interpolated LR. Zero padding, He initialisation.
"""

from torch import Tensor, nn

from srlib.networks._blocks import conv, in_float32

SCALE = 1
RECEPTIVE_FIELD = 41
SIZE_MULTIPLE = 1
TRAINED = True


class VDSR(nn.Module):
    """(N, 1, H, W) bicubically enlarged, in [0, 1] -> (N, 1, H, W).

    All layers start as He et al. 2015, the last one too.
    """

    def __init__(self) -> None:
        super().__init__()
        layers = [conv(1, 64, 3), nn.ReLU(inplace=True)]
        for _ in range(18):
            layers += [conv(64, 64, 3), nn.ReLU(inplace=True)]
        self.residual = nn.Sequential(*layers, conv(64, 1, 3))

    def forward(self, lr: Tensor) -> Tensor:
        return lr + self.residual[1:](in_float32(self.residual[0], lr))


def build() -> VDSR:
    """The network."""
    return VDSR()
