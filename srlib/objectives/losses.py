"""SRGAN's losses, each a mean over the batch; pictures are (N, 1, H, W), about [0, 1]."""

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional as F

Features = Callable[[Tensor], Tensor]


def content_loss(features: Features, sr: Tensor, hr_features: Tensor) -> Tensor:
    """SRGAN's l_X: mean square distance of SR's features from HR's.

    SRGAN's equation 5 divides by the W x H of the feature map alone; here, as in SRGAN's factor
    1/12.75 ("comparable to the MSE loss"), the channels are averaged too.
    """
    return F.mse_loss(features(sr), hr_features)


def adversarial_loss(fake: Tensor) -> Tensor:
    """SRGAN's equation 6, -log D(G(LR)), from the discriminator's logits."""
    return F.softplus(-fake).mean()


def checkerboard_loss(sr: Tensor, hr: Tensor, cell: int) -> Tensor:
    """How much lighter SR is than HR at each place in a cell of cell x cell pixels, squared and summed.

    Than on the whole, that is, and in the mean over all cells of the batch, in the [-1, 1] of SRGAN's HR.
    See srlib.evaluation.checkerboard.
    """
    error = 2 * (sr - hr)
    height, width = (size - size % cell for size in error.shape[2:])
    cells = error[..., :height, :width].unflatten(3, (-1, cell)).unflatten(2, (-1, cell))
    offsets = cells.mean((0, 1, 2, 4))  # (cell, cell)
    return (offsets - offsets.mean()).square().sum()


def discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """SRGAN's equation 2 for the discriminator, -log D(HR) - log(1 - D(G(LR))), from logits."""
    return F.softplus(-real).mean() + F.softplus(fake).mean()
