"""Metrics that follow the eye more closely. See `metrics` for what all metrics have in common.

The package piq has both, but imports torch, which takes longer than scoring; tests hold both to it.
"""

import math

import numpy as np

# Reisenhofer et al. 2018, section 3: found there by fitting to what people see.
HAARPSI_C, HAARPSI_ALPHA = 30.0, 4.2
GMSD_C = 170.0  # Xue et al. 2014, section IV


def haarpsi(sr: np.ndarray, hr: np.ndarray) -> float:
    """Haar wavelet-based perceptual similarity index of Reisenhofer et al. 2018, eqs. 8 to 11, in (0, 1].

    How alike the two finer of three scales are, weighted by the coarsest, of pictures halved once.
    """
    if np.array_equal(sr, hr):  # two black pictures have no weights
        return 1.0
    x, y = _halve(sr), _halve(hr)
    total = weights = 0.0
    for turned_x, turned_y in ((x, y), (x.T, y.T)):
        fine = [(_haar(turned_x, side), _haar(turned_y, side)) for side in (2, 4)]
        similarity = sum(_similarity(a, b, HAARPSI_C) for a, b in fine) / len(fine)
        weight = np.maximum(_haar(turned_x, 8), _haar(turned_y, 8))
        total += np.sum(weight / (1 + np.exp(-HAARPSI_ALPHA * similarity)))
        weights += np.sum(weight)
    score = total / weights
    return float((math.log(score / (1 - score)) / HAARPSI_ALPHA) ** 2)


def gmsd(sr: np.ndarray, hr: np.ndarray) -> float:
    """Gradient magnitude similarity deviation of Xue et al. 2014, eqs. 1 to 5, of pictures halved once."""
    return float(np.std(_similarity(_gradient(_halve(sr)), _gradient(_halve(hr)), GMSD_C)))


def _similarity(x: np.ndarray, y: np.ndarray, c: float) -> np.ndarray:
    return (2 * x * y + c) / (x**2 + y**2 + c)


def _halve(image: np.ndarray) -> np.ndarray:
    """Mean of 2 x 2 blocks; an odd last row or column has black beside it, as in the authors' code."""
    height, width = image.shape
    image = np.pad(image.astype(np.float64), ((0, height % 2), (0, width % 2)))
    return (image[::2, ::2] + image[1::2, ::2] + image[::2, 1::2] + image[1::2, 1::2]) / 4


def _haar(image: np.ndarray, side: int) -> np.ndarray:
    """Magnitude of the Haar wavelet of this side that sees horizontal edges; black around the picture."""
    half = side // 2
    padded = np.pad(image, ((half - 1, half), (half - 1, half)))
    total = np.pad(padded.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    rows = total[:, side:] - total[:, :-side]  # sums over `side` columns and all rows above
    upper, lower = rows[half:-half] - rows[:-side], rows[side:] - rows[half:-half]
    return np.abs(upper - lower) / side


def _gradient(image: np.ndarray) -> np.ndarray:
    """Magnitude of the Prewitt gradient; black around the picture."""
    x = np.pad(image, 1)
    columns = (x[:, 2:] - x[:, :-2]) / 3
    rows = (x[2:] - x[:-2]) / 3
    return np.hypot(columns[:-2] + columns[1:-1] + columns[2:], rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:])
