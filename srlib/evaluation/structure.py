"""Metrics of structure in small windows. See `metrics` for what all metrics have in common.

Two of them need the same maps of a pair of pictures, and are asked for one after the other: the maps of
the last pair are kept.
"""

from functools import lru_cache

import numpy as np

from srlib.evaluation.fidelity import PEAK

# Wang et al. 2004: Gaussian window, sigma 1.5, cut at 11 x 11; C1 = (0.01 L)^2, C2 = (0.03 L)^2.
SSIM_SIGMA, SSIM_WINDOW = 1.5, 11
C1, C2 = (0.01 * PEAK) ** 2, (0.03 * PEAK) ** 2
# Wang et al. 2003, section 3.2: exponents of the five scales, finest first.
SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
MS_SSIM_SIDE = (SSIM_WINDOW - 1) * 2 ** (len(SCALE_WEIGHTS) - 1) + 1  # the window fits its coarsest scale
UQI_WINDOW = 8


def ssim(sr: np.ndarray, hr: np.ndarray) -> float:
    """Structural similarity of Wang et al. 2004 (Gaussian window, valid part), at most 1."""
    luminance, contrast_structure = _finest_ssim_maps(*_known_by(sr, hr))
    return float(np.mean(luminance * contrast_structure))


def ms_ssim(sr: np.ndarray, hr: np.ndarray) -> float:
    """Multi-scale structural similarity of Wang et al. 2003, eq. 7, five scales, in [0, 1].

    Contrast and structure at the four finer scales, the whole SSIM at the coarsest. A negative mean
    at one scale counts as 0: a fractional power of it is not a number.
    """
    x, y = sr.astype(np.float64), hr.astype(np.float64)
    luminance, contrast_structure = _finest_ssim_maps(*_known_by(sr, hr))
    score = max(np.mean(contrast_structure), 0.0) ** SCALE_WEIGHTS[0]
    for weight in SCALE_WEIGHTS[1:]:
        x, y = _halve(x), _halve(y)
        luminance, contrast_structure = _ssim_maps(x, y)
        coarsest = weight is SCALE_WEIGHTS[-1]
        value = np.mean(luminance * contrast_structure if coarsest else contrast_structure)
        score *= max(value, 0.0) ** weight
    return float(score)


def _known_by(sr: np.ndarray, hr: np.ndarray) -> tuple[tuple[int, ...], bytes, bytes]:
    """A pair of uint8 pictures as a key."""
    return hr.shape, sr.tobytes(), hr.tobytes()


def _pair(shape: tuple[int, ...], sr: bytes, hr: bytes) -> tuple[np.ndarray, np.ndarray]:
    return np.frombuffer(sr, np.uint8).reshape(shape), np.frombuffer(hr, np.uint8).reshape(shape)


@lru_cache(maxsize=1)
def _finest_ssim_maps(shape: tuple[int, ...], sr: bytes, hr: bytes) -> tuple[np.ndarray, np.ndarray]:
    x, y = _pair(shape, sr, hr)
    return _ssim_maps(x.astype(np.float64), y.astype(np.float64))


def _ssim_maps(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Luminance and contrast-structure terms of SSIM at each valid window."""
    mean_x, mean_y = _window_mean(x), _window_mean(y)
    products, squares = mean_x * mean_y, mean_x**2 + mean_y**2
    covariance, variances = _window_mean(x * y) - products, _window_mean(x * x + y * y) - squares
    return (2 * products + C1) / (squares + C1), (2 * covariance + C2) / (variances + C2)


def _window_mean(image: np.ndarray) -> np.ndarray:
    from scipy.ndimage import gaussian_filter  # here: who only wants a metric's name need not wait for it

    radius = SSIM_WINDOW // 2
    return gaussian_filter(image, SSIM_SIGMA, radius=radius)[radius:-radius, radius:-radius]


def _halve(image: np.ndarray) -> np.ndarray:
    """Mean of 2 x 2 blocks; an odd last row or column is repeated, as in the authors' code."""
    height, width = image.shape
    image = np.pad(image, ((0, height % 2), (0, width % 2)), mode="edge")
    return (image[::2, ::2] + image[1::2, ::2] + image[::2, 1::2] + image[1::2, 1::2]) / 4


def uqi(sr: np.ndarray, hr: np.ndarray) -> float:
    """Universal image quality index of Wang & Bovik 2002 (8 x 8 windows, stride 1), in [-1, 1].

    Mean over the windows of 4 s_xy m_x m_y / ((s_x^2 + s_y^2)(m_x^2 + m_y^2)). Where both windows
    are flat only the luminance factor 2 m_x m_y / (m_x^2 + m_y^2) is left; two black ones score 1.
    """
    return float(np.mean(_uqi_map(*_moments(*_known_by(sr, hr)), count=UQI_WINDOW**2)))


def uqi_sewar(sr: np.ndarray, hr: np.ndarray) -> float:
    """What the package sewar (0.4) calls UQI. Not the index: for comparison with the paper only.

    The formula wants the sums over each window; sewar puts the means there, still multiplied by the
    window's 64 pixels, so that the means all but vanish against the second moments and nearly every
    picture scores 0.99. sewar also leaves out the last row and column of windows.
    """
    means = [moment[:-1, :-1] / UQI_WINDOW**2 for moment in _moments(*_known_by(sr, hr))]
    return float(np.mean(_uqi_map(*means, count=UQI_WINDOW**2)))


def _uqi_map(
    x: np.ndarray, y: np.ndarray, xx: np.ndarray, yy: np.ndarray, xy: np.ndarray, count: int
) -> np.ndarray:
    """UQI at each window from the window sums of x, y, x^2, y^2 and xy over `count` pixels."""
    luminance = _ratio(2 * x * y, x**2 + y**2)
    contrast_structure = _ratio(2 * (count * xy - x * y), count * (xx + yy) - x**2 - y**2)
    return luminance * contrast_structure


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Element by element; 0 / 0 is 1, perfect agreement."""
    return np.divide(numerator, denominator, out=np.ones(numerator.shape), where=denominator != 0)


@lru_cache(maxsize=1)
def _moments(shape: tuple[int, ...], sr: bytes, hr: bytes) -> list[np.ndarray]:
    """Sums of x, y, x^2, y^2, xy over each valid 8 x 8 window: exact, so that flat means flat."""
    x, y = (picture.astype(np.int64) for picture in _pair(shape, sr, hr))
    return [_window_sum(values) for values in (x, y, x * x, y * y, x * y)]


def _window_sum(values: np.ndarray) -> np.ndarray:
    total = np.pad(values.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    n = UQI_WINDOW
    return total[n:, n:] - total[:-n, n:] - total[n:, :-n] + total[:-n, :-n]
