"""The new generator of "Single Image Super-resolution for Chest X-ray Images": residual blocks of SRGAN,
then the convolutions of VDSR, a fixed sharpening layer, and one up-sampling.

The layers stand in the paper's order. Left open by the paper and decided here: the residual blocks
are SRGAN's; the skip adds the first features; PReLU has one slope per channel; layers at the picture's
border (first, sharpening, up-sampling) pad by replication, the others with zeros; how 64 features
become the 3 filters of the sharpening layer (class Sharpening).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srlib.errors import InputError
from srlib.networks._blocks import ResidualBlock, bicubic_taps, check_init, close, conv, sub_pixel

SCALE = 2
RECEPTIVE_FIELD = 89
SIZE_MULTIPLE = 1
TRAINED = True


class Sharpening(nn.Module):
    """Fixed sharpening: (N, 64, h, w) -> (N, 3, h, w), before the tanh. Nothing here is trained or saved.

    The kernel is the usual 4-neighbour one,  s = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]  (sum 1).
    Filter k averages its share of the 64 features and sharpens the average:
    out_k = s * (1 / |G_k|) sum of x_c over c in G_k.

    reading: `groups`: G_k = {c : c mod 3 = k}, three different filters;
    `mean`: G_k = all 64 features, the paper's words with the fewest assumptions, but then the three
    filters give three times the same picture.
    """

    def __init__(self, reading: str = "groups") -> None:
        super().__init__()
        if reading not in ("groups", "mean"):
            raise InputError(f"arguments.sharpening: '{reading}' is unknown; choose groups or mean")
        channel, filters = torch.arange(64), torch.arange(3)
        member = channel % 3 == filters[:, None] if reading == "groups" else torch.ones(3, 64)
        share = member / member.sum(1, keepdim=True)  # (3, 64), rows sum to 1
        kernel = torch.tensor([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]])
        self.register_buffer("share", share, persistent=False)
        self.register_buffer("filters", share[:, :, None, None] * kernel, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(F.pad(x, (1, 1, 1, 1), "replicate"), self.filters)


class Hybrid(nn.Module):
    """(N, 1, h, w) in [0, 1] -> (N, 1, 2h, 2w) in [0, 1].

    Inside, the paper's three channels: the gray input is replicated, the three outputs (tanh, in
    [-1, 1]) are averaged. sharpening: see `Sharpening`. init: see `_blocks`.
    """

    def __init__(self, sharpening: str = "groups", init: str = "interpolation") -> None:
        super().__init__()
        check_init(init)
        self.head = nn.Sequential(conv(3, 64, 9, "replicate"), nn.PReLU(64))
        self.blocks = nn.Sequential(*(ResidualBlock() for _ in range(8)))
        deep = [layer for _ in range(20) for layer in (conv(64, 64, 3), nn.PReLU(64))]
        self.deep = nn.Sequential(*deep, nn.BatchNorm2d(64))
        self.sharpening = Sharpening(sharpening)
        self.up = sub_pixel(3, "replicate")
        self.tail = nn.Sequential(conv(64, 16, 3), nn.PReLU(16), conv(16, 3, 5))
        if init == "interpolation":
            self._start_at_interpolation()

    def forward(self, lr: Tensor) -> Tensor:
        first = self.head(lr.expand(-1, 3, -1, -1))  # (N, 64, h, w)
        features = first + self.deep(self.blocks(first))  # (N, 64, h, w)
        sharp = torch.tanh(self.sharpening(features))  # (N, 3, h, w)
        sr = torch.tanh(self.tail(self.up(sharp)))  # (N, 3, 2h, 2w) in [-1, 1]
        return (sr.mean(1, keepdim=True) + 1) / 2

    @torch.no_grad()
    def _start_at_interpolation(self) -> None:
        """Bicubic x2, within about a gray level, through the fixed sharpening and both tanhs."""
        self._head_undoes_sharpening()
        self._up_interpolates()
        self._tail_undoes_tanh()
        close(self.deep[-1])
        for block in self.blocks:
            close(block.body[-1])

    def _head_undoes_sharpening(self) -> None:
        """Each filter's share of the features averages to LR - 1/2, blurred by the inverse of s."""
        head, slopes = self.head
        target = (_inverse_sharpening(9) / 3).expand(3, 3, 9, 9).flatten(1)
        share = self.sharpening.share
        weight = head.weight.flatten(1)
        weight += torch.linalg.pinv(share) @ (target - share @ weight)  # the nearest that averages so
        head.weight.copy_(weight.view_as(head.weight))
        head.bias.fill_(-0.5)
        slopes.weight.fill_(1)

    def _up_interpolates(self) -> None:
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

        (up, _, slopes), tail = self.up, self.tail[0]
        up.weight[:36] = torch.einsum("api,bqj->abpqij", parts, parts).reshape(36, 1, 3, 3) / 3
        slopes.weight[:9] = 1
        tail.weight.zero_()
        for channel in range(9):
            tail.weight[:, channel, read_at[channel // 3], read_at[channel % 3]] = 1

    def _tail_undoes_tanh(self) -> None:
        """The 16 PReLU features, as hinges, draw tanh(y - 1/2) -> atanh(2 y - 1), odd, as 8 + 8 chords."""
        steps = torch.linspace(1, 0, 9)
        y = 0.99 * (1 - steps**2) / 2  # less 1/2; dense where the curve bends
        slopes = torch.diff(torch.atanh(2 * y)) / torch.diff(torch.tanh(y))
        bends = torch.diff(slopes, prepend=torch.zeros(1))
        features, prelu, out = self.tail
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


build = Hybrid
