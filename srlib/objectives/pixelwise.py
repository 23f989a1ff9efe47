"""A generator alone, held to HR by a loss of pixels."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from srlib.training.data import Batch
    from srlib.training.learner import Learner


class Pixelwise:
    """Descend loss(sr, hr)."""

    terms = ("loss", "gradient_norm")

    def __init__(self, generator: Learner, loss: Callable[[Tensor, Tensor], Tensor]) -> None:
        self.learners, self.loss = {"generator": generator}, loss

    def step(self, batch: Batch) -> Tensor:
        """Learn from a batch; returns the terms, float32 (2,)."""
        generator = self.learners["generator"]
        loss = self.loss(generator(batch.lr), batch.hr)
        return torch.stack([loss.detach(), generator.descend(loss)])
