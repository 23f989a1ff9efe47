"""The papers' objectives, each a mean over the batch; pictures are (N, 1, H, W), about [0, 1]."""

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional as F

Features = Callable[[Tensor], Tensor]


def residual_loss(sr: Tensor, hr: Tensor) -> Tensor:
    """VDSR's 1/2 ||r - f(x)||^2 = 1/2 ||HR - SR||^2 (its section 3.2), as a mean over pixels.

    VDSR gives no normalisation; its learning rate of 0.1 belongs to the sum. The mean keeps learning
    rates and clipping independent of crop and batch size.
    """
    return F.mse_loss(sr, hr) / 2


def pixels(picture: Tensor) -> Tensor:
    """SRGAN-MSE's features: the pixels themselves, in the [-1, 1] of SRGAN's HR."""
    return 2 * picture - 1


def content_loss(features: Features, sr: Tensor, hr_features: Tensor) -> Tensor:
    """SRGAN's l_X: mean square distance of SR's features from HR's.

    SRGAN's equation 5 divides by the W x H of the feature map alone; here, as in SRGAN's factor
    1/12.75 ("comparable to the MSE loss"), the channels are averaged too.
    """
    return F.mse_loss(features(sr), hr_features)


def adversarial_loss(fake: Tensor) -> Tensor:
    """SRGAN's equation 6, -log D(G(LR)), from the discriminator's logits."""
    return F.softplus(-fake).mean()


def discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """SRGAN's equation 2 for the discriminator, -log D(HR) - log(1 - D(G(LR))), from logits."""
    return F.softplus(-real).mean() + F.softplus(fake).mean()
