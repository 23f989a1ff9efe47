"""Gray pictures with all the bits of their file, before they become the 8-bit ones of the workflow."""

from typing import NamedTuple

import numpy as np

NARROW = 1 / 8  # of the range from black to white; 12 bits in a 16-bit file have half of this


class Gray(NamedTuple):
    """A decoded picture.

    levels: unsigned integers of shape (H, W), at most 16 bits; share: float64, what each level shows, from
    0 for black to 1 for white. The share comes from what the file says of its range, never from its
    brightest pixel.
    """

    levels: np.ndarray
    share: np.ndarray


def linear(levels: np.ndarray, bits: int) -> Gray:
    """A picture whose levels rise evenly from black at 0 to white at the largest number of its bits."""
    return Gray(levels, np.arange(2**bits) / (2**bits - 1))


def to_8bit(picture: Gray) -> np.ndarray:
    """The picture in 8 bits: uint8 of shape (H, W), rounded to the nearest."""
    return np.rint(255 * picture.share).astype(np.uint8)[picture.levels]
