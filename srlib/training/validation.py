"""What training is told of pictures that it does not learn from."""

import numpy as np
from torch import nn

from srlib.inference import eight_bit, restore


def psnr(network: nn.Module, lr: np.ndarray, hr: np.ndarray, when: str, precision: str = "float32") -> float:
    """Mean PSNR in dB of the 8-bit SR pictures: lr (N, h, w) and hr (N, H, W), uint8.

    The network is in training mode afterwards. Raises InputError, saying when, for SR that is not finite.
    """
    network.eval()
    errors = []
    for number, (small, large) in enumerate(zip(lr, hr, strict=True), 1):
        sr = eight_bit(restore(network, small, precision=precision), f"validation picture {number}, {when}")
        errors.append(np.mean(np.square(sr.astype(np.float64) - large)))
    network.train()
    # Not scikit-image's, which takes a second to import.
    with np.errstate(divide="ignore"):
        return float(np.mean(10 * np.log10(255**2 / np.array(errors))))
