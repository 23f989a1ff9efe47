"""DICOM radiographs made for the tests, and what dcmtk shows of one."""

import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid

RAMP = np.linspace(0, 4095, 256).round().astype(np.uint16).reshape(16, 16)


def dicom_file(pixels=RAMP, bits=12, syntax=ExplicitVRLittleEndian, **fields):
    """A minimal DICOM radiograph of `bits` stored bits."""
    meta = FileMetaDataset()
    meta.FileMetaInformationGroupLength = 0  # which pydicom corrects
    meta.MediaStorageSOPClassUID = ComputedRadiographyImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = syntax
    image = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    image.SOPClassUID, image.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    image.Rows, image.Columns = pixels.shape[:2]
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated, image.BitsStored, image.HighBit = pixels.itemsize * 8, bits, bits - 1
    image.PixelRepresentation = int(pixels.dtype.kind == "i")
    image.PatientID, image.ViewPosition = "Doe^Jane 1234", "PA"
    image.PixelData = pixels.tobytes()
    for name, value in fields.items():
        setattr(image, name, value)
    buffer = io.BytesIO()
    pydicom.dcmwrite(
        buffer,
        image,
        little_endian=syntax.is_little_endian,
        implicit_vr=syntax.is_implicit_VR,
        force_encoding=True,
    )
    return buffer.getvalue()


def table(first, bits, data, kind="US", entries=None, order="<"):
    """A sequence with one LUT, for VOILUTSequence or ModalityLUTSequence; kind: VR of the descriptor."""
    data, item = np.asarray(data), Dataset()
    item.add_new("LUTDescriptor", kind, [(entries or len(data)) % 2**16, first, bits])
    item.add_new("LUTData", "OW", data.astype("u1" if data.dtype == np.uint8 else f"{order}u2").tobytes())
    item.ModalityLUTType = "US"
    return [item]


def dcmtk_gray(data, folder: Path, *options):
    """What dcmtk's dcmj2pnm makes of a DICOM file, 8 bit; skips the test where there is no dcmtk."""
    if not (program := shutil.which("dcmj2pnm")):
        pytest.skip("no dcmj2pnm (Debian package dcmtk)")
    (folder / "x.dcm").write_bytes(data)
    subprocess.run([program, *options, "+op", folder / "x.dcm", folder / "x.pgm"], check=True)
    return np.asarray(Image.open(folder / "x.pgm"))
