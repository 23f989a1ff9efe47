"""Files of restored pictures, of the kind and with the bits of their source."""

import io
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

from srlib.data.images import FAULTS
from srlib.errors import InputError, shown
from srlib.restore.note import Note
from srlib.restore.picture import Source

_JPEG_QUALITY = 95
_SOFTWARE = "chest-xray-super-resolution"
_DESCRIPTION_TAG, _SOFTWARE_TAG = 270, 305  # TIFF 6.0, section 8


def encode(source: Source, sr: np.ndarray, note: Note, *, anonymise: bool = False) -> bytes:
    """The file of a restored picture: float (H, W) in [0, 1], rounded to the source's bits.

    It says how it was restored, and has `scale` times the source's dots per inch. Of the source's own
    words nothing is kept but in DICOM, whose patient fields stay unless `anonymise`.
    Raises InputError if such a file cannot hold the picture.
    """
    if source.kind == "DICOM":
        return _dicom(source, sr, note, anonymise)
    buffer = io.BytesIO()
    white = 2**source.bits - 1
    image = Image.fromarray(np.rint(sr * white).astype(f"u{source.bits // 8}"))
    try:
        image.save(
            buffer, format=source.kind, **_resolution(source, note), **_OPTIONS[source.kind](source, note)
        )
    except FAULTS as error:
        raise InputError(
            f"{source.name}: {image.width} x {image.height} pixels cannot be written as {source.kind} "
            f"({shown(error)}); convert it to PNG first"
        ) from error
    return buffer.getvalue()


def _dicom(source: Source, sr: np.ndarray, note: Note, anonymise: bool) -> bytes:
    from srlib.restore import dicom  # here, because its import takes long

    return dicom.derived(source.data, source.name, sr, note, anonymise)


def _resolution(source: Source, note: Note) -> dict[str, Any]:
    finer = {"dpi": tuple(note.scale * side for side in source.dpi)} if source.dpi else {}
    return finer | ({"icc_profile": source.profile} if source.profile else {})


def _png(source: Source, note: Note) -> dict[str, Any]:
    words = PngImagePlugin.PngInfo()
    words.add_text("Description", note.sentence)
    words.add_text("Software", _SOFTWARE)
    if source.gamma:
        words.add(b"gAMA", round(100_000 * source.gamma).to_bytes(4, "big"))  # PNG, 11.3.2.2
    return {"pnginfo": words}


def _jpeg(source: Source, note: Note) -> dict[str, Any]:
    return {"comment": note.sentence, "quality": _JPEG_QUALITY}


def _tiff(source: Source, note: Note) -> dict[str, Any]:
    words = {_DESCRIPTION_TAG: note.sentence, _SOFTWARE_TAG: _SOFTWARE}
    return {"tiffinfo": words, "compression": "tiff_adobe_deflate"}


_OPTIONS = {"PNG": _png, "JPEG": _jpeg, "TIFF": _tiff}
