"""How near an SR picture is to its HR picture: one function per metric, on 8-bit gray arrays.

Every function takes `sr` and `hr`, uint8 of the same shape (H, W), and returns one float.
InputError if the shapes differ or the pictures are smaller than the metric's window. Larger is
better, but for GMSD.
"""

import math

import numpy as np
from scipy.ndimage import gaussian_filter
from skimage.metrics import structural_similarity

from srlib.data.resample import degrade
from srlib.errors import InputError

PEAK = 255.0
# Wang et al. 2004: Gaussian window, sigma 1.5, cut at 11 x 11; C1 = (0.01 L)^2, C2 = (0.03 L)^2.
SSIM_SIGMA, SSIM_WINDOW = 1.5, 11
C1, C2 = (0.01 * PEAK) ** 2, (0.03 * PEAK) ** 2
# Wang et al. 2003, section 3.2: exponents of the five scales, finest first.
SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
UQI_WINDOW = 8
HAARPSI_WINDOW = 16  # of its coarsest Haar wavelet, with the halving before
GMSD_WINDOW = 6  # of the Prewitt filter, likewise


def psnr(sr: np.ndarray, hr: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB, 10 log10(255^2 / MSE); infinite for identical pictures."""
    _check(sr, hr, 1, "PSNR")
    mse = np.mean((sr.astype(np.float64) - hr) ** 2)
    return math.inf if mse == 0 else float(10 * np.log10(PEAK**2 / mse))


def ssim(sr: np.ndarray, hr: np.ndarray) -> float:
    """Structural similarity of Wang et al. 2004 (Gaussian window, valid part), at most 1."""
    _check(sr, hr, SSIM_WINDOW, "SSIM")
    return float(
        structural_similarity(
            sr, hr, gaussian_weights=True, sigma=SSIM_SIGMA, use_sample_covariance=False, data_range=PEAK
        )
    )


def ms_ssim(sr: np.ndarray, hr: np.ndarray) -> float:
    """Multi-scale structural similarity of Wang et al. 2003, eq. 7, five scales, in [0, 1].

    Contrast and structure at the four finer scales, the whole SSIM at the coarsest. A negative mean
    at one scale counts as 0: a fractional power of it is not a number.
    """
    _check(sr, hr, (SSIM_WINDOW - 1) * 2 ** (len(SCALE_WEIGHTS) - 1) + 1, "MS-SSIM")
    x, y = sr.astype(np.float64), hr.astype(np.float64)
    score = 1.0
    for scale, weight in enumerate(SCALE_WEIGHTS, start=1):
        luminance, contrast_structure = _ssim_maps(x, y)
        coarsest = scale == len(SCALE_WEIGHTS)
        value = np.mean(luminance * contrast_structure if coarsest else contrast_structure)
        score *= max(value, 0.0) ** weight
        x, y = _halve(x), _halve(y)
    return float(score)


def _ssim_maps(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Luminance and contrast-structure terms of SSIM at each valid window."""
    mean_x, mean_y = _window_mean(x), _window_mean(y)
    variance_x = _window_mean(x * x) - mean_x**2
    variance_y = _window_mean(y * y) - mean_y**2
    covariance = _window_mean(x * y) - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + C1) / (mean_x**2 + mean_y**2 + C1)
    return luminance, (2 * covariance + C2) / (variance_x + variance_y + C2)


def _window_mean(image: np.ndarray) -> np.ndarray:
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
    _check(sr, hr, UQI_WINDOW, "UQI")
    x, y = sr.astype(np.int64), hr.astype(np.int64)
    return float(np.mean(_uqi_map(*_moments(x, y), count=UQI_WINDOW**2)))


def uqi_sewar(sr: np.ndarray, hr: np.ndarray) -> float:
    """What the package sewar (0.4) calls UQI. Not the index: for comparison with the paper only.

    The formula wants the sums over each window; sewar puts the means there, still multiplied by the
    window's 64 pixels, so that the means all but vanish against the second moments and nearly every
    picture scores 0.99. sewar also leaves out the last row and column of windows.
    """
    _check(sr, hr, UQI_WINDOW + 1, "UQI (sewar)")
    x, y = sr.astype(np.int64), hr.astype(np.int64)
    means = [moment[:-1, :-1] / UQI_WINDOW**2 for moment in _moments(x, y)]
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


def _moments(x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Sums of x, y, x^2, y^2, xy over each valid 8 x 8 window: exact, so that flat means flat."""
    return [_window_sum(values) for values in (x, y, x * x, y * y, x * y)]


def _window_sum(values: np.ndarray) -> np.ndarray:
    total = np.pad(values.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    n = UQI_WINDOW
    return total[n:, n:] - total[:-n, n:] - total[n:, :-n] + total[:-n, :-n]


def haarpsi(sr: np.ndarray, hr: np.ndarray) -> float:
    """Haar wavelet-based perceptual similarity index of Reisenhofer et al. 2018, through piq; in (0, 1]."""
    import piq  # brings torch with it: only who asks for this metric waits for that

    _check(sr, hr, HAARPSI_WINDOW, "HaarPSI")
    if np.array_equal(sr, hr):  # on two black pictures piq divides by zero
        return 1.0
    return piq.haarpsi(_tensor(sr), _tensor(hr), data_range=PEAK).item()


def gmsd(sr: np.ndarray, hr: np.ndarray) -> float:
    """Gradient magnitude similarity deviation of Xue et al. 2014, through piq; 0 is best."""
    import piq

    _check(sr, hr, GMSD_WINDOW, "GMSD")
    return piq.gmsd(_tensor(sr), _tensor(hr), data_range=PEAK).item()


def _tensor(image: np.ndarray) -> "torch.Tensor":  # noqa: F821 - see above
    import torch

    return torch.tensor(image, dtype=torch.float32)[None, None]  # (1, 1, H, W)


def lr_psnr(sr: np.ndarray, hr: np.ndarray) -> float:
    """LR consistency: PSNR in dB between the down-sampled SR and the LR picture (`down4` of both).

    Does the restoration still explain what was measured? The sides must be multiples of 4.
    """
    return psnr(degrade(sr, "down4"), degrade(hr, "down4"))


def _check(sr: np.ndarray, hr: np.ndarray, side: int, metric: str) -> None:
    if sr.shape != hr.shape:
        raise InputError(f"{metric}: SR is {sr.shape} and HR {hr.shape} pixels; infer again at HR size")
    if min(sr.shape) < side:
        raise InputError(
            f"{metric}: pictures of {sr.shape[0]} x {sr.shape[1]} pixels are too small; "
            f"it needs {side} on each side (config key dataset.size)"
        )
