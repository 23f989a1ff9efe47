"""Folders of HR pictures and LR variants, made from the folder before."""

import csv
from pathlib import Path

from srlib.data.images import Picture, png_name, read_pictures, write_pictures
from srlib.data.resample import degrade, resize
from srlib.errors import InputError


def resize_split(
    split_table: str | Path, split: str, raw: list[str], size: int, manifest: str | Path
) -> None:
    """Write the images of one split as size x size pictures, in the order of the split's table.

    `raw` are the manifests of the extracted archives. Raises InputError if one of the split's images
    is in none of them.
    """
    with Path(split_table).open(newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        wanted = [row["image"] for row in rows if row["split"] == split]
    chosen = set(wanted)
    resized = {}
    for archive in raw:
        for picture in read_pictures(archive, only=chosen):
            pixels = resize(picture.pixels, size, size)
            resized[picture.name] = Picture(png_name(picture.name), picture.patient, pixels)
    missing = [image for image in wanted if image not in resized]
    if missing:
        raise InputError(
            f"{split_table}: {missing[0]} and {len(missing) - 1} more images of the {split} split are in "
            f"none of the extracted archives; delete {Path(raw[0]).parent} and run snakemake again"
        )
    write_pictures((resized[image] for image in wanted), manifest)


def degrade_split(hr: str | Path, variant: str, manifest: str | Path) -> None:
    """Write one LR variant of all the pictures of an HR manifest."""
    write_pictures(
        (Picture(name, patient, degrade(pixels, variant)) for name, patient, pixels in read_pictures(hr)),
        manifest,
    )
