"""8-bit gray pictures, and folders of them with a manifest.

A folder of pictures `x/` has its manifest `x.manifest.csv` beside it: name, sha256 and patient of
each picture. Stages depend on the manifest and read pictures through it, so that a picture deleted
or altered inside the folder is found and named, which Snakemake alone does not do.
"""

import csv
import hashlib
import io
import struct
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from srlib.data.names import png_name
from srlib.errors import InputError, shown
from srlib.files import plain_name, replacing, replacing_folder
from srlib.tables import read_rows

MANIFEST_COLUMNS = ["name", "sha256", "patient"]
# What Pillow raises on damaged files has no common base.
FAULTS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    Image.DecompressionBombError,
    LookupError,
    OSError,
    RuntimeError,
    struct.error,
    SyntaxError,
    TypeError,
    ValueError,
)


class Picture(NamedTuple):
    """One picture: file name, patient it belongs to, uint8 pixels of shape (H, W)."""

    name: str
    patient: str
    pixels: np.ndarray


def encode_png(pixels: np.ndarray, level: int = 6) -> bytes:
    """Encode uint8 gray pixels (H, W) as a PNG file; level: how hard zlib tries, 1 to 9."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", compress_level=level)
    return buffer.getvalue()


def decode_png(data: bytes, name: str) -> np.ndarray:
    """Decode a picture that a stage wrote: uint8 of shape (H, W). Raises InputError if it is damaged."""
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            return np.array(image.convert("L"))
    except FAULTS as error:
        raise InputError(f"{name}: not a readable PNG ({shown(error)}); make it anew") from error


def folder_of(manifest: str | Path) -> Path:
    """The folder of pictures that a manifest `x.manifest.csv` describes: `x`."""
    manifest = Path(manifest)
    return manifest.with_name(manifest.name.removesuffix(".manifest.csv"))


def write_pictures(pictures: Iterable[Picture], manifest: str | Path) -> None:
    """Write each picture as a PNG into the manifest's folder, then the manifest itself, last."""
    write_files(((p.name, p.patient, encode_png(p.pixels)) for p in pictures), manifest)


def write_files(files: Iterable[tuple[str, str, bytes]], manifest: str | Path) -> None:
    """Write image files, given as (name, patient, bytes), into the manifest's folder, bytes unchanged.

    The folder replaces the one that was there, when all its files are written. The manifest is written
    last, sorted by name. It is the sign that the folder is complete.
    """
    rows = []
    with replacing_folder(folder_of(manifest)) as folder:
        for name, patient, data in files:
            (folder / name).write_bytes(data)
            rows.append([name, hashlib.sha256(data).hexdigest(), patient])
    with replacing(manifest) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([MANIFEST_COLUMNS, *sorted(rows)])


def read_manifest(manifest: str | Path) -> list[dict[str, str]]:
    """The rows of a manifest: dicts with `name`, `sha256`, `patient`.

    Raises InputError if it is none, or has a name that could lead out of its folder.
    """
    rows = read_rows(manifest, dict.fromkeys(MANIFEST_COLUMNS, str))
    for row in rows:
        plain_name(row["name"], str(manifest))
    return rows


def read_pictures(
    manifest: str | Path,
    only: set[str] | None = None,
    decode: Callable[[bytes, str], np.ndarray] = decode_png,
) -> Iterator[Picture]:
    """Read the pictures of a manifest, in its order, checking each against its sha256.

    `only` keeps to the pictures of these names, whatever the suffix of the file. `decode` makes uint8 gray
    (H, W) of the bytes and name of a file that is not a PNG of this workflow.

    Raises InputError naming the first picture that is missing or altered, and what to rerun.
    """
    folder = folder_of(manifest)
    for row in read_manifest(manifest):
        if only is not None and png_name(row["name"]) not in only:
            continue
        path = folder / row["name"]
        remedy = f"delete {manifest} and run snakemake again to rebuild the folder"
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise InputError(f"{path}: missing, though {manifest} lists it; {remedy}") from None
        if hashlib.sha256(data).hexdigest() != row["sha256"]:
            raise InputError(f"{path}: altered since {manifest} was written; {remedy}")
        yield Picture(row["name"], row["patient"], decode(data, str(path)))
