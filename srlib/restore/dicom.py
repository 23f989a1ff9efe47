"""A restored picture as a DICOM file, derived from that of its source.

The picture that was restored is what a viewer shows of the source, so its values are shares of black to
white already. Stored in as many bits as the source has, they need no LUT: MONOCHROME2, and a window that
shows all of them evenly. Whatever told the meaning of the source's own values goes; the patient, the study
and how the X-ray was taken stay. References are to DICOM PS3.3.
"""

import io
from datetime import datetime

import numpy as np
import pydicom
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import get_frame
from pydicom.multival import MultiValue
from pydicom.sr.codedict import codes

from srlib.data.dicom import share
from srlib.data.dicom_header import FAULTS, read
from srlib.errors import InputError, shown
from srlib.restore import dicom_geometry, dicom_profile
from srlib.restore.dicom_code import coded
from srlib.restore.note import Note

# A source's own values are copied, right or wrong; pydicom would warn of each, amid the progress bar. For all
# threads and for good, since pydicom's own way to do so for a while knows no threads.
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
pydicom.config.settings.writing_validation_mode = pydicom.config.IGNORE
# What the source's own pixels meant, showed, were signed with or were laid out like.
_OF_THE_SOURCES_PIXELS = (
    "DataSetTrailingPadding",
    "DigitalSignaturesSequence",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
    "HistogramSequence",
    "IconImageSequence",
    "InstanceCreatorUID",
    "LargestImagePixelValue",
    "LargestPixelValueInSeries",
    "MACParametersSequence",
    "ModalityLUTSequence",
    "PixelDataProviderURL",
    "PixelIntensityRelationshipLUTSequence",
    "PixelPaddingRangeLimit",
    "PixelPaddingValue",
    "RealWorldValueMappingSequence",
    "SmallestImagePixelValue",
    "SmallestPixelValueInSeries",
    "VOILUTFunction",
    "VOILUTSequence",
    "WindowCenter",
    "WindowCenterWidthExplanation",
    "WindowWidth",
)
# Transfer syntaxes that always lose something, and C.7.6.1.1.5.1's names of their methods.
_LOSSY = {
    uid.JPEGBaseline8Bit: "ISO_10918_1",
    uid.JPEGExtended12Bit: "ISO_10918_1",
    uid.JPEGLSNearLossless: "ISO_14495_1",
}


def derived(source: bytes, name: str, sr: np.ndarray, note: Note, anonymise: bool) -> bytes:
    """The DICOM file, Explicit VR Little Endian, of the picture restored from `source`, the file `name`.

    sr: float (H, W), `note.scale` times the source's sides, from 0 for black to 1 for white (beyond is cut).
    anonymise: whether the Basic Application Level Confidentiality Profile of PS3.15 is applied.
    Images that one model derives from one series are again one series.

    Raises InputError if the source cannot be written again, or not be made anonymous.
    """
    try:
        image = read(io.BytesIO(source))
        _keep_losses(image)
        if anonymise:
            dicom_profile.apply(image, name)
        else:
            now = datetime.now()
            image.InstanceCreationDate, image.InstanceCreationTime = f"{now:%Y%m%d}", f"{now:%H%M%S}"
        _name_source(image, note)
        dicom_geometry.enlarge(image, note.scale)
        _replace_pixels(image, sr)
        pydicom.dcmwrite(buffer := io.BytesIO(), image, enforce_file_format=True)
        return buffer.getvalue()
    except FAULTS as error:
        raise InputError(
            f"{name}: its DICOM header cannot be written again ({shown(error)}); export it again, or as PNG "
            "or TIFF"
        ) from error


def _keep_losses(image: Dataset) -> None:
    """Say what compression the source's pixels went through, where it does not (C.7.6.1.1.5)."""
    method = _LOSSY.get(image.file_meta.TransferSyntaxUID)
    if not method or image.get("LossyImageCompression") == "01":
        return
    size = image.Rows * image.Columns * image.BitsAllocated // 8
    frame = get_frame(image.PixelData, 0, number_of_frames=1)
    image.LossyImageCompression, image.LossyImageCompressionMethod = "01", method
    image.LossyImageCompressionRatio = f"{size / len(frame):.2f}"


def _name_source(image: Dataset, note: Note) -> None:
    """Make the dataset an image of a new series that says what it is derived from and how (C.7.6.1)."""
    reference = Dataset()
    reference.ReferencedSOPClassUID = image.SOPClassUID
    reference.ReferencedSOPInstanceUID = image.SOPInstanceUID
    reference.PurposeOfReferenceCodeSequence = [coded(codes.DCM.SourceImageForImageProcessingOperation)]
    image.SourceImageSequence = [reference]

    kind = image.get("ImageType")
    image.ImageType = ["DERIVED", "SECONDARY", *(kind[2:] if isinstance(kind, MultiValue) else [])]
    before = image.get("DerivationDescription") or ""
    image.DerivationDescription = f"{before[: 1023 - len(note.sentence)]} {note.sentence}".strip()
    image.DerivationCodeSequence = [
        *(image.get("DerivationCodeSequence") or []),  # one item for each step
        coded(codes.DCM.SpatialResampling),
    ]

    series = image.get("SeriesInstanceUID") or image.SOPInstanceUID
    image.SeriesInstanceUID = uid.generate_uid(entropy_srcs=[series, note.sha256])
    remark = f"[x{note.scale} super-resolution, not for diagnosis]"
    before = image.get("SeriesDescription") or ""
    image.SeriesDescription = f"{before[: 63 - len(remark)]} {remark}".strip()

    program = Dataset()
    program.PurposeOfReferenceCodeSequence = [coded(codes.DCM.ProcessingEquipment)]
    program.Manufacturer, program.ManufacturerModelName = "Chest X-ray super-resolution", note.model[:64]
    image.ContributingEquipmentSequence = [*(image.get("ContributingEquipmentSequence") or []), program]


def _replace_pixels(image: Dataset, sr: np.ndarray) -> None:
    """Store the restored picture as MONOCHROME2 that a window of all levels shows as it is."""
    bits, top = image.BitsStored, 2**image.BitsStored - 1
    if sign := image.get("PixelIntensityRelationshipSign"):  # C.8.11.3.1.2
        of_source = share(image)
        image.PixelIntensityRelationshipSign = -sign if of_source[0] > of_source[-1] else sign
    for keyword in _OF_THE_SOURCES_PIXELS:
        if keyword in image:
            delattr(image, keyword)
    if "RescaleSlope" in image:  # a digital X-ray's, by its IOD (C.8.11.3)
        image.RescaleIntercept, image.RescaleSlope, image.RescaleType = 0, 1, "US"
    if "PresentationLUTShape" in image:
        image.PresentationLUTShape = "IDENTITY"
    if image.get("PresentationIntentType") != "FOR PROCESSING":  # which may have no window (C.8.11.3)
        image.WindowCenter, image.WindowWidth = f"{2 ** (bits - 1)}", f"{2**bits}"  # all levels (C.11.2.1.2)

    image.preamble, image.file_meta = bytes(128), FileMetaDataset()  # in which anything may stand
    image.file_meta.MediaStorageSOPClassUID = image.SOPClassUID
    image.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    levels = np.rint(np.clip(sr, 0, 1) * top).astype(f"u{image.BitsAllocated // 8}")
    image.set_pixel_data(levels, "MONOCHROME2", bits)  # and a new SOP Instance UID
