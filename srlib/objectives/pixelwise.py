"""A generator alone, held to HR by a loss of pixels."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from srlib.training.graph import replayed

if TYPE_CHECKING:
    from srlib.training.data import Batch
    from srlib.training.learner import Learner


class Pixelwise:
    """Descend loss(sr, hr)."""

    terms = ("loss", "gradient_norm")

    def __init__(self, generator: Learner, loss: Callable[[Tensor, Tensor], Tensor]) -> None:
        self.learners, self.loss = {"generator": generator}, loss
        self._learn = replayed(self._descend, generator.device)

    def step(self, batch: Batch) -> Tensor:
        """Learn from a batch; returns the terms, float32 (2,)."""
        terms = self._learn(batch.lr, batch.hr)
        self.learners["generator"].advance()
        return terms

    def _descend(self, lr: Tensor, hr: Tensor) -> Tensor:
        generator = self.learners["generator"]
        loss = self.loss(generator(lr), hr)
        return torch.stack([loss.detach(), generator.descend(loss)])
