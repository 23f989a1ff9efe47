"""Synthetic frontal chest radiographs from physics, in the form of the NIH release.

A patient is a set of random lengths (`anatomy`); bodies of simple shapes give each ray its way
through soft tissue, lung, air and bone (`shapes`, `anatomy`, `skeleton`); Beer-Lambert, scatter,
detector and photons make the picture (`xray`); label table and archives are those of the NIH
(`release`). No real image went into it.
"""

from srlib.phantom.release import write_archive, write_labels
from srlib.phantom.xray import radiograph

__all__ = ["radiograph", "write_archive", "write_labels"]
