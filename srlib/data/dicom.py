"""The pixels of DICOM radiographs: gray as a viewer shows them.

What each stored value shows follows PS3.3: C.7.6.3 (pixels), C.11.1 (modality LUT, rescaling), C.11.2 (VOI
LUT, window), in this order; MONOCHROME1 is inverted last. The tests hold it to dcmtk's dcmj2pnm.
"""

import io
from typing import NamedTuple

import numpy as np
import pydicom
from pydicom.dataset import Dataset

from srlib.data import codecs
from srlib.data.dicom_header import FAULTS, no_picture, read
from srlib.data.gray import Gray
from srlib.data.limits import MAX_PIXELS, check_size
from srlib.errors import InputError, shown


class _Scale(NamedTuple):
    """What each stored value has become, and which of these is black and which white."""

    values: np.ndarray
    black: float
    white: float


def decode(data: bytes, name: str, limit: int = MAX_PIXELS) -> Gray:
    """Decode a DICOM radiograph: its window applied, MONOCHROME1 inverted.

    Without a window the range is that of the stored bits, never that of the picture's own values.
    Raises InputError if it is damaged, no gray picture, or more than one, or has more than `limit` pixels.
    """
    try:
        image = read(io.BytesIO(data))
        del data
        if fault := _fault(image, name):
            raise InputError(fault)
        check_size(name, image.Rows, image.Columns, limit)
        return Gray(_levels(image), share(image))
    except FAULTS as error:
        raise InputError(
            f"{name}: not a readable DICOM image ({shown(error)}); export it again, uncompressed, "
            "or remove it"
        ) from error


def share(image: Dataset) -> np.ndarray:
    """What each level shows, from 0 for black to 1 for white: float64 of shape (2^BitsStored,).

    Raises ValueError, or what pydicom raises, if the window or a look-up table makes no sense.
    """
    values, black, white = _voi(image, _modality(image))
    shown = np.clip((values - black) / (white - black), 0, 1)
    return 1 - shown if _is_inverted(image) else shown


def _fault(image: Dataset, name: str) -> str | None:
    """Why a dataset is not one gray picture, and what to do; None if it is."""
    if "PixelData" not in image:
        return no_picture(image, name)
    if image.SamplesPerPixel != 1 or not image.PhotometricInterpretation.startswith("MONOCHROME"):
        kind = shown(image.PhotometricInterpretation)
        return f"{name}: in colour ({kind}); export it as gray (MONOCHROME2), or remove it"
    if (frames := int(image.get("NumberOfFrames") or 1)) != 1:
        return f"{name}: {frames} pictures in one file; export the one that is meant, and remove this file"
    is_sane = 1 <= image.BitsStored <= image.HighBit + 1 <= image.BitsAllocated
    if image.BitsAllocated not in (8, 16) or not is_sane:
        return (
            f"{name}: {image.BitsStored} bits up to bit {image.HighBit} of {image.BitsAllocated}, not 1 to "
            "16 bits in 8 or 16; export it again, or remove it"
        )
    return None


def _levels(image: Dataset) -> np.ndarray:
    """Stored values, counted from the smallest possible one: unsigned (H, W)."""
    cells = codecs.decode(image)
    cells = cells.astype(cells.dtype.newbyteorder("="), copy=False).view(f"u{cells.itemsize}")
    bits, unused = image.BitsStored, image.HighBit + 1 - image.BitsStored
    if unused:
        cells = cells >> unused
    if bits < 8 * cells.itemsize:
        cells = cells & (2**bits - 1)
    return cells ^ 2 ** (bits - 1) if image.PixelRepresentation else cells


def _modality(image: Dataset) -> _Scale:
    """Every value that can be stored, in the modality's own units (C.11.1)."""
    low = -(2 ** (image.BitsStored - 1)) if image.PixelRepresentation else 0
    stored = low + np.arange(2**image.BitsStored, dtype=np.float64)
    if image.get("ModalityLUTSequence"):
        return _look_up(image.ModalityLUTSequence[0], stored)
    slope, intercept = _number(image, "RescaleSlope", 1), _number(image, "RescaleIntercept", 0)
    if slope == 0:
        raise ValueError("its RescaleSlope is 0")
    values = slope * stored + intercept
    return _Scale(values, values.min(), values.max())


def _voi(image: Dataset, before: _Scale) -> _Scale:
    """Values as the first VOI LUT or window of the file shows them, or as they are without (C.11.2)."""
    if image.get("VOILUTSequence"):
        return _look_up(image.VOILUTSequence[0], before.values)
    center, width = _number(image, "WindowCenter"), _number(image, "WindowWidth")
    if center is None or width is None:
        return before
    function = image.get("VOILUTFunction") or "LINEAR"
    if width < 1 if function == "LINEAR" else width <= 0:
        raise ValueError(f"its WindowWidth is {width:g}; without the tag, all of its range is shown")
    offset = before.values - center
    if function == "LINEAR":  # w - 1 is 0 where the window is a threshold
        share = (offset + 0.5) / max(width - 1, 1e-9) + 0.5
    elif function == "LINEAR_EXACT":
        share = offset / width + 0.5
    elif function == "SIGMOID":
        share = 1 / (1 + np.exp(np.clip(-4 * offset / width, -500, 500)))
    else:
        raise ValueError(f"its VOILUTFunction is {function}, which the standard does not know")
    return _Scale(share, 0, 1)


def _look_up(item: Dataset, values: np.ndarray) -> _Scale:
    """Values sent through a LUT (C.11.1.1.1, C.11.2.1.1), which spans the range of its bits."""
    entries, first, bits = (int(number) for number in item.LUTDescriptor)
    entries, first = entries % 2**16 or 2**16, first % 2**16
    if values.min() < 0 and first >= 2**15:  # signed, though its VR may say otherwise
        first -= 2**16
    data = item.LUTData
    if isinstance(data, bytes):
        word = "<u2" if item.original_encoding[1] is not False else ">u2"
        table = np.frombuffer(data, word if len(data) > entries + 1 else "u1")[:entries]
    else:
        table = np.asarray(data).astype(np.uint16)
    if len(table) != entries or not 1 <= bits <= 16:
        raise ValueError(f"its look-up table has {len(table)} entries of {bits} bits, not {entries}")
    index = np.clip(np.rint(values) - first, 0, entries - 1).astype(int)
    return _Scale(table[index].astype(np.float64), 0, 2**bits - 1)


def _is_inverted(image: Dataset) -> bool:
    """Whether the smallest value is white; a PresentationLUTShape has the last word, as in dcmtk."""
    shape = image.get("PresentationLUTShape")
    return shape == "INVERSE" if shape else image.PhotometricInterpretation == "MONOCHROME1"


def _number(image: Dataset, tag: str, default: float | None = None) -> float | None:
    """The first number of a tag; `default` where it is missing or empty."""
    value = image.get(tag)
    if isinstance(value, pydicom.multival.MultiValue):
        value = value[0] if value else None
    if value is None or value == "":
        return default
    if not np.isfinite(number := float(value)):
        raise ValueError(f"its {tag} is {value}")
    return number
