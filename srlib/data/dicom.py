"""DICOM radiographs: 8-bit gray as a viewer shows them, and the two header fields that sampling needs."""

import hashlib
import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pydicom
from pydicom.pixels import apply_modality_lut, apply_voi_lut

from srlib.errors import InputError

# What pydicom and its decoders raise on damaged or unsupported files has no common base.
_FAULTS = (
    pydicom.errors.InvalidDicomError,
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


class Header(NamedTuple):
    """Patient, as a short digest that gives no identity away ("" if unknown), and view ("" if unknown)."""

    patient: str
    view: str


def read_header(path: str | Path) -> Header:
    """Read patient and view of a DICOM file. Raises InputError if it is none."""
    try:
        data = pydicom.dcmread(path, stop_before_pixels=True)
        patient, view = str(data.get("PatientID", "")).strip(), str(data.get("ViewPosition", "")).strip()
    except _FAULTS as error:
        raise InputError(f"{path}: not a readable DICOM file ({error}); export it again") from error
    return Header(hashlib.sha256(patient.encode()).hexdigest()[:12] if patient else "", view)


def decode(data: bytes, name: str, max_pixels: int) -> np.ndarray:
    """Decode a DICOM radiograph to uint8 (H, W): its window applied, MONOCHROME1 inverted.

    Without a window the range is that of the stored bits, never that of the picture's own values.
    Raises InputError if it is damaged, in colour, has several frames or more than `max_pixels`.
    """
    try:
        image = pydicom.dcmread(io.BytesIO(data))
        if image.SamplesPerPixel != 1 or int(image.get("NumberOfFrames", 1)) != 1:
            raise InputError(f"{name}: not a single gray picture; remove it from the source")
        if image.Rows * image.Columns > max_pixels:
            raise InputError(
                f"{name}: claims {image.Columns} x {image.Rows} pixels, more than any radiograph; "
                "remove it from the source"
            )
        stored = image.pixel_array
        low = -(2 ** (image.BitsStored - 1)) if image.PixelRepresentation else 0
        limits = apply_modality_lut(np.array([low, low + 2**image.BitsStored - 1]), image)
        values = apply_modality_lut(stored, image)
        if "VOILUTSequence" in image:
            values, limits = apply_voi_lut(values, image), apply_voi_lut(limits, image)
        elif "WindowWidth" in image:
            values, limits = apply_voi_lut(values, image), apply_voi_lut(np.array([-1e9, 1e9]), image)
        share = (values.astype(np.float64) - limits.min()) / max(float(np.ptp(limits)), 1e-9)
        if image.PhotometricInterpretation == "MONOCHROME1":
            share = 1 - share
        return np.clip(np.rint(255 * share), 0, 255).astype(np.uint8)
    except _FAULTS as error:
        raise InputError(f"{name}: not a readable DICOM image ({error}); export it uncompressed") from error
