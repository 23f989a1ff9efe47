"""The stored cells of a DICOM file, whatever it is compressed with.

imagecodecs decodes RLE, JPEG, JPEG-LS, JPEG 2000 and HTJ2K, lossless ones to the bit, and its licence (BSD)
suits ours; of pydicom's own plugins the one that knows JPEG Extended with 12 bits is under the GPL. A
codestream's header is held to what the DICOM file says before it is decoded: a damaged one would ask its
decoder for gigabytes, or crash it.
"""

import struct

import numpy as np
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.pixels import get_decoder

# Transfer syntax -> function of imagecodecs.
CODECS = {
    uid.JPEGBaseline8Bit: "jpeg_decode",
    uid.JPEGExtended12Bit: "jpeg_decode",
    uid.JPEGLossless: "jpeg_decode",
    uid.JPEGLosslessSV1: "jpeg_decode",
    uid.JPEGLSLossless: "jpegls_decode",
    uid.JPEGLSNearLossless: "jpegls_decode",
    uid.JPEG2000Lossless: "jpeg2k_decode",
    uid.JPEG2000: "jpeg2k_decode",
    uid.HTJ2KLossless: "jpeg2k_decode",
    uid.HTJ2KLosslessRPCL: "jpeg2k_decode",
    uid.HTJ2K: "jpeg2k_decode",
}
_FRAME_HEADERS = {0xC0, 0xC1, 0xC2, 0xC3, 0xF7}  # SOF0 to SOF3 of JPEG, SOF55 of JPEG-LS
_END = b"\xff\xd9"


def decode(image: Dataset) -> np.ndarray:
    """The one gray frame of a DICOM dataset as its cells: integers of shape (Rows, Columns), all bits.

    Raises ValueError, or what pydicom and imagecodecs raise, if it is damaged.
    """
    syntax = image.file_meta.TransferSyntaxUID
    if not syntax.is_encapsulated:
        return get_decoder(syntax).as_array(image, correct_unused_bits=False, view_only=True)[0]
    frame = get_frame(image.PixelData, 0, number_of_frames=1)
    if syntax == uid.RLELossless:
        return _run_lengths(frame, image)
    if syntax not in CODECS:
        raise ValueError(f"it is compressed by {syntax.name}")
    return _jpeg(frame.rstrip(b"\0"), image, CODECS[syntax])


def _run_lengths(frame: bytes, image: Dataset) -> np.ndarray:
    """PS3.5, annex G. pydicom needs a second for 4 million pixels, and unpacks whatever comes."""
    import imagecodecs  # here, because most X-rays need no codec

    cells = np.empty((image.Rows, image.Columns), f"<u{image.BitsAllocated // 8}")
    done = imagecodecs.dicomrle_decode(frame, cells.dtype, out=cells.reshape(-1).view(np.uint8))
    if len(done) != cells.nbytes:
        raise ValueError("its compressed part is cut short")
    return cells


def _jpeg(frame: bytes, image: Dataset, codec: str) -> np.ndarray:
    import imagecodecs

    height, width, samples, bits = _header(frame)
    if (height, width, samples) != (image.Rows, image.Columns, 1) or bits > image.BitsAllocated:
        raise ValueError(
            f"its header says {image.Columns} x {image.Rows} pixels of {image.BitsAllocated} bits, "
            f"its compressed part {width} x {height} of {samples} x {bits}"
        )
    if not frame.endswith(_END):  # some decoders would fill up with gray, some never end
        raise ValueError("its compressed part is cut short")
    return getattr(imagecodecs, codec)(frame)


def _header(frame: bytes) -> tuple[int, int, int, int]:
    """Height, width, samples per pixel and bits per sample of a codestream.

    ISO/IEC 10918-1, B.2.2 (JPEG, JPEG-LS) and 15444-1, A.5.1 (JPEG 2000).
    """
    try:
        if frame.startswith(b"\xff\x4f\xff\x51"):
            right, bottom, left, top = struct.unpack(">4I", frame[8:24])
            samples, bits = struct.unpack(">HB", frame[40:43])
            return bottom - top, right - left, samples, (bits & 0x7F) + 1
        position = 2
        while (marker := frame[position + 1]) not in _FRAME_HEADERS:
            filled = marker == 0xFF  # B.1.1.2: any number of these may stand before a marker
            position += 1 if filled else 2 + struct.unpack(">H", frame[position + 2 : position + 4])[0]
        bits, height, width, samples = struct.unpack(">BHHB", frame[position + 4 : position + 10])
        return height, width, samples, bits
    except (struct.error, IndexError):
        raise ValueError("its compressed part has no header") from None
