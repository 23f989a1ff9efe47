"""VDSR: Kim, Lee, Lee, "Accurate Image Super-Resolution Using Very Deep Convolutional Networks", CVPR 2016.

20 convolutions of 3x3 learn the residual HR - interpolated LR. Zero padding, He initialisation.
"""

from torch import Tensor, nn

from srlib.networks._blocks import check_init, conv

SCALE = 1
RECEPTIVE_FIELD = 41
SIZE_MULTIPLE = 1
TRAINED = True


class VDSR(nn.Module):
    """(N, 1, H, W) bicubically enlarged, in [0, 1] -> (N, 1, H, W).

    init: `interpolation` starts with a zero last layer, hence from the interpolated picture;
    `random` is He et al. in all layers, as in the paper.
    """

    def __init__(self, init: str = "interpolation") -> None:
        super().__init__()
        check_init(init)
        layers = [conv(1, 64, 3), nn.ReLU(inplace=True)]
        for _ in range(18):
            layers += [conv(64, 64, 3), nn.ReLU(inplace=True)]
        self.residual = nn.Sequential(*layers, conv(64, 1, 3))
        if init == "interpolation":
            nn.init.zeros_(self.residual[-1].weight)

    def forward(self, lr: Tensor) -> Tensor:
        return lr + self.residual(lr)


build = VDSR
