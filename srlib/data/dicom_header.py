"""The header of a DICOM file, and the two fields that sampling needs."""

import hashlib
import struct
import zlib
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import pydicom
from pydicom.dataset import Dataset
from pydicom.filereader import _read_file_meta_info, read_preamble
from pydicom.uid import DeflatedExplicitVRLittleEndian

from srlib.data.limits import MAX_BYTES
from srlib.data.names import canonical
from srlib.errors import InputError, shown

# What pydicom and its decoders raise on damaged or unsupported files has no common base.
FAULTS = (
    pydicom.errors.BytesLengthException,
    pydicom.errors.InvalidDicomError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    struct.error,
    TypeError,
    ValueError,
    zlib.error,
)


class Header(NamedTuple):
    """Patient, as a short digest that gives no identity away ("" if unknown), and view ("" if unknown)."""

    patient: str
    view: str


def read_header(path: str | Path) -> Header:
    """Read patient and view of a DICOM file. Raises InputError if it is none, or holds no picture."""
    try:
        with Path(path).open("rb") as file:
            data = read(file, stop_before_pixels=True)
        patient, view = canonical(str(data.get("PatientID", ""))), str(data.get("ViewPosition", "")).strip()
        if "Rows" not in data:
            raise InputError(no_picture(data, str(path)))
    except FAULTS as error:
        raise InputError(f"{path}: not a readable DICOM file ({shown(error)}); export it again") from error
    return Header(hashlib.sha256(patient.encode()).hexdigest()[:12] if patient else "", view)


def read(file: BinaryIO, **options: Any) -> Dataset:
    """A DICOM file's dataset. One that is deflated is unpacked whole, so must be no bomb."""
    read_preamble(file, force=False)
    # By pydicom's own reader, so that what is looked at is what pydicom will unpack.
    if _read_file_meta_info(file).get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian:
        whole = zlib.decompressobj(-zlib.MAX_WBITS).decompress(file.read(MAX_BYTES), MAX_BYTES + 1)
        if len(whole) > MAX_BYTES:
            raise ValueError("it unpacks to more than any radiograph")
    file.seek(0)
    return pydicom.dcmread(file, **options)


def no_picture(image: Dataset, name: str) -> str:
    """The error of a DICOM file that holds none, a DICOMDIR say."""
    kind = image.file_meta.get("MediaStorageSOPClassUID", pydicom.uid.UID("")).name or "DICOM file"
    return f"{name}: no picture, but a {shown(kind)}; remove it"
