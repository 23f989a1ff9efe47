"""SRGAN's generator (SRResNet): Ledig et al., "Photo-Realistic Single Image Super-Resolution Using a
Generative Adversarial Network", CVPR 2017.

Left open by the paper and decided here: PReLU has one slope per channel (He et al. 2015); the first
convolution pads by replication, the others with zeros.
"""

import torch
from torch import Tensor, nn

from srlib.networks._blocks import ResidualBlock, bicubic_taps, check_init, close, conv, sub_pixel

SCALE = 4
RECEPTIVE_FIELD = 81
SIZE_MULTIPLE = 1
TRAINED = True


class SRGAN(nn.Module):
    """(N, 1, h, w) in [0, 1] -> (N, 1, 4h, 4w) about [0, 1].

    Inside, the paper's three channels: the gray input is replicated, and the three outputs, which
    live in [-1, 1] as the paper's HR does, are averaged. init: see `_blocks`.
    """

    def __init__(self, init: str = "interpolation") -> None:
        super().__init__()
        check_init(init)
        self.head = nn.Sequential(conv(3, 64, 9, "replicate"), nn.PReLU(64))
        self.blocks = nn.Sequential(*(ResidualBlock() for _ in range(16)))
        self.trunk = nn.Sequential(conv(64, 64, 3), nn.BatchNorm2d(64))
        self.up = nn.Sequential(sub_pixel(64), sub_pixel(64))
        self.tail = conv(64, 3, 9)
        if init == "interpolation":
            self._start_at_interpolation()

    def forward(self, lr: Tensor) -> Tensor:
        first = self.head(lr.expand(-1, 3, -1, -1))  # (N, 64, h, w)
        features = first + self.trunk(self.blocks(first))  # (N, 64, h, w)
        sr = self.tail(self.up(features))  # (N, 3, 4h, 4w) in [-1, 1]
        return (sr.mean(1, keepdim=True) + 1) / 2

    @torch.no_grad()
    def _start_at_interpolation(self) -> None:
        """Bicubic x4 in closed form; the channels that it does not need keep their random start.

        Head channels 0..24 carry the LR picture shifted by (dy, dx), dy, dx = -2..2. The first
        sub-pixel block's channel (qy, qx) holds, at its phase (py, px), the bicubic SR pixel of the
        phase (2 py + qy, 2 px + qx); the second block only sorts them; the tail maps to [-1, 1].
        """
        taps = bicubic_taps(4)
        head, slopes = self.head
        head.weight[:25] = 0
        for channel in range(25):
            head.weight[channel, :, 2 + channel // 5, 2 + channel % 5] = 1 / 3
        slopes.weight[:25] = 1

        (first, _, first_slopes), (second, _, second_slopes) = self.up
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

        self.tail.weight.zero_()
        self.tail.weight[:, 0, 4, 4] = 2
        self.tail.bias.fill_(-1)

        close(self.trunk[-1])
        for block in self.blocks:
            close(block.body[-1])


build = SRGAN
