"""The best linear filters from LR to HR, fitted in closed form to the training pictures of a run.

What a network must beat to be worth its training: one fixed filter per phase of the SR grid.
"""

from collections.abc import Callable, Iterable

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
    (filters,) = least_squares_of_classes(pairs, lambda lr: np.zeros(lr.size, int), 1, scale, side, ridge)
    return filters


def least_squares_of_classes(
    pairs: Iterable[tuple[np.ndarray, np.ndarray]],
    classes: Callable[[np.ndarray], np.ndarray],
    count: int,
    scale: int,
    side: int,
    ridge: float,
) -> np.ndarray:
    """`least_squares_filters` for each class of LR pixels: float64 (count, scale * scale, side, side).

    classes: the class of each pixel of an LR picture, int (h w) in 0 ... count - 1. The ridge of all classes
    together holds each one's filters to those of all, so that a class of few pixels has these.
    """
    taps, phases, centre = side * side, scale * scale, side * side // 2
    others = np.arange(taps) != centre
    moments, products = np.zeros((count, taps - 1, taps - 1)), np.zeros((count, taps - 1, phases))
    for lr, hr in pairs:
        differences, targets = _differences(lr, side), _phases(hr, scale) - lr.reshape(-1, 1)
        members = classes(lr)
        for number in np.unique(members):
            chosen = members == number if count > 1 else slice(None)
            moments[number] += differences[chosen].T @ differences[chosen]
            products[number] += differences[chosen].T @ targets[chosen]
    mean = moments.trace(axis1=1, axis2=2).sum() / (taps - 1)
    held = (ridge * mean if mean else 1) * np.eye(taps - 1)
    of_all = np.linalg.solve(moments.sum(0) + held, products.sum(0))  # (taps - 1, phases)
    if count > 1:
        of_all = of_all + np.linalg.solve(moments + held, products - moments @ of_all)
    filters = np.zeros((count, phases, taps))
    filters[..., others] = of_all.reshape(count, taps - 1, phases).transpose(0, 2, 1)
    filters[..., centre] = 1 - filters.sum(2)
    return filters.reshape(count, phases, side, side)


def _differences(lr: np.ndarray, side: int) -> np.ndarray:
    """Differences of each pixel's neighbours from the pixel itself: float64 (h w, side side - 1)."""
    padded = np.pad(lr.astype(np.float64), side // 2, mode="edge")
    windows = sliding_window_view(padded, (side, side)).reshape(lr.size, side * side)
    differences = np.delete(windows, side * side // 2, axis=1)
    differences -= lr.reshape(-1, 1)
    return differences


def _phases(hr: np.ndarray, scale: int) -> np.ndarray:
    """The SR pixels that belong to each LR pixel: float64 (h w, scale scale)."""
    height, width = hr.shape[0] // scale, hr.shape[1] // scale
    cells = hr.astype(np.float64).reshape(height, scale, width, scale)
    return cells.transpose(0, 2, 1, 3).reshape(height * width, scale * scale)
