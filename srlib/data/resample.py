"""Resampling: Pillow's, with antialiasing when it shrinks, on 8-bit gray.

It is what a user would get from any image tool, and what the next stage reads from disk.
"""

import numpy as np
from PIL import Image


def resize(pixels: np.ndarray, height: int, width: int, filter: int = Image.Resampling.BICUBIC) -> np.ndarray:
    """Resample uint8 gray (H, W) to (height, width)."""
    return np.asarray(Image.fromarray(pixels).resize((width, height), filter))
