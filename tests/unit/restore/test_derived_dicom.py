"""Restored DICOM files: what they show, what they say of themselves, and what dciodvfy and dcmtk find."""

import io
import shutil
import subprocess

import imagecodecs
import numpy as np
import pydicom
import pytest
from dicoms import CR, DX, RAMP, code, dcmtk_gray, dicom_file, table
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, get_frame

from srlib.data.decode import decode
from srlib.errors import InputError
from srlib.restore.dicom import derived
from srlib.restore.note import Note

NOTE = Note("vdsr", "0123456789abcdef" * 4, 4)
SIGNED = (RAMP.astype(np.int32) - 2048).astype(np.int16)
CURVE = np.rint(4095 * np.sqrt(np.arange(4096) / 4095)).astype(int)
PROCESSING = {key: value for key, value in DX.items() if not key.startswith("Window")} | {
    "SOPClassUID": uid.DigitalXRayImageStorageForProcessing,
    "PresentationIntentType": "FOR PROCESSING",
}


def run_lengths():
    image = pydicom.dcmread(io.BytesIO(dicom_file(**CR)))
    image.compress(uid.RLELossless)
    image.save_as(buffer := io.BytesIO())
    return buffer.getvalue()


def jpeg_2000():
    frame = imagecodecs.jpeg2k_encode(RAMP, reversible=True, codecformat="j2k", bitspersample=12)
    return dicom_file(syntax=uid.JPEG2000Lossless, **CR | {"PixelData": encapsulate([frame])})


def lossy(**fields):
    frame = imagecodecs.jpeg_encode((RAMP // 16).astype(np.uint8), level=95)
    return dicom_file(
        RAMP.astype(np.uint8), 8, uid.JPEGBaseline8Bit, **CR | {"PixelData": encapsulate([frame])} | fields
    )


SOURCES = {
    "12 bits": dicom_file(**CR),
    "8 bits": dicom_file((RAMP // 16).astype(np.uint8), 8, **CR),
    "10 bits": dicom_file(RAMP // 4, 10, **CR),
    "16 bits": dicom_file(RAMP * 16, 16, **CR),
    "12 bits, the upper ones of 16": dicom_file(RAMP << 4, **CR, HighBit=15),
    "MONOCHROME1": dicom_file(**CR, PhotometricInterpretation="MONOCHROME1"),
    "a digital one, MONOCHROME1 with a window": dicom_file(**DX),
    "a digital one for processing": dicom_file(**PROCESSING),
    "secondary capture": dicom_file(
        **CR, SOPClassUID=uid.SecondaryCaptureImageStorage, ConversionType="WSD", ImageType="ORIGINAL"
    ),
    "signed": dicom_file(SIGNED, **CR, WindowCenter=["0", "9"], WindowWidth=["512", "9"]),
    "modality LUT and VOI LUT": dicom_file(
        **CR,
        ModalityLUTSequence=table(0, 12, CURVE),
        VOILUTSequence=table(0, 12, CURVE[::-1]),
    ),
    "rescaled, sigmoid": dicom_file(
        **CR, RescaleSlope="-1", RescaleIntercept="4095", RescaleType="US",
        WindowCenter="2048", WindowWidth="1024", VOILUTFunction="SIGMOID",
    ),
    "padding": dicom_file(SIGNED, **CR, PixelPaddingValue=-2048),
    "implicit": dicom_file(syntax=uid.ImplicitVRLittleEndian, **CR),
    "big-endian": dicom_file(RAMP.astype(">u2"), syntax=uid.ExplicitVRBigEndian, **CR),
    "RLE": run_lengths(),
    "JPEG 2000": jpeg_2000(),
    "JPEG": lossy(),
}  # fmt: skip


def shown(data):
    picture = decode(data, "x.dcm")
    return picture.share[picture.levels]


def restored(source):
    """What a network might make of it: 4 times the sides, and here and there beyond black and white."""
    return np.kron(shown(source), np.ones((4, 4))) + np.random.default_rng(0).normal(0, 0.01, (64, 64))


def header(source, anonymise=False):
    data = derived(source, "x.dcm", restored(source), NOTE, anonymise)
    return pydicom.dcmread(io.BytesIO(data))


@pytest.mark.parametrize("case", SOURCES)
def test_a_restored_file_shows_the_restored_picture_in_the_bits_of_its_source(case):
    before, sr = pydicom.dcmread(io.BytesIO(SOURCES[case])), restored(SOURCES[case])
    data = derived(SOURCES[case], "x.dcm", sr, NOTE, anonymise=False)
    after = pydicom.dcmread(io.BytesIO(data))
    assert after.file_meta.TransferSyntaxUID == uid.ExplicitVRLittleEndian
    assert (after.Rows, after.Columns, after.PhotometricInterpretation) == (64, 64, "MONOCHROME2")
    assert (after.BitsAllocated, after.BitsStored) == (before.BitsAllocated, before.BitsStored)
    assert (after.HighBit, after.PixelRepresentation) == (before.BitsStored - 1, 0)
    np.testing.assert_allclose(shown(data), np.clip(sr, 0, 1), atol=0.5001 / (2**after.BitsStored - 1))
    small = shown(data).reshape(16, 4, 16, 4).mean(axis=(1, 3))
    np.testing.assert_allclose(small, shown(SOURCES[case]), atol=0.02)


@pytest.mark.parametrize("case", SOURCES)
def test_dcmtk_shows_the_restored_picture(case, tmp_path):
    sr = restored(SOURCES[case])
    data = derived(SOURCES[case], "x.dcm", sr, NOTE, anonymise=False)
    window = () if "for processing" in case else ("+Wi", "1")
    seen = dcmtk_gray(data, tmp_path, *window).astype(float)
    np.testing.assert_allclose(seen, 255 * np.clip(sr, 0, 1), atol=1.2)  # it rounds down


@pytest.mark.parametrize("case", SOURCES)
@pytest.mark.parametrize("anonymise", [False, True])
def test_dciodvfy_finds_nothing_that_it_does_not_find_in_the_source(case, anonymise, tmp_path):
    source = SOURCES[case]
    data = derived(source, "x.dcm", restored(source), NOTE, anonymise)
    findings = dciodvfy(data, tmp_path) - dciodvfy(source, tmp_path)
    if anonymise:  # for which the study's date, time and number would have to stay
        findings = {line for line in findings if not line.endswith("needed to build DICOMDIR")}
    assert findings == set()


def dciodvfy(data, folder):
    if not (program := shutil.which("dciodvfy")):
        pytest.skip("no dciodvfy (Debian package dicom3tools)")
    (folder / "x.dcm").write_bytes(data)
    run = subprocess.run([program, "-new", folder / "x.dcm"], capture_output=True, text=True)
    assert "Image" in run.stderr  # the kind that it took it for
    return set(run.stderr.splitlines())


def test_a_restored_file_says_what_it_is_and_where_it_comes_from():
    source = pydicom.dcmread(io.BytesIO(SOURCES["12 bits"]))
    image = header(SOURCES["12 bits"])
    assert image.ImageType == header(SOURCES["secondary capture"]).ImageType == ["DERIVED", "SECONDARY"]
    for said in ("NOT FOR DIAGNOSIS", "vdsr", NOTE.sha256, "x4"):
        assert said in image.DerivationDescription
    assert image.SeriesDescription == "[x4 super-resolution, not for diagnosis]"
    assert image.DerivationCodeSequence[0].CodeValue == "113085"  # PS3.16, CID 7203
    origin = image.SourceImageSequence[0]
    assert (origin.ReferencedSOPClassUID, origin.ReferencedSOPInstanceUID) == (
        source.SOPClassUID,
        source.SOPInstanceUID,
    )
    assert origin.PurposeOfReferenceCodeSequence[0].CodeValue == "121322"  # CID 7202
    assert image.file_meta.MediaStorageSOPInstanceUID == image.SOPInstanceUID != source.SOPInstanceUID
    assert image.SeriesInstanceUID != source.SeriesInstanceUID
    assert image.StudyInstanceUID == source.StudyInstanceUID


def test_one_series_becomes_one_series_by_each_model():
    first, second = header(SOURCES["12 bits"]), header(SOURCES["8 bits"])
    assert first.SeriesInstanceUID == second.SeriesInstanceUID
    assert first.SOPInstanceUID != second.SOPInstanceUID
    other = NOTE._replace(sha256="f" * 64)
    data = derived(SOURCES["12 bits"], "x.dcm", restored(SOURCES["12 bits"]), other, anonymise=False)
    assert pydicom.dcmread(io.BytesIO(data)).SeriesInstanceUID != first.SeriesInstanceUID


def test_what_was_derived_before_says_both():
    source = dicom_file(
        **CR,
        ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
        SeriesDescription="Thorax pa im Stehen, mit einer sehr langen Beschreibung",
        DerivationDescription="Sharpened " * 100,
        DerivationCodeSequence=code("113086", "DCM", "Edge enhancement"),
    )
    image = header(source)
    assert image.ImageType == ["DERIVED", "SECONDARY", "AXIAL"]
    assert image.SeriesDescription.startswith("Thorax pa")
    assert image.SeriesDescription.endswith("[x4 super-resolution, not for diagnosis]")
    assert len(image.SeriesDescription) <= 64
    assert image.DerivationDescription.startswith("Sharpened ")
    assert image.DerivationDescription.endswith(NOTE.sentence)
    assert len(image.DerivationDescription) <= 1024
    assert [item.CodeValue for item in image.DerivationCodeSequence] == ["113086", "113085"]


def test_patient_examination_and_private_attributes_stay():
    image = pydicom.dcmread(io.BytesIO(SOURCES["a digital one, MONOCHROME1 with a window"]))
    image.private_block(0x0009, "MAKER", create=True).add_new(1, "LO", "a secret of theirs")
    image.save_as(buffer := io.BytesIO())
    after = header(buffer.getvalue())
    for keyword in ("PatientName", "PatientID", "StudyDate", "AccessionNumber", "ViewPosition", "Modality"):
        assert after[keyword] == image[keyword]
    assert after.AnatomicRegionSequence == image.AnatomicRegionSequence
    assert after.BurnedInAnnotation == "NO"
    assert after.private_block(0x0009, "MAKER")[1].value == "a secret of theirs"


@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian])
def test_values_that_break_the_standard_are_copied_without_a_word(syntax, recwarn):
    right = dicom_file(
        syntax=syntax, **CR, ExposureTime="13", SliceThickness="1.77", AcquisitionDate="20240518"
    )
    wrong = right.replace(b"13", b".5").replace(b"1.77", b"thin").replace(b"20240518", b"18.5.24 ")
    image = header(wrong)
    assert [str(image[name].value) for name in ("ExposureTime", "SliceThickness", "AcquisitionDate")] == [
        "0.5",
        "thin",
        "18.5.24",
    ]
    assert [str(warning.message) for warning in recwarn] == []


def test_what_the_sources_values_meant_is_gone():
    fields = {
        "SmallestImagePixelValue": 0,
        "PixelPaddingValue": 0,
        "IconImageSequence": [Dataset()],
        "WindowCenterWidthExplanation": "LUNG",
        "VOILUTFunction": "LINEAR_EXACT",
        "ModalityLUTSequence": table(0, 12, CURVE),
        "VOILUTSequence": table(0, 12, CURVE),
    }
    image = header(dicom_file(**CR, **fields))
    assert [keyword for keyword in fields if keyword in image] == []
    assert (image.WindowCenter, image.WindowWidth) == (2048, 4096)


def test_a_picture_turned_from_black_to_white_says_so():
    image = header(SOURCES["a digital one, MONOCHROME1 with a window"])
    assert (image.PhotometricInterpretation, image.PresentationLUTShape) == ("MONOCHROME2", "IDENTITY")
    assert image.PixelIntensityRelationshipSign == -1
    straight = {"PhotometricInterpretation": "MONOCHROME2", "PresentationLUTShape": "IDENTITY"}
    image = header(dicom_file(**DX | straight))
    assert image.PixelIntensityRelationshipSign == 1


def test_lossy_compression_is_never_forgotten():
    frame = get_frame(pydicom.dcmread(io.BytesIO(lossy())).PixelData, 0, number_of_frames=1)
    image = header(lossy())
    assert (image.LossyImageCompression, image.LossyImageCompressionMethod) == ("01", "ISO_10918_1")
    assert image.LossyImageCompressionRatio == pytest.approx(RAMP.size / len(frame), abs=0.01)
    told = {"LossyImageCompression": "01", "LossyImageCompressionRatio": "7.5"}
    assert header(dicom_file(**CR, **told)).LossyImageCompressionRatio == 7.5
    assert "LossyImageCompression" not in header(SOURCES["JPEG 2000"])


def test_lengths_and_places_are_those_of_the_larger_picture():
    image = header(
        dicom_file(
            **CR,
            PixelSpacing=["0.2", "0.143"],
            ImagerPixelSpacing=["0.1", "0.1"],
            NominalScannedPixelSpacing="",
            ShutterShape=["RECTANGULAR", "CIRCULAR"],
            ShutterLeftVerticalEdge="1",
            ShutterRightVerticalEdge="16",
            CenterOfCircularShutter=["8", "8"],
            RadiusOfCircularShutter="5",
        )
    )
    assert image.PixelSpacing == [0.05, 0.03575]
    assert image.ImagerPixelSpacing == [0.025, 0.025]
    assert 1 <= image.ShutterLeftVerticalEdge <= 4  # what has become of the first of 16 columns
    assert 61 <= image.ShutterRightVerticalEdge <= 64
    assert all(29 <= place <= 32 for place in image.CenterOfCircularShutter)
    assert image.RadiusOfCircularShutter == 20


@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian])
def test_an_overlay_is_enlarged_with_its_picture(syntax):
    marks = np.random.default_rng(0).integers(0, 2, (7, 5)).astype(np.uint8)
    packed = np.packbits(marks, bitorder="little").tobytes() + b"\0"
    word = "<u2" if syntax.is_little_endian else ">u2"
    pixels = RAMP.astype(word)
    image = pydicom.dcmread(io.BytesIO(dicom_file(pixels, syntax=syntax, **CR)))
    for element, vr, value in [
        (0x10, "US", 7), (0x11, "US", 5), (0x40, "CS", "G"), (0x50, "SS", [3, -2]), (0x100, "US", 1),
        (0x102, "US", 0), (0x1301, "IS", "9"),
        (0x3000, "OW", np.frombuffer(packed, "<u2").astype(word).tobytes()),
    ]:  # fmt: skip
        image.add_new((0x6000, element), vr, value)
    image.add_new((0x6002, 0x10), "US", 16)  # another, inside the pixels
    image.save_as(buffer := io.BytesIO())
    after = header(buffer.getvalue())
    np.testing.assert_array_equal(after.overlay_array(0x6000), np.kron(marks, np.ones((4, 4))))
    assert after[0x6000, 0x50].value == [9, -11]
    assert (0x6000, 0x1301) not in after
    assert not after.group_dataset(0x6002)


def test_a_header_that_cannot_be_written_is_refused_by_name():
    image = pydicom.dcmread(io.BytesIO(SOURCES["12 bits"]))
    del image.SOPInstanceUID
    image.save_as(buffer := io.BytesIO())
    with pytest.raises(InputError, match=r"x\.dcm: its DICOM header cannot be written again"):
        header(buffer.getvalue())
