"""Metrics of how near the pixels are, in dB. See `metrics` for what all metrics have in common."""

import math

import numpy as np

from srlib.data.resample import resize

PEAK = 255.0


def psnr(sr: np.ndarray, hr: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB, 10 log10(255^2 / MSE); infinite for identical pictures."""
    mse = np.mean((sr.astype(np.float64) - hr) ** 2)
    return math.inf if mse == 0 else float(10 * np.log10(PEAK**2 / mse))


def lr_psnr(sr: np.ndarray, hr: np.ndarray, scale: int) -> float:
    """LR consistency: PSNR in dB between SR and HR, both shrunk `scale` times by bicubic interpolation.

    Does the restoration still explain what was measured? The sides must be multiples of `scale`.
    """
    height, width = hr.shape[0] // scale, hr.shape[1] // scale
    return psnr(resize(sr, height, width), resize(hr, height, width))
