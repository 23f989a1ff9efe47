"""VDSR's objective: 1/2 ||r - f(x)||^2 = 1/2 ||HR - SR||^2 (Kim, Lee, Lee, CVPR 2016, section 3.2).

VDSR gives no normalisation; its learning rate of 0.1 belongs to the sum. The mean over pixels keeps
learning rates and clipping independent of crop and batch size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

    from srlib.training.task import Objective, Task

SETTINGS = {}


def caption(settings: dict[str, Any]) -> str:
    """Its words in a table's caption."""
    return "pixel loss"


def loss(sr: Tensor, hr: Tensor) -> Tensor:
    """Half the mean square error; SR and HR are (N, 1, H, W)."""
    from torch.nn import functional as F

    return F.mse_loss(sr, hr) / 2


def build(task: Task) -> Objective:
    """Descend the loss."""
    from srlib.objectives.pixelwise import Pixelwise

    return Pixelwise(task.generator(), loss)
