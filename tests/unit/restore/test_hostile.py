"""Whatever is done to a file gives a restored one or one clear error, never a traceback."""

import io

import numpy as np
import pytest
from dicoms import dicom_file
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from restoring import random_pixels, repeated

from srlib.errors import InputError
from srlib.restore.note import Note
from srlib.restore.picture import read
from srlib.restore.writers import encode


def picture(kind):
    if kind == "DICOM":
        return dicom_file()
    exif = Image.Exif()
    exif[274], exif[282], exif[283], exif[305] = 6, 300.0, 300.0, "a scanner"
    buffer = io.BytesIO()
    Image.fromarray(random_pixels((9, 14))).save(buffer, kind, exif=exif, dpi=(300, 300), icc_profile=b"gray")
    return buffer.getvalue()


GOOD = {kind: picture(kind) for kind in ("PNG", "JPEG", "TIFF", "DICOM")}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", GOOD)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_restored_or_told_of(kind, data):
    bad = bytearray(GOOD[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(bad) - 1))
        bad[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    try:
        source = read(bytes(bad), "x")
        assert source.gray.dtype == np.float32 and 0 <= source.gray.min() <= source.gray.max() <= 1
        assert encode(source, repeated(source.gray), Note("linear", "ab" * 32, 4))
    except InputError as error:
        assert str(error).startswith("x: ") and str(error).isprintable()
