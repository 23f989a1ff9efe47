"""SR pictures beside their HR pictures, one pair at a time, however many there are."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from srlib.data.images import read_manifest, read_pictures
from srlib.errors import InputError


def pairs(sr_manifest: str | Path, hr_manifest: str | Path) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Name, SR and HR pixels of every picture, in the order of the HR manifest, one pair at a time.

    Raises InputError if the two manifests do not name the same images in the same order, or where an
    SR picture has another size than its HR picture.
    """
    _check_same_images(sr_manifest, hr_manifest)
    for sr, hr in zip(read_pictures(sr_manifest), read_pictures(hr_manifest), strict=True):
        if sr.pixels.shape != hr.pixels.shape:
            raise InputError(
                f"{hr.name}: {sr.pixels.shape} pixels in {sr_manifest}, {hr.pixels.shape} in {hr_manifest}; "
                f"delete {sr_manifest} and run snakemake again"
            )
        yield hr.name, sr.pixels, hr.pixels


def without_border(picture: np.ndarray, border: int) -> np.ndarray:
    """A picture (H, W) without so many pixels along each edge."""
    height, width = picture.shape
    return picture[border : height - border, border : width - border]


def _check_same_images(sr_manifest: str | Path, hr_manifest: str | Path) -> None:
    sr_names, hr_names = ([row["name"] for row in read_manifest(path)] for path in (sr_manifest, hr_manifest))
    if sr_names == hr_names:
        return
    odd = sorted(set(sr_names) ^ set(hr_names)) or [
        a for a, b in zip(sr_names, hr_names, strict=False) if a != b
    ]
    raise InputError(
        f"{odd[0]}: not at the same place in {sr_manifest} and {hr_manifest} ({len(odd)} such images); "
        f"delete {sr_manifest} and run snakemake again"
    )
