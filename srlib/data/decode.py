"""Decoding the image files that people have: PNG, JPEG, TIFF and DICOM."""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from srlib.data.gray import Gray, linear, to_8bit
from srlib.data.images import FAULTS
from srlib.data.limits import MAX_PIXELS, check_size
from srlib.data.names import is_dicom
from srlib.errors import InputError, shown

FORMATS = ["PNG", "JPEG", "TIFF"]
Image.MAX_IMAGE_PIXELS = None  # `check_size` has the say, and a restored radiograph is larger than Pillow's
# TIFF 6.0, section 8
_BITS_PER_SAMPLE, _PHOTOMETRIC, _SAMPLE_FORMAT, _ZERO_IS_WHITE = 258, 262, 339, 0


def decode_gray(data: bytes, name: str, limit: int = MAX_PIXELS) -> np.ndarray:
    """Decode an image file to 8-bit gray, uint8 of shape (H, W). Raises InputError as `decode` does."""
    return to_8bit(decode(data, name, limit))


def decode(data: bytes, name: str, limit: int = MAX_PIXELS) -> Gray:
    """Decode an image file to gray with all its bits: PNG, JPEG, TIFF and DICOM, turned upright.

    Colour and RGBA become luminance (ITU-R 601, as Pillow does) of 8 bits, alpha is dropped.

    Raises InputError if the data is no image, is damaged, claims more than `limit` pixels, or if it does not
    say which picture, or which values for black and white, are meant.
    """
    if is_dicom(data):
        from srlib.data import dicom  # here, because its import takes longer than most jobs

        return dicom.decode(data, name, limit)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            check_size(name, image.height, image.width, limit)
            if (pages := getattr(image, "n_frames", 1)) != 1:
                raise InputError(
                    f"{name}: {pages} pictures in one file; save the one that is meant, and remove this file"
                )
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
            if fault := _fault(image):
                raise InputError(f"{name}: {fault}")
            return _gray(image)
    except UnidentifiedImageError:
        raise InputError(
            f"{name}: not a readable image: not a PNG, JPEG, TIFF or DICOM file, or damaged; "
            "convert it to PNG, or fetch it again"
        ) from None
    except FAULTS as error:
        raise InputError(
            f"{name}: not a readable image ({shown(error).partition(' <_io')[0]}); fetch or export it again"
        ) from error


def _fault(image: Image.Image) -> str | None:
    """Why a picture's gray, or the range of its values, is not known, and what to do; None if it is."""
    if image.mode == "LAB":
        return "its colours are LAB, which are not read; save it as gray"
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
