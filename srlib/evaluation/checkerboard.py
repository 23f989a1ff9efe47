"""The checkerboard that sub-pixel convolutions and a discriminator's strides can leave in SR pictures.

Odena, Dumoulin, Olah, "Deconvolution and Checkerboard Artifacts", Distill 2016.
"""

import numpy as np


def phase_offsets(sr: np.ndarray, hr: np.ndarray, scale: int) -> np.ndarray:
    """How much lighter SR is than HR at each place in a cell of scale x scale pixels than it is on the whole.

    sr, hr: (H, W) in gray levels, H and W multiples of `scale`. Returns (scale, scale) gray levels, whose
    mean is 0; a picture without a checkerboard has about zeros.
    """
    error = sr.astype(float) - hr
    cells = error.reshape(len(sr) // scale, scale, -1, scale).mean((0, 2))
    return cells - cells.mean()
