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
from pydicom.uid import (
    PYDICOM_IMPLEMENTATION_UID,
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    generate_uid,
)

RAMP = np.linspace(0, 4095, 256).round().astype(np.uint16).reshape(16, 16)


def dicom_file(pixels=RAMP, bits=12, syntax=ExplicitVRLittleEndian, **fields):
    """A minimal DICOM radiograph of `bits` stored bits."""
    meta = FileMetaDataset()
    meta.FileMetaInformationGroupLength = 0  # which pydicom corrects
    meta.FileMetaInformationVersion = b"\0\1"
    meta.MediaStorageSOPClassUID = fields.get("SOPClassUID", ComputedRadiographyImageStorage)
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.ImplementationClassUID = PYDICOM_IMPLEMENTATION_UID
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


def code(value, scheme, meaning):
    """A sequence with one coded concept."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return [item]


# What the IODs of two kinds of radiographs ask for (PS3.3, A.2 and A.26), as dciodvfy checks it.
PATIENT = {
    "PatientName": "Doe^Jane", "PatientID": "1234", "PatientBirthDate": "19500203", "PatientSex": "F",
    "StudyInstanceUID": "1.2.3.4", "StudyDate": "20240517", "StudyTime": "101112", "StudyID": "S1",
    "ReferringPhysicianName": "Roe^Richard", "AccessionNumber": "A77", "SeriesInstanceUID": "1.2.3.4.5",
    "SeriesNumber": "2", "InstanceNumber": "3", "PatientOrientation": ["L", "F"], "Manufacturer": "Maker",
}  # fmt: skip
CR = {**PATIENT, "Modality": "CR", "BodyPartExamined": "CHEST"}
DX = {
    **PATIENT, "SOPClassUID": DigitalXRayImageStorageForPresentation, "Modality": "DX",
    "PresentationIntentType": "FOR PRESENTATION", "ImageType": ["ORIGINAL", "PRIMARY", ""],
    "PixelIntensityRelationship": "LIN", "PixelIntensityRelationshipSign": 1, "RescaleIntercept": "0",
    "RescaleSlope": "1", "RescaleType": "US", "PresentationLUTShape": "INVERSE",
    "PhotometricInterpretation": "MONOCHROME1", "LossyImageCompression": "00", "BurnedInAnnotation": "NO",
    "ImagerPixelSpacing": ["0.143", "0.143"], "ImageLaterality": "U", "DetectorType": "DIRECT",
    "WindowCenter": "2048", "WindowWidth": "2048", "AcquisitionContextSequence": [],
    "AnatomicRegionSequence": code("43799004", "SCT", "Chest"), "ViewPosition": "PA",
    "ViewCodeSequence": code("272479007", "SCT", "postero-anterior"),
    "PositionerType": "",
}  # fmt: skip
