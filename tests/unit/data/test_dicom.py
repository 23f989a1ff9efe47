import io

import numpy as np
import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid

from srlib.data import dicom, images
from srlib.errors import InputError

RAMP = np.linspace(0, 4095, 256).round().astype(np.uint16).reshape(16, 16)
GRAY = np.rint(RAMP / 4095 * 255).astype(np.uint8)


def dicom_file(pixels=RAMP, bits=12, **fields):
    """A minimal DICOM radiograph of `bits` stored bits."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = ComputedRadiographyImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    image.Rows, image.Columns = pixels.shape[:2]
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated, image.BitsStored, image.HighBit = pixels.itemsize * 8, bits, bits - 1
    image.PixelRepresentation = int(pixels.dtype.kind == "i")
    image.PatientID, image.ViewPosition = "Doe^Jane 1234", "PA"
    image.PixelData = pixels.tobytes()
    for name, value in fields.items():
        setattr(image, name, value)
    buffer = io.BytesIO()
    image.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def test_twelve_stored_bits_span_the_gray_scale():
    np.testing.assert_array_equal(images.decode_gray(dicom_file(), "x.dcm"), GRAY)


def test_a_dark_scan_stays_dark():
    assert images.decode_gray(dicom_file(RAMP // 16), "x.dcm").max() == 16


def test_monochrome1_is_inverted():
    data = dicom_file(PhotometricInterpretation="MONOCHROME1")
    np.testing.assert_array_equal(images.decode_gray(data, "x.dcm"), 255 - GRAY)


def test_signed_pixels_and_rescaling_keep_the_order():
    signed = (RAMP.astype(np.int32) - 2048).astype(np.int16)
    data = dicom_file(signed, RescaleSlope="2", RescaleIntercept="-100")
    np.testing.assert_array_equal(images.decode_gray(data, "x.dcm"), GRAY)


def test_the_window_is_applied():
    gray = images.decode_gray(dicom_file(WindowCenter="2048", WindowWidth="1024"), "x.dcm")
    # DICOM PS3.3 C.11.2.1.2: black up to c - 0.5 - (w - 1) / 2, white from c - 0.5 + (w - 1) / 2
    assert (gray[RAMP <= 1536] == 0).all()
    assert (gray[RAMP >= 2559] == 255).all()
    between = (RAMP > 1536) & (RAMP < 2559)
    expected = ((RAMP - 2047.5) / 1023 + 0.5) * 255
    np.testing.assert_allclose(gray[between], expected[between], atol=0.51)


@pytest.mark.parametrize(
    "data",
    [
        dicom_file()[:400],
        dicom_file(NumberOfFrames=2),
        dicom_file(np.zeros((4, 4, 3), np.uint8), 8, SamplesPerPixel=3, PhotometricInterpretation="RGB"),
        dicom_file(Rows=60_000, Columns=60_000),
        b"\0" * 128 + b"DICM",
        b"\0" * 128 + b"DICM" + b"\xff" * 500,
    ],
    ids=["truncated", "two frames", "colour", "bomb", "empty", "garbage"],
)
def test_what_is_no_gray_radiograph_is_refused_by_name(data):
    with pytest.raises(InputError, match=r"x\.dcm"):
        images.decode_gray(data, "x.dcm")


def test_the_header_gives_view_and_a_digest_of_the_patient(tmp_path):
    (tmp_path / "a.dcm").write_bytes(dicom_file())
    (tmp_path / "b.dcm").write_bytes(dicom_file(PatientID="other", ViewPosition="AP"))
    (tmp_path / "c.dcm").write_bytes(dicom_file(PatientID="", ViewPosition=""))
    first, second, unknown = (dicom.read_header(tmp_path / f"{name}.dcm") for name in "abc")
    assert (first.view, second.view) == ("PA", "AP")
    assert first.patient != second.patient
    assert "Jane" not in first.patient
    assert len(first.patient) == 12
    assert unknown == ("", "")
    (tmp_path / "d.dcm").write_bytes(b"not DICOM")
    with pytest.raises(InputError, match=r"d\.dcm"):
        dicom.read_header(tmp_path / "d.dcm")
