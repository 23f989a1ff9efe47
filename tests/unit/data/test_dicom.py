import io
import zlib

import numpy as np
import pydicom
import pytest
from dicoms import RAMP, dicom_file, table
from pydicom.uid import (
    BasicTextSRStorage,
    DeflatedExplicitVRLittleEndian,
    MediaStorageDirectoryStorage,
    RLELossless,
)

from srlib.data import dicom_header
from srlib.data.decode import decode_gray
from srlib.data.limits import MAX_BYTES
from srlib.errors import InputError

GRAY = np.rint(RAMP / 4095 * 255).astype(np.uint8)


def test_twelve_stored_bits_span_the_gray_scale():
    np.testing.assert_array_equal(decode_gray(dicom_file(), "x.dcm"), GRAY)


def test_a_dark_scan_stays_dark():
    assert decode_gray(dicom_file(RAMP // 16), "x.dcm").max() == 16


def test_monochrome1_is_inverted():
    data = dicom_file(PhotometricInterpretation="MONOCHROME1")
    np.testing.assert_array_equal(decode_gray(data, "x.dcm"), 255 - GRAY)


def test_signed_pixels_and_rescaling_keep_the_order():
    signed = (RAMP.astype(np.int32) - 2048).astype(np.int16)
    data = dicom_file(signed, RescaleSlope="2", RescaleIntercept="-100")
    np.testing.assert_array_equal(decode_gray(data, "x.dcm"), GRAY)


def test_the_window_is_applied():
    gray = decode_gray(dicom_file(WindowCenter="2048", WindowWidth="1024"), "x.dcm")
    # DICOM PS3.3 C.11.2.1.2: black up to c - 0.5 - (w - 1) / 2, white from c - 0.5 + (w - 1) / 2
    assert (gray[RAMP <= 1536] == 0).all()
    assert (gray[RAMP >= 2559] == 255).all()
    between = (RAMP > 1536) & (RAMP < 2559)
    expected = ((RAMP - 2047.5) / 1023 + 0.5) * 255
    np.testing.assert_allclose(gray[between], expected[between], atol=0.51)


def without_pixels(path, kind):
    """A DICOM object that is no picture, as a CD or an archive has among its pictures."""
    image = pydicom.dcmread(path)
    image.file_meta.MediaStorageSOPClassUID = image.SOPClassUID = kind
    for tag in ("Rows", "Columns", "PixelData"):
        delattr(image, tag)
    image.save_as(path)


@pytest.mark.parametrize(
    ("kind", "said"),
    [(MediaStorageDirectoryStorage, "Media Storage Directory"), (BasicTextSRStorage, "Basic Text SR")],
)
def test_a_dicom_file_without_a_picture_is_called_what_it_is(tmp_path, kind, said):
    path = tmp_path / "x.dcm"
    path.write_bytes(dicom_file())
    without_pixels(path, kind)
    for read in (lambda: decode_gray(path.read_bytes(), str(path)), lambda: dicom_header.read_header(path)):
        with pytest.raises(InputError, match=rf"x\.dcm: no picture, but a {said}.*remove it"):
            read()


COLOUR = np.zeros((4, 4, 3), np.uint8)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (dicom_file()[:700], "not a readable DICOM image"),
        (dicom_file(NumberOfFrames=2), "2 pictures in one file; export the one"),
        (dicom_file(COLOUR, 8, SamplesPerPixel=3, PhotometricInterpretation="RGB"), r"in colour \(RGB\)"),
        (dicom_file(PhotometricInterpretation="PALETTE COLOR"), r"in colour \(PALETTE COLOR\); export"),
        (dicom_file(Rows=60_000, Columns=60_000), "more than any radiograph"),
        (dicom_file(BitsStored=0), "0 bits up to bit 11 of 16"),
        (dicom_file(BitsStored=14), "14 bits up to bit 11 of 16"),
        (dicom_file(HighBit=16), "12 bits up to bit 16 of 16"),
        (dicom_file(RAMP.astype(np.uint32)), "12 bits up to bit 11 of 32"),
        (dicom_file(WindowCenter="9", WindowWidth="0"), "WindowWidth is 0; without the tag, all"),
        (dicom_file(WindowCenter="9", WindowWidth="-3"), "WindowWidth is -3"),
        (dicom_file(WindowCenter="9", WindowWidth="9", VOILUTFunction="CUBIC"), "VOILUTFunction is CUBIC"),
        (dicom_file(RescaleSlope="0", RescaleIntercept="5"), "RescaleSlope is 0"),
        (dicom_file(VOILUTSequence=table(0, 12, np.arange(9)[:-1], entries=9)), "8 entries"),
        (b"\0" * 128 + b"DICM", "no picture"),
        (b"\0" * 128 + b"DICM" + b"\xff" * 500, "no picture"),
    ],
)
def test_what_is_no_gray_radiograph_is_refused_by_name(data, said):
    with pytest.raises(InputError, match=said) as error:
        decode_gray(data, "x.dcm")
    assert str(error.value).startswith("x.dcm: ")


def test_the_header_gives_view_and_a_digest_of_the_patient(tmp_path):
    (tmp_path / "a.dcm").write_bytes(dicom_file())
    (tmp_path / "b.dcm").write_bytes(dicom_file(PatientID="other", ViewPosition="AP"))
    (tmp_path / "c.dcm").write_bytes(dicom_file(PatientID="", ViewPosition=""))
    first, second, unknown = (dicom_header.read_header(tmp_path / f"{name}.dcm") for name in "abc")
    assert (first.view, second.view) == ("PA", "AP")
    assert first.patient != second.patient
    assert "Jane" not in first.patient
    assert len(first.patient) == 12
    assert unknown == ("", "")
    (tmp_path / "d.dcm").write_bytes(b"not DICOM")
    with pytest.raises(InputError, match=r"d\.dcm"):
        dicom_header.read_header(tmp_path / "d.dcm")


def run_length_encoded():
    image, buffer = pydicom.dcmread(io.BytesIO(dicom_file())), io.BytesIO()
    image.compress(RLELossless)
    image.save_as(buffer)
    return buffer.getvalue()


DAMAGED = {
    "window": dicom_file(WindowCenter="2048", WindowWidth="1024"),
    "VOI LUT": dicom_file(VOILUTSequence=table(0, 12, np.arange(4096))),
    "deflated": dicom_file(syntax=DeflatedExplicitVRLittleEndian),
    "RLE": run_length_encoded(),
}


def deflated(data):
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def bombs():
    """Honest; with a length of the header that points behind it; and with a syntax that comes late."""
    data = DAMAGED["deflated"]
    start = 144 + int.from_bytes(data[140:144], "little")
    header, bomb = data[:start], deflated(bytes(MAX_BYTES + 1))
    wrong = (start - 144 + len(bomb)).to_bytes(4, "little")
    long = b"\2\0\1\0OB\0\0" + (70_000).to_bytes(4, "little") + bytes(70_000)
    return {
        "honest": header + bomb,
        "length": header[:140] + wrong + header[144:] + bomb + deflated(b"small"),
        "late": header[:144] + long + header[158:] + bomb,  # for the version of 14 bytes
    }


@pytest.mark.parametrize("kind", ["honest", "length", "late"])
def test_a_deflated_bomb_is_not_unpacked(kind, tmp_path):
    bomb = bombs()[kind]
    assert pydicom.filereader.read_preamble(io.BytesIO(bomb), force=False)
    (tmp_path / "x.dcm").write_bytes(bomb)
    for read in (lambda: decode_gray(bomb, "x.dcm"), lambda: dicom_header.read_header(tmp_path / "x.dcm")):
        with pytest.raises(InputError, match=r"x\.dcm.*unpacks to more than any radiograph"):
            read()


@pytest.mark.parametrize("case", DAMAGED)
@pytest.mark.filterwarnings("ignore")
def test_flipped_bits_give_a_picture_or_a_clear_error(case, tmp_path):
    rng, refused = np.random.default_rng(0), 0
    for _ in range(400):
        bad = bytearray(DAMAGED[case])
        for place in rng.integers(132, min(len(bad), 1100), 3):
            bad[place] ^= 1 << int(rng.integers(8))
        (tmp_path / "x.dcm").write_bytes(bad)
        try:
            dicom_header.read_header(tmp_path / "x.dcm")
            assert decode_gray(bytes(bad), "x.dcm").dtype == np.uint8
        except InputError as error:
            refused += 1
            assert "x.dcm: " in str(error)
    assert refused
