"""DICOM radiographs of many kinds, and what is restored from them."""

import io

import imagecodecs
import numpy as np
import pydicom
from dicoms import CR, DX, RAMP, dicom_file, table
from pydicom import uid
from pydicom.encaps import encapsulate

from srlib.data.decode import decode
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
