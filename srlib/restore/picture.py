"""A picture as a person has it: its gray, and what a restored copy of it must keep."""

import io
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from srlib.data.decode import decode
from srlib.data.gray import NARROW, Gray
from srlib.data.names import is_dicom

_GRAY_MODES = {"1", "L", "I", "I;16", "I;16B", "I;16L"}  # Pillow's
_ORIENTATION, _X_RESOLUTION = 274, 282  # tags of TIFF and EXIF
_TURNED = {5, 6, 7, 8}  # orientations where the sides change places


class Source(NamedTuple):
    """A picture file that was read.

    name: the file; data: its bytes; kind: PNG, JPEG, TIFF or DICOM, by its content; gray: float32 (h, w),
    from 0 for black to 1 for white; bits: a pixel of the copy, 8 or 16; dpi: dots per inch across and down,
    None where the file does not say; profile, gamma: what its gray means (ICC; a PNG's gAMA), if it says so;
    notes: for the person, of what the copy cannot keep.
    """

    name: str
    data: bytes
    kind: str
    gray: np.ndarray
    bits: int
    dpi: tuple[float, float] | None = None
    profile: bytes | None = None
    gamma: float | None = None
    notes: tuple[str, ...] = ()


def read(data: bytes, name: str) -> Source:
    """A file's picture. Raises InputError as `srlib.data.decode` does."""
    picture = decode(data, name)
    gray, bits = picture.share.astype(np.float32)[picture.levels], 8 * picture.levels.itemsize
    if is_dicom(data):
        return Source(name, data, "DICOM", gray, bits)
    with Image.open(io.BytesIO(data)) as image:  # the header alone; `decode` has seen that it is sound
        is_gray = image.mode in _GRAY_MODES
        return Source(
            name,
            data,
            image.format,
            gray,
            bits,
            _dpi(image),
            image.info.get("icc_profile") if is_gray else None,
            image.info.get("gamma") if is_gray else None,
            tuple(_notes(picture, is_gray, np.ptp(gray) < NARROW)),
        )


def _dpi(image: Image.Image) -> tuple[float, float] | None:
    """Dots per inch of the upright picture, if the file tells them; else Pillow makes them up."""
    tags = image.getexif()
    if image.format != "PNG" and not image.info.get("jfif_unit") and _X_RESOLUTION not in tags:
        return None
    pair = _positive(image.info.get("dpi"))
    return pair[::-1] if pair and tags.get(_ORIENTATION) in _TURNED else pair


def _positive(pair: Any) -> tuple[float, float] | None:
    """Two numbers of a file, if they are a resolution."""
    try:
        across, down = map(float, pair)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return (across, down) if 0 < across < np.inf and 0 < down < np.inf else None


def _notes(picture: Gray, is_gray: bool, is_narrow: bool) -> Iterator[str]:
    levels = len(picture.share)
    if not is_gray:
        yield "in colour or with transparency, restored as gray of 8 bits"
    elif levels not in (2**8, 2**16):
        yield f"{levels} gray levels, restored to the same grays in a file of 16 bits"
    if is_narrow:
        yield (
            "of one gray, or within 1/8 of the grays that the file can hold, as 12-bit values in a 16-bit "
            "file are; restored to the same grays, but models learn from pictures with all of their range"
        )
