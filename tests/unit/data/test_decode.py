import io
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image

from srlib.data.decode import decode, decode_gray
from srlib.errors import InputError

GRAY = np.arange(256, dtype=np.uint8).reshape(16, 16)


def encoded(pixels, mode=None, format="PNG"):
    buffer = io.BytesIO()
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(buffer, format)
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P", "1"])
def test_gray_stays_gray_whatever_the_mode_of_the_file(mode):
    gray = np.where(GRAY < 128, 0, 255).astype(np.uint8) if mode == "1" else GRAY
    np.testing.assert_array_equal(decode_gray(encoded(gray, mode), "x.png"), gray)


def test_alpha_is_dropped_not_blended():
    rgba = np.dstack([GRAY, GRAY, GRAY, np.zeros_like(GRAY)])
    np.testing.assert_array_equal(decode_gray(encoded(rgba), "x.png"), GRAY)


def test_sixteen_bits_are_scaled_by_depth_not_by_brightness():
    wide = np.array([[0, 128, 257], [500, 32896, 65535]], dtype=np.uint16)
    np.testing.assert_array_equal(decode_gray(encoded(wide), "x.png"), [[0, 0, 1], [2, 128, 255]])
    dark = np.full((4, 4), 200, dtype=np.uint16)  # a dark 16-bit scan is not an 8-bit one
    assert decode_gray(encoded(dark), "x.png").max() == 1


def test_a_flipped_bit_in_a_png_is_noticed():
    data = bytearray(encoded(np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)))
    for position in range(8, len(data), 97):
        broken = bytearray(data)
        broken[position] ^= 4
        with pytest.raises(InputError, match=r"x\.png"):
            decode_gray(bytes(broken), "x.png")


@pytest.mark.parametrize("data", [b"", b"<html>", encoded(GRAY)[:-30], encoded(GRAY)[:20]])
def test_what_is_no_picture_is_refused_by_name(data):
    with pytest.raises(InputError, match=r"x\.png: not a readable image"):
        decode_gray(data, "x.png")


@pytest.mark.parametrize("side", [9_000, 50_000])
def test_a_png_bomb_is_refused_unread(side):
    bomb = bytearray(encoded(GRAY))
    bomb[16:24] = side.to_bytes(4) * 2
    bomb[29:33] = zlib.crc32(bomb[12:29]).to_bytes(4)
    with pytest.raises(
        InputError, match=rf"x\.png: .*{side} x {side}.* larger than 8192 x 8192; shrink or remove it$"
    ):
        decode_gray(bytes(bomb), "x.png")


def test_jpeg_and_tiff_are_read():
    smooth = np.add.outer(np.arange(64), np.arange(64)).astype(np.uint8)
    assert np.abs(decode_gray(encoded(smooth, format="JPEG"), "x.jpg").astype(int) - smooth).max() <= 3
    np.testing.assert_array_equal(decode_gray(encoded(smooth, format="TIFF"), "x.tif"), smooth)


def test_sixteen_bit_tiff_is_scaled_and_inverted_where_zero_is_white():
    wide = np.array([[0, 257], [32896, 65535]], dtype=np.uint16)
    np.testing.assert_array_equal(decode_gray(encoded(wide, format="TIFF"), "x.tif"), [[0, 1], [128, 255]])
    buffer = io.BytesIO()
    Image.fromarray(wide).save(buffer, "TIFF", tiffinfo={262: 0})
    np.testing.assert_array_equal(decode_gray(buffer.getvalue(), "x.tif"), [[255, 254], [127, 0]])


@pytest.mark.parametrize("kind", [np.float32, np.int16, np.uint32, np.int32])
def test_pixels_whose_black_and_white_nobody_tells_are_refused_by_name(kind):
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, np.zeros((4, 4), kind))
    with pytest.raises(InputError, match=r"x\.tif: its pixels are.*; save it with 8 or 16 bits, unsigned$"):
        decode_gray(buffer.getvalue(), "x.tif")


def test_a_second_page_is_refused_by_name():
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, np.stack([GRAY, 255 - GRAY]), photometric="minisblack")
    with pytest.raises(InputError, match=r"x\.tif: 2 pictures in one file; save the one that is meant"):
        decode_gray(buffer.getvalue(), "x.tif")
    buffer = io.BytesIO()
    Image.fromarray(GRAY).save(buffer, "PNG", save_all=True, append_images=[Image.fromarray(255 - GRAY)])
    with pytest.raises(InputError, match=r"x\.png: 2 pictures"):
        decode_gray(buffer.getvalue(), "x.png")


# EXIF 2.3, tag 274: how the stored rows and columns lie on the upright picture.
UPRIGHT = {
    1: lambda stored: stored,
    2: np.fliplr,
    3: lambda stored: np.rot90(stored, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: np.rot90(stored, 2).T,
    8: np.rot90,
}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("format", ["PNG", "JPEG", "TIFF"])
def test_a_picture_is_turned_upright(orientation, format):
    ramp = np.add.outer(2 * np.arange(64), np.arange(32)).astype(np.uint8)
    exif = Image.Exif()
    exif[274] = orientation
    buffer = io.BytesIO()
    Image.fromarray(ramp).save(buffer, format, exif=exif)
    gray = decode_gray(buffer.getvalue(), "x")
    np.testing.assert_allclose(gray.astype(int), UPRIGHT[orientation](ramp).astype(int), atol=3)


def test_sixteen_bits_are_turned_too():
    wide, exif = np.arange(12, dtype=np.uint16).reshape(3, 4) * 5000, Image.Exif()
    exif[274] = 6
    buffer = io.BytesIO()
    Image.fromarray(wide).save(buffer, "PNG", exif=exif)
    np.testing.assert_array_equal(decode(buffer.getvalue(), "x").levels, np.rot90(wide, -1))


@pytest.mark.parametrize("format", ["PNG", "JPEG", "TIFF"])
def test_flipped_bits_give_a_picture_or_a_clear_error(format):
    exif = Image.Exif()
    exif[274] = 6
    buffer = io.BytesIO()
    Image.fromarray(GRAY).save(buffer, format, exif=exif)
    rng, refused = np.random.default_rng(0), 0
    for _ in range(400):
        bad = bytearray(buffer.getvalue())
        for place in rng.integers(0, len(bad), rng.integers(1, 4)):
            bad[place] ^= 1 << int(rng.integers(8))
        try:
            assert decode_gray(bytes(bad), "x").dtype == np.uint8
        except InputError as error:
            refused += 1
            assert str(error).startswith("x: ")
    assert refused


def test_formats_that_no_radiograph_has_are_not_opened():
    for format in ("GIF", "BMP"):
        with pytest.raises(
            InputError, match=r"x\.png: .*not a PNG, JPEG, TIFF or DICOM file, or damaged; convert it to PNG"
        ):
            decode_gray(encoded(GRAY, format=format), "x.png")


def test_colours_that_are_not_read_are_to_be_saved_as_gray():
    buffer = io.BytesIO()
    Image.new("LAB", (4, 4)).save(buffer, "TIFF")
    with pytest.raises(InputError, match=r"x\.tif: its colours are LAB.*; save it as gray$"):
        decode_gray(buffer.getvalue(), "x.tif")
