"""EDSR's objective: |HR - SR|, mean over pixels (Lim et al., CVPR Workshops 2017, section 4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

    from srlib.training.task import Objective, Task

SETTINGS = {}


def caption(settings: dict[str, Any]) -> str:
    """Its words in a table's caption."""
    return "L1 loss"


def loss(sr: Tensor, hr: Tensor) -> Tensor:
    """Mean absolute error; SR and HR are (N, 1, H, W)."""
    from torch.nn import functional as F

    return F.l1_loss(sr, hr)


def build(task: Task) -> Objective:
    """Descend the loss."""
    from srlib.objectives.pixelwise import Pixelwise

    return Pixelwise(task.generator(), loss)
