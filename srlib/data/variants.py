"""The LR variants that models take, by their size: the LR picture as it is, or enlarged by bicubic.

`small` is the LR picture, `half` and `full` are the same picture enlarged to half of the HR side and to the
HR side. What each is in pixels, and what its folder is called, follows the scale (HR side / LR side).
"""

import math

# LR variant -> HR side / its side; None: the scale itself.
VARIANTS = {"small": None, "half": 2, "full": 1}


def shrinkage(variant: str, scale: int) -> int:
    """HR side / side of this LR variant: what a network that takes it must enlarge by."""
    return VARIANTS[variant] or scale


def folder(variant: str, scale: int) -> str:
    """What the folder of an LR variant is called: `down4`, `down4_up2`, `down3_up1.5`, ..."""
    enlarged = scale / shrinkage(variant, scale)
    return f"down{scale}" if enlarged == 1 else f"down{scale}_up{enlarged:g}"


def multiple(scale: int) -> int:
    """Of what HR sides must be multiples so that every LR variant has whole pixels."""
    return math.lcm(scale, *filter(None, VARIANTS.values()))
