"""Least squares, solved in closed form from all training pictures: no steps, no optimizer, no chance.

For networks that are linear in what they learn; they have a function `solve(pairs, ridge)`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from torch import nn

# ridge: added to the diagonal of the normal equations, as a share of its mean. Patches of few, flat pictures
# do not span all taps; on 300 X-rays this changes PSNR by less than 1e-5 dB.
SETTINGS = {"ridge": {"type": "number", "exclusiveMinimum": 0, "default": 1e-6}}


def caption(settings: dict[str, Any]) -> str:
    """Its words in a table's caption."""
    return f"least squares in closed form (ridge {settings['ridge']:g})"


def fit(network: nn.Module, pairs: Iterable[tuple[np.ndarray, np.ndarray]], settings: dict[str, Any]) -> None:
    """Solve for the network's weights, given uint8 LR (h, w) and HR (H, W) pictures."""
    network.solve(pairs, settings["ridge"])
