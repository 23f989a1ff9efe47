"""The best linear filters from LR to HR, fitted in closed form to the training pictures of a run.

What a network must beat to be worth its training: one fixed filter per phase of the SR grid.
"""

from collections.abc import Iterable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def least_squares_filters(
    pairs: Iterable[tuple[np.ndarray, np.ndarray]], scale: int, side: int, ridge: float = 1e-6
) -> np.ndarray:
    """Filter bank that minimises the square error of SR: float64 (scale * scale, side, side).

    pairs: LR (h, w) and HR (scale h, scale w) pictures of any range, one after the other; side: odd.
    Filter `scale * py + px` gives the SR pixel (scale i + py, scale j + px) from the LR pixels around
    (i, j), the border replicated. Its taps sum to 1, so that flat regions keep their gray level:
    neighbours enter as differences from the central pixel, whose tap is what is left of the 1.

    Normal equations A W = B in float64, (A + ridge * mean(diag A) * I) W = B.
    """
    taps, phases, centre = side * side, scale * scale, side * side // 2
    moments, products = np.zeros((taps, taps)), np.zeros((taps, phases))
    for lr, hr in pairs:
        differences, targets = _differences(lr, side), _phases(hr, scale)
        targets -= lr.reshape(-1, 1)
        moments += differences.T @ differences
        products += differences.T @ targets
    mean = moments.trace() / (taps - 1)
    others = np.arange(taps) != centre
    system = moments[np.ix_(others, others)] + (ridge * mean if mean else 1) * np.eye(taps - 1)
    filters = np.zeros((phases, taps))
    filters[:, others] = np.linalg.solve(system, products[others]).T
    filters[:, centre] = 1 - filters.sum(1)
    return filters.reshape(phases, side, side)


def _differences(lr: np.ndarray, side: int) -> np.ndarray:
    """Differences of each pixel's neighbourhood from the pixel itself: float64 (h w, side side)."""
    padded = np.pad(lr.astype(np.float64), side // 2, mode="edge")
    windows = sliding_window_view(padded, (side, side)).reshape(lr.size, side * side)
    return windows - lr.reshape(-1, 1)


def _phases(hr: np.ndarray, scale: int) -> np.ndarray:
    """The SR pixels that belong to each LR pixel: float64 (h w, scale scale)."""
    height, width = hr.shape[0] // scale, hr.shape[1] // scale
    cells = hr.astype(np.float64).reshape(height, scale, width, scale)
    return cells.transpose(0, 2, 1, 3).reshape(height * width, scale * scale)
