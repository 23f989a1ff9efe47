"""8-bit gray pictures, and folders of them with a manifest.

A folder of pictures `x/` has its manifest `x.manifest.csv` beside it: name, sha256 and patient of
each picture. Stages depend on the manifest and read pictures through it, so that a picture deleted
or altered inside the folder is found and named, which Snakemake alone does not do.
"""

import csv
import hashlib
import io
import struct
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageOps

from srlib.data.gray import Gray, check_size, linear, to_8bit
from srlib.data.names import png_name
from srlib.errors import InputError, shown
from srlib.files import plain_name, replacing, replacing_folder
from srlib.tables import read_rows

MANIFEST_COLUMNS = ["name", "sha256", "patient"]
FORMATS = ["PNG", "JPEG", "TIFF"]
# TIFF 6.0, section 8
_BITS_PER_SAMPLE, _PHOTOMETRIC, _SAMPLE_FORMAT, _ZERO_IS_WHITE = 258, 262, 339, 0
# What Pillow raises on damaged files has no common base.
_FAULTS = (
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


def decode_gray(data: bytes, name: str) -> np.ndarray:
    """Decode an image file to 8-bit gray, uint8 of shape (H, W). Raises InputError as `decode` does."""
    return to_8bit(decode(data, name))


def decode(data: bytes, name: str) -> Gray:
    """Decode an image file to gray with all its bits: PNG, JPEG, TIFF and DICOM, turned upright.

    Colour and RGBA become luminance (ITU-R 601, as Pillow does) of 8 bits, alpha is dropped.

    Raises InputError if the data is no image, is damaged, claims more than `MAX_PIXELS`, or if it does not
    say which picture, or which values for black and white, are meant.
    """
    if is_dicom(data):
        from srlib.data import dicom  # here, because its import takes longer than most jobs

        return dicom.decode(data, name)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            check_size(name, image.height, image.width)
            if (pages := getattr(image, "n_frames", 1)) != 1:
                raise InputError(
                    f"{name}: {pages} pictures in one file; save the one that is meant, and remove this file"
                )
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
            if fault := _fault(image):
                raise InputError(f"{name}: {fault}")
            return _gray(image)
    except _FAULTS as error:
        raise InputError(
            f"{name}: not a readable image ({shown(error)}); fetch or export it again"
        ) from error


def is_dicom(data: bytes) -> bool:
    """Whether a file's first 132 bytes are those of a DICOM file."""
    return data[128:132] == b"DICM"


def _fault(image: Image.Image) -> str | None:
    """Why the range of a picture's values is not known, and what to do; None if it is."""
    tags = getattr(image, "tag_v2", {})  # a TIFF's
    if image.mode == "F" or not set(tags.get(_SAMPLE_FORMAT, (1,))) <= {1, 4} or max(_bits(tags)) > 16:
        return (
            "its pixels are fractions, signed or of 32 bits, and nobody knows which are black and which "
            "white; save it with 8 or 16 bits, unsigned"
        )
    return None


def _gray(image: Image.Image) -> Gray:
    tags = getattr(image, "tag_v2", {})
    if image.mode.startswith("I"):  # more than 8 bits: "I;16", or "I" from older readers
        levels, share = linear(np.asarray(image).astype(np.uint16), _bits(tags)[0])
        return Gray(levels, share[::-1] if tags.get(_PHOTOMETRIC) == _ZERO_IS_WHITE else share)
    return linear(np.asarray(image.convert("L")), 8)


def _bits(tags: Mapping[int, Any]) -> tuple[int, ...]:
    return tags.get(_BITS_PER_SAMPLE, (16,))


def encode_png(pixels: np.ndarray) -> bytes:
    """Encode uint8 gray pixels (H, W) as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()


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
    with replacing(manifest) as temporary, temporary.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([MANIFEST_COLUMNS, *sorted(rows)])


def read_manifest(manifest: str | Path) -> list[dict[str, str]]:
    """The rows of a manifest: dicts with `name`, `sha256`, `patient`.

    Raises InputError if it is none, or has a name that could lead out of its folder.
    """
    rows = read_rows(manifest, dict.fromkeys(MANIFEST_COLUMNS, str))
    for row in rows:
        plain_name(row["name"], str(manifest))
    return rows


def read_pictures(manifest: str | Path, only: set[str] | None = None) -> Iterator[Picture]:
    """Read the pictures of a manifest, in its order, checking each against its sha256.

    `only` keeps to the pictures of these names, whatever the suffix of the file.

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
        yield Picture(row["name"], row["patient"], decode_gray(data, str(path)))
