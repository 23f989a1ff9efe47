"""How HR pictures become LR pictures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Degradation:
    """The steps in their order, None for those that are left out.

    blur: sigma of a Gaussian in HR pixels; scale: HR side / LR side, shrunk by bicubic; photons: in an LR
    pixel at full white; electronic: sigma in gray levels; jpeg: quality; seed: of the noise.
    """

    scale: int
    blur: float | None = None
    photons: float | None = None
    electronic: float | None = None
    jpeg: int | None = None
    seed: int | None = None
