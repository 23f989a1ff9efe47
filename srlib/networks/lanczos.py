"""Lanczos interpolation, as any image tool does it: a model without training."""

from PIL import Image

from srlib.networks._resample import Resample

SCALE = None  # any: the argument `scale`
RECEPTIVE_FIELD = 7  # 6 taps, at either side of the centre
SIZE_MULTIPLE = 1
TRAINED = False


def build(scale: int) -> Resample:
    """Lanczos enlargement by `scale`."""
    return Resample(scale, Image.Resampling.LANCZOS)
