"""SRGAN's losses, each a mean over the batch; pictures are (N, 1, H, W), about [0, 1]."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

Features = Callable[[Tensor], Tensor]

WINDOW = 32  # pixels: side of the windows of a spectrum


def content_loss(features: Features, sr: Tensor, hr_features: Tensor) -> Tensor:
    """SRGAN's l_X: mean square distance of SR's features from HR's.

    SRGAN's equation 5 divides by the W x H of the feature map alone; here, as in SRGAN's factor
    1/12.75 ("comparable to the MSE loss"), the channels are averaged too.
    """
    return F.mse_loss(features(sr), hr_features)


def adversarial_loss(fake: Tensor) -> Tensor:
    """SRGAN's equation 6, -log D(G(LR)), from the discriminator's logits."""
    return F.softplus(-fake).mean()


def spectrum_loss(sr: Tensor, hr: Tensor) -> Tensor:
    """By how much SR's log-power is above HR's, in the mean over all frequencies; 0 where it is below.

    After the spectral regularisation of Durall et al., "Watch your Up-Convolution" (CVPR 2020), but in
    windows, so that a pattern counts wherever it is and whichever way round; in two dimensions, since
    stripes and checkerboards are peaks there; and one-sided: what SR lacks is the discriminator's concern.
    Of each window the logarithm, or a few bright edges would outweigh all else, with the power of rounding
    to 8 bit added.
    """
    side = min(WINDOW, *hr.shape[2:])
    hann = torch.hann_window(side, device=hr.device)
    window = hann[:, None] * hann
    rounding = window.square().sum() / 12 / 255**2

    def log_power(pictures: Tensor) -> Tensor:
        windows = pictures.unfold(2, side, -(-side // 2)).unfold(3, side, -(-side // 2)) * window
        power = torch.view_as_real(torch.fft.rfft2(windows)).square().sum(-1)
        return (power + rounding).log().mean((0, 1, 2, 3))  # (side, side // 2 + 1)

    return (log_power(sr) - log_power(hr)).relu().mean()


def discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """SRGAN's equation 2 for the discriminator, -log D(HR) - log(1 - D(G(LR))), from logits."""
    return F.softplus(-real).mean() + F.softplus(fake).mean()
