"""HR pictures into LR pictures, and the LR variants that the models take.

The order is that of an image chain: the optics blur, the detector samples and counts photons, its
electronics add noise, the archive compresses. Every variant of a picture is made from the one LR picture.
"""

import hashlib
import io
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from srlib.data.convert import converted
from srlib.data.images import Picture, encode_png, write_files
from srlib.data.resample import resize
from srlib.data.variants import shrinkage
from srlib.specs.degradation import Degradation

WHITE = 255


def degrade_split(
    hr: str | Path, variant: str, how: Degradation, manifest: str | Path, threads: int = 1
) -> None:
    """Write one LR variant of all the pictures of an HR manifest."""

    def lr(picture: Picture) -> tuple[str, str, bytes]:
        name, patient, pixels = picture
        return name, patient, encode_png(lr_variant(pixels, variant, how, name))

    write_files(converted(hr, lr, threads), manifest)


def lr_variant(hr: np.ndarray, variant: str, how: Degradation, name: str = "") -> np.ndarray:
    """LR variant of an HR picture: uint8 (H, W) -> uint8 (H / shrinkage, W / shrinkage).

    name: the picture's; its noise follows from it and the seed alone. The sides of `hr` must be multiples
    of `variants.multiple`, so that SR and HR have the same size.
    """
    lr, shrink = degrade(hr, how, name), shrinkage(variant, how.scale)
    height, width = hr.shape[0] // shrink, hr.shape[1] // shrink
    return lr if lr.shape == (height, width) else resize(lr, height, width)


def degrade(hr: np.ndarray, how: Degradation, name: str = "") -> np.ndarray:
    """LR picture of an HR picture: uint8 (H, W) -> uint8 (H / scale, W / scale)."""
    blurred = _blurred(hr, how.blur) if how.blur else hr
    lr = resize(blurred, hr.shape[0] // how.scale, hr.shape[1] // how.scale)
    if how.photons or how.electronic:
        lr = _noisy(lr, how, name)
    return _compressed(lr, how.jpeg) if how.jpeg else lr


def _blurred(pixels: np.ndarray, sigma: float) -> np.ndarray:
    """Convolved with a Gaussian, the picture's border continued."""
    return _eight_bit(gaussian_filter(pixels.astype(np.float64), sigma, mode="nearest"))


def _noisy(pixels: np.ndarray, how: Degradation, name: str) -> np.ndarray:
    """Poisson-Gaussian noise (Foi et al., IEEE TIP 2008): that of the photons, then of the electronics."""
    random = np.random.default_rng(_seed(f"{how.seed} {name}"))
    noisy = pixels.astype(np.float64)
    if how.photons:
        noisy = random.poisson(noisy / WHITE * how.photons) / how.photons * WHITE
    return _eight_bit(noisy + random.normal(0, how.electronic or 0, pixels.shape))


def _seed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest())


def _compressed(pixels: np.ndarray, quality: int) -> np.ndarray:
    """What is left of a picture after JPEG of this quality, as Pillow counts it."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def _eight_bit(pixels: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(pixels, 0, WHITE)).astype(np.uint8)
