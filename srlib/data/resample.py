"""HR pictures and the LR variants that the models take as input.

All resampling is Pillow's, with antialiasing when it shrinks, on 8-bit gray: what a user would get
from any image tool, and what the next stage reads from disk.
"""

import numpy as np
from PIL import Image

# LR variant -> the resampling steps from HR, as (numerator, denominator) of the side length.
VARIANTS = {
    "down4": [(1, 4)],
    "down4_up2": [(1, 4), (2, 1)],
    "down4_up4": [(1, 4), (4, 1)],
}


def variant_scale(variant: str) -> int:
    """HR side divided by the side of this LR variant: 4, 2 or 1."""
    scale = 1.0
    for numerator, denominator in VARIANTS[variant]:
        scale *= denominator / numerator
    return int(scale)


def resize(pixels: np.ndarray, height: int, width: int, filter: int = Image.Resampling.BICUBIC) -> np.ndarray:
    """Resample uint8 gray (H, W) to (height, width)."""
    return np.asarray(Image.fromarray(pixels).resize((width, height), filter))


def degrade(hr: np.ndarray, variant: str) -> np.ndarray:
    """LR variant of an HR picture: uint8 (H, W) -> uint8 (H / scale, W / scale), bicubic.

    The sides of `hr` must be multiples of 4, so that SR and HR have the same size.
    """
    pixels = hr
    for numerator, denominator in VARIANTS[variant]:
        height, width = pixels.shape
        pixels = resize(pixels, height * numerator // denominator, width * numerator // denominator)
    return pixels
