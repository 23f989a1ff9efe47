"""What each stored value of a DICOM file shows, held to dcmtk and to the values that it gave."""

import os
from pathlib import Path

import numpy as np
import pytest
from dicoms import RAMP, dcmtk_gray, dicom_file, table
from pydicom.uid import ExplicitVRBigEndian

from srlib.data.decode import decode, decode_gray

SIGNED = (RAMP.astype(np.int32) - 2048).astype(np.int16)
CURVE = np.rint(4095 * np.sqrt(np.arange(4096) / 4095)).astype(int)
NARROW = (CURVE // 16).astype(np.uint8)
WINDOW, LUT = ("+Wi", "1"), ("+Wl", "1")
MIDDLE = {"WindowCenter": "2048", "WindowWidth": "1024"}
ONE, NEGATIVE = (
    {"PhotometricInterpretation": "MONOCHROME1"},
    {"RescaleSlope": "-1", "RescaleIntercept": "4095"},
)
SHIFTED = {"RescaleSlope": "1", "RescaleIntercept": "-1024"}
# What it is: the file, dcmtk's options, dcmtk's gray of the ramp's first, middle and last pixel.
CASES = {
    "plain": (dicom_file(), (), (0, 128, 255)),
    "signed": (dicom_file(SIGNED), (), (0, 128, 255)),
    "MONOCHROME1": (dicom_file(**ONE), (), (255, 127, 0)),
    "MONOCHROME1, shape INVERSE": (dicom_file(**ONE, PresentationLUTShape="INVERSE"), (), (255, 127, 0)),
    "MONOCHROME1, shape IDENTITY": (dicom_file(**ONE, PresentationLUTShape="IDENTITY"), (), (0, 128, 255)),
    "MONOCHROME2, shape INVERSE": (dicom_file(PresentationLUTShape="INVERSE"), (), (255, 127, 0)),
    "window": (dicom_file(**MIDDLE), WINDOW, (0, 129, 255)),
    "window, signed": (dicom_file(SIGNED, WindowCenter="0", WindowWidth="512"), WINDOW, (0, 131, 255)),
    "window, MONOCHROME1": (dicom_file(**MIDDLE, **ONE), WINDOW, (255, 126, 0)),
    "window, first of two": (
        dicom_file(WindowCenter=["2048", "9"], WindowWidth=["1024", "9"]),
        WINDOW,
        (0, 129, 255),
    ),
    "window of width 1": (dicom_file(WindowCenter="2048", WindowWidth="1"), WINDOW, (0, 255, 255)),
    "window, sigmoid": (dicom_file(**MIDDLE, VOILUTFunction="SIGMOID"), WINDOW, (0, 129, 254)),
    "window, empty": (dicom_file(WindowCenter="", WindowWidth=""), (), (0, 128, 255)),
    "negative slope": (dicom_file(**NEGATIVE), (), (255, 127, 0)),
    "negative slope, window": (dicom_file(**NEGATIVE, **MIDDLE), WINDOW, (255, 125, 0)),
    "negative slope, window, MONOCHROME1": (dicom_file(**NEGATIVE, **MIDDLE, **ONE), WINDOW, (0, 129, 255)),
    "slope of a fraction": (
        dicom_file(RescaleSlope="0.37", RescaleIntercept="-11.5", WindowCenter="700.3", WindowWidth="500"),
        WINDOW,
        (0, 152, 255),
    ),
    "rescale, empty": (dicom_file(RescaleSlope="", RescaleIntercept=""), (), (0, 128, 255)),
    "VOI LUT": (dicom_file(VOILUTSequence=table(0, 12, CURVE)), LUT, (0, 181, 255)),
    "VOI LUT, MONOCHROME1": (dicom_file(**ONE, VOILUTSequence=table(0, 12, CURVE)), LUT, (255, 75, 0)),
    "VOI LUT, half its range": (dicom_file(VOILUTSequence=table(0, 12, CURVE // 2)), LUT, (0, 90, 127)),
    "VOI LUT, middle of its range": (
        dicom_file(VOILUTSequence=table(0, 12, CURVE // 2 + 1000)),
        LUT,
        (62, 153, 190),
    ),
    "VOI LUT, 16 bits": (dicom_file(VOILUTSequence=table(0, 16, CURVE * 16)), LUT, (0, 181, 255)),
    "VOI LUT, 8 bits in words": (dicom_file(VOILUTSequence=table(0, 8, CURVE // 16)), LUT, (0, 181, 255)),
    "VOI LUT, 8 bits in bytes": (dicom_file(VOILUTSequence=table(0, 8, NARROW)), LUT, (0, 181, 255)),
    "VOI LUT, short": (dicom_file(VOILUTSequence=table(1000, 12, CURVE[::4])), LUT, (0, 255, 255)),
    "VOI LUT, empty": (dicom_file(VOILUTSequence=[]), (), (0, 128, 255)),
    "VOI LUT, first -1024": (
        dicom_file(**SHIFTED, VOILUTSequence=table(-1024, 12, CURVE, "SS")),
        LUT,
        (0, 181, 255),
    ),
    "VOI LUT, first -1024 as 64512": (
        dicom_file(**SHIFTED, VOILUTSequence=table(64512, 12, CURVE)),
        LUT,
        (0, 181, 255),
    ),
    "VOI LUT, signed pixels": (
        dicom_file(SIGNED, VOILUTSequence=table(-2048, 12, CURVE, "SS")),
        LUT,
        (0, 181, 255),
    ),
    "VOI LUT, big-endian": (
        dicom_file(
            RAMP.astype(">u2"), 12, ExplicitVRBigEndian, VOILUTSequence=table(0, 12, CURVE, order=">")
        ),
        LUT,
        (0, 181, 255),
    ),
    "modality LUT": (dicom_file(ModalityLUTSequence=table(0, 12, CURVE)), (), (0, 181, 255)),
    "modality LUT, half its range": (
        dicom_file(ModalityLUTSequence=table(0, 12, CURVE // 2)),
        (),
        (0, 90, 127),
    ),
    "modality LUT and VOI LUT": (
        dicom_file(ModalityLUTSequence=table(0, 12, CURVE), VOILUTSequence=table(0, 12, CURVE[::-1])),
        LUT,
        (255, 138, 0),
    ),
    "high bit 15 of 12": (dicom_file(RAMP << 4, HighBit=15), (), (0, 128, 255)),
    "high bit 15 of 12, signed": (dicom_file(SIGNED << 4, HighBit=15), (), (0, 128, 255)),
    "high bit 11 of 8": (dicom_file(RAMP // 16 << 4, 8, HighBit=11), (), (0, 128, 255)),
    "unused bits set": (dicom_file(RAMP | 0xA000), (), (0, 128, 255)),
    "NumberOfFrames empty": (dicom_file(NumberOfFrames=""), (), (0, 128, 255)),
}


@pytest.mark.parametrize("case", CASES)
def test_a_file_shows_what_dcmtk_showed(case):
    data, _, expected = CASES[case]
    np.testing.assert_allclose(decode_gray(data, case).flat[[0, 128, -1]].astype(int), expected, atol=1)


@pytest.mark.parametrize("case", CASES)
def test_every_pixel_is_as_in_dcmtk(case, tmp_path):
    data, options, _ = CASES[case]
    expected = dcmtk_gray(data, tmp_path, *options).astype(int)
    np.testing.assert_allclose(decode_gray(data, case).astype(int), expected, atol=1)


def test_an_exact_window_follows_the_standards_formula():
    """PS3.3 C.11.2.1.3.2; dcmtk does not know it."""
    share = decode(dicom_file(**MIDDLE, VOILUTFunction="LINEAR_EXACT"), "x.dcm")
    expected = np.clip((RAMP - 2048.0) / 1024 + 0.5, 0, 1)
    np.testing.assert_allclose(share.share[share.levels], expected)


def test_all_the_bits_of_a_file_can_be_had():
    picture = decode(dicom_file(), "x.dcm")
    np.testing.assert_array_equal(picture.levels, RAMP)
    np.testing.assert_allclose(picture.share[picture.levels], RAMP / 4095)


@pytest.mark.skipif("CASES_DIR" not in os.environ, reason="CASES_DIR names no folder of cases")
@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("window_empty", (), (0, 128, 255)),
        ("OHIF127_slope_10_int3000_8bit", WINDOW, (255, 127, 0)),
        ("negslope_window", WINDOW, (255, 125, 0)),
        ("voilut_implicit_unsigned_intercept-1024", LUT, (0, 181, 255)),
        ("us_first_neg_rescale", LUT, (0, 181, 255)),
    ],
)
def test_the_files_of_others_show_what_dcmtk_shows(name, options, expected, tmp_path):
    data = Path(os.environ["CASES_DIR"], f"{name}.dcm").read_bytes()
    gray = decode_gray(data, name).astype(int)
    np.testing.assert_allclose(gray.flat[[0, gray.size // 2, -1]], expected, atol=1)
    np.testing.assert_allclose(gray, dcmtk_gray(data, tmp_path, *options).astype(int), atol=1)
