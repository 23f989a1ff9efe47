"""What restored DICOM files say of themselves, and what they keep and lose of their source's header."""

import io

import numpy as np
import pydicom
import pytest
from deriving import CURVE, NOTE, SOURCES, header, lossy, restored
from dicoms import CR, DX, RAMP, code, dicom_file, table
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame

from srlib.errors import InputError
from srlib.restore.dicom import derived


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
