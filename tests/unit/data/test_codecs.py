"""Compressed DICOM files: lossless ones to the bit, lossy ones nearly, damaged ones refused by name."""

import io
import os
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from dicoms import dicom_file
from pydicom import uid
from pydicom.encaps import encapsulate

from srlib.data.decode import decode
from srlib.errors import InputError

Y, X = np.mgrid[:64, :64]
WAVES = (np.sin(X / 9) + np.cos(Y / 7) + 2) / 4


def stored(bits):
    return np.round(WAVES * (2**bits - 1)).astype(np.uint8 if bits == 8 else np.uint16)


def compressed(bits, syntax, frame, **fields):
    return dicom_file(stored(bits), bits, syntax, PixelData=encapsulate([frame]), **fields)


def jpeg(bits, **options):
    return imagecodecs.jpeg_encode(stored(bits), bitspersample=bits, **options)


LOSSLESS = {
    "JPEG Lossless P14, 8 bits": (8, uid.JPEGLossless, jpeg(8, lossless=True, predictor=4)),
    "JPEG Lossless SV1, 12 bits": (12, uid.JPEGLosslessSV1, jpeg(12, lossless=True, predictor=1)),
    "JPEG Lossless SV1, 16 bits": (16, uid.JPEGLosslessSV1, jpeg(16, lossless=True, predictor=1)),
    "JPEG-LS, 8 bits": (8, uid.JPEGLSLossless, imagecodecs.jpegls_encode(stored(8))),
    "JPEG-LS, 12 bits": (12, uid.JPEGLSLossless, imagecodecs.jpegls_encode(stored(12))),
    "JPEG 2000": (
        12,
        uid.JPEG2000Lossless,
        imagecodecs.jpeg2k_encode(stored(12), reversible=True, codecformat="j2k", bitspersample=12),
    ),
    "HTJ2K": (16, uid.HTJ2KLossless, imagecodecs.htj2k_encode(stored(16), reversible=True)),
}


@pytest.mark.parametrize("bits", [8, 12])
def test_run_lengths_are_decoded_to_the_bit_and_refused_where_they_do_not_fit(bits):
    image, buffer = pydicom.dcmread(io.BytesIO(dicom_file(stored(bits), bits))), io.BytesIO()
    image.compress(uid.RLELossless)  # by pydicom
    image.save_as(buffer)
    np.testing.assert_array_equal(decode(buffer.getvalue(), "x.dcm").levels, stored(bits))
    for rows in (60, 70):
        image.Rows = rows
        image.save_as(buffer := io.BytesIO())
        with pytest.raises(InputError, match=r"x\.dcm: not a readable DICOM image"):
            decode(buffer.getvalue(), "x.dcm")


@pytest.mark.parametrize("case", LOSSLESS)
def test_lossless_files_are_decoded_to_the_bit(case):
    bits, syntax, frame = LOSSLESS[case]
    np.testing.assert_array_equal(decode(compressed(bits, syntax, frame), case).levels, stored(bits))


def test_fill_bytes_before_a_marker_are_passed_over():
    frame = jpeg(8, lossless=True).replace(b"\xff\xc3", b"\xff\xff\xff\xc3", 1)
    data = compressed(8, uid.JPEGLosslessSV1, frame)
    np.testing.assert_array_equal(decode(data, "x").levels, stored(8))


@pytest.mark.parametrize(
    ("bits", "syntax", "frame"),
    [
        (8, uid.JPEGBaseline8Bit, jpeg(8, level=95)),
        (12, uid.JPEGExtended12Bit, jpeg(12, level=95)),
        (12, uid.JPEGLSNearLossless, imagecodecs.jpegls_encode(stored(12), level=5)),
    ],
)
def test_lossy_files_are_decoded_within_two_percent(bits, syntax, frame):
    levels = decode(compressed(bits, syntax, frame), "x.dcm").levels
    assert np.abs(levels / (2**bits - 1) - WAVES).max() < 0.02


def test_signed_values_come_through_a_codec_that_knows_none():
    """Two's complement in 16 bits, as PS3.5 8.2 has it; the smallest is level 0."""
    data = compressed(16, uid.JPEGLosslessSV1, jpeg(16, lossless=True), PixelRepresentation=1)
    np.testing.assert_array_equal(decode(data, "x").levels, stored(16) ^ 0x8000)


@pytest.mark.parametrize("case", LOSSLESS)
def test_a_codestream_cut_short_is_refused_by_name(case):
    bits, syntax, frame = LOSSLESS[case]
    for length in (0, 3, 20, len(frame) // 2, len(frame) - 2):
        with pytest.raises(InputError, match=r"x\.dcm: not a readable DICOM image"):
            decode(compressed(bits, syntax, frame[:length] or b"\0"), "x.dcm")


@pytest.mark.parametrize("case", LOSSLESS)
def test_a_codestream_of_another_size_is_refused_before_it_is_decoded(case):
    bits, syntax, frame = LOSSLESS[case]
    with pytest.raises(InputError, match=r"x\.dcm.*its header says 64 x 32 pixels.*64 x 64"):
        decode(compressed(bits, syntax, frame, Rows=32), "x.dcm")


@pytest.mark.parametrize("case", LOSSLESS)
def test_flipped_bits_give_a_picture_or_a_clear_error(case):
    bits, syntax, frame = LOSSLESS[case]
    rng, refused = np.random.default_rng(0), 0
    for _ in range(60):
        bad = bytearray(frame)
        for place in rng.integers(0, min(len(bad), rng.choice([60, len(bad)])), 3):
            bad[place] ^= 1 << int(rng.integers(8))
        try:
            assert decode(compressed(bits, syntax, bytes(bad)), "x.dcm").levels.shape == (64, 64)
        except InputError as error:
            refused += 1
            assert str(error).startswith("x.dcm: not a readable DICOM image")
    assert refused


@pytest.mark.skipif("CASES_DIR" not in os.environ, reason="CASES_DIR names no folder of cases")
def test_the_files_of_others_are_decoded():
    paths = sorted(Path(os.environ["CASES_DIR"], "compressed").glob("*.dcm"))
    assert paths
    for path in paths:
        bits = pydicom.dcmread(path).BitsStored
        levels = decode(path.read_bytes(), str(path)).levels
        if "baseline" in path.name or "extended" in path.name:
            assert np.abs(levels / (2**bits - 1) - WAVES).max() < 0.02, path
        else:
            np.testing.assert_array_equal(levels, stored(bits), str(path))
