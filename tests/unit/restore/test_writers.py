"""Kind, bits, gray and resolution of a picture's file come through; what cannot is told."""

import io

import numpy as np
import pytest
import tifffile
from PIL import Image, PngImagePlugin
from restoring import random_pixels, repeated, restore, write_weights

from srlib.data.decode import decode
from srlib.errors import InputError
from srlib.restore.note import Note
from srlib.restore.picture import read
from srlib.restore.writers import encode

NOTE = Note("linear", "ab" * 32, 4)
KINDS = [("PNG", np.uint8), ("PNG", np.uint16), ("TIFF", np.uint8), ("TIFF", np.uint16), ("JPEG", np.uint8)]


def file(pixels, kind="PNG", **options):
    buffer = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def copy(data, name="x"):
    """The bytes of a file through reading and writing, enlarged by repetition."""
    source = read(data, name)
    return encode(source, repeated(source.gray), NOTE)


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize(("kind", "dtype"), KINDS)
def test_the_same_kind_bits_and_grays_come_out(kind, dtype):
    pixels = random_pixels(dtype=dtype)
    if kind == "JPEG":
        pixels = np.full_like(pixels, 77)  # which its compression does not change
    made = opened(copy(file(pixels, kind)))
    assert (made.format, made.mode) == (kind, "L" if dtype == np.uint8 else "I;16")
    assert np.array_equal(np.asarray(made), repeated(pixels))


def test_every_single_gray_level_of_sixteen_bits_is_kept():
    levels = np.arange(2**16, dtype=np.uint16).reshape(256, 256)
    assert np.array_equal(np.asarray(opened(copy(file(levels)))), repeated(levels))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_dark_picture_of_few_grays_is_not_stretched(dtype, tmp_path):
    dark = 40 + random_pixels((30, 41)).astype(dtype) % 5
    (tmp_path / "x.png").write_bytes(file(dark))
    weights = write_weights(tmp_path / "w.safetensors")
    assert restore("--weights", weights, tmp_path / "x.png", "--output", tmp_path / "out") == 0
    assert np.array_equal(np.asarray(Image.open(tmp_path / "out" / "x.png")), repeated(dark))


def test_twelve_bits_become_the_same_grays_of_sixteen():
    levels = (np.arange(64 * 64, dtype=np.uint16) % 4096).reshape(64, 64)
    buffer = io.BytesIO()
    packed = Image.fromarray(levels).tobytes()
    words = np.frombuffer(packed, np.uint16)
    twelve = np.empty((len(words) // 2, 3), np.uint8)  # two values in three bytes
    first, second = words[::2], words[1::2]
    twelve[:, 0], twelve[:, 1], twelve[:, 2] = first >> 4, (first & 15) << 4 | second >> 8, second & 255
    tifffile.imwrite(buffer, levels, metadata=None)
    data = bytearray(buffer.getvalue())
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        tags = tiff.pages[0].tags
        bits, start, count = (tags[name] for name in ("BitsPerSample", "StripOffsets", "StripByteCounts"))
        data[bits.valueoffset] = 12
        data[start.value[0] : start.value[0] + twelve.size] = twelve.tobytes()
        data[count.valueoffset : count.valueoffset + 4] = twelve.size.to_bytes(4, "little")
    source = read(bytes(data), "x.tif")
    assert source.notes == ("4096 gray levels, restored to the same grays in a file of 16 bits",)
    made = np.asarray(opened(encode(source, repeated(source.gray), NOTE)))
    assert np.abs(made - repeated(levels) / 4095 * 65535).max() <= 0.51


def test_where_black_is_white_in_the_file_the_copy_shows_the_same():
    pixels = random_pixels(dtype=np.uint16)
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, pixels, photometric="miniswhite")
    assert np.array_equal(np.asarray(opened(copy(buffer.getvalue()))), repeated(65535 - pixels))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P", "CMYK"])
def test_colour_and_transparency_become_gray_with_a_note(mode):
    kind = "TIFF" if mode == "CMYK" else "PNG"
    data = file(Image.fromarray(random_pixels()).convert(mode), kind)
    source, made = read(data, "x"), opened(copy(data))
    assert source.notes == ("in colour or with transparency, restored as gray of 8 bits",)
    assert (made.format, made.mode) == (kind, "L")
    assert np.array_equal(np.asarray(made), repeated(decode(data, "x").levels))


def test_gray_has_no_note():
    assert [read(file(random_pixels(dtype=dtype), kind), "x").notes for kind, dtype in KINDS] == [()] * 5


@pytest.mark.parametrize(("orientation", "dpi"), [(3, (100, 200)), (6, (200, 100)), (8, (200, 100))])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_a_turned_picture_comes_out_upright_with_its_resolution(kind, orientation, dpi):
    image = Image.fromarray(np.full((16, 24), 50, np.uint8))
    image.paste(200, (0, 0, 8, 8))
    exif = Image.Exif()
    exif[274] = orientation
    made = opened(copy(file(image, kind, exif=exif, dpi=(100, 200))))
    upright = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_270, 8: Image.Transpose.ROTATE_90}
    expected = repeated(np.asarray(image.transpose(upright[orientation])))
    assert made.getexif().get(274, 1) == 1
    assert np.abs(np.asarray(made).astype(int) - expected).max() <= (2 if kind == "JPEG" else 0)
    assert made.info["dpi"] == pytest.approx([4 * side for side in dpi], rel=1e-3)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_without_a_resolution_none_is_made_up(kind):
    exif = Image.Exif()
    exif[274] = 1  # without a resolution, of which Pillow makes 72
    made = opened(copy(file(random_pixels(), kind, exif=exif)))
    assert made.info.get("dpi", (1, 1)) == (1, 1)
    assert 282 not in made.getexif()


def test_a_resolution_of_a_metric_tiff():
    data = file(random_pixels(), "TIFF", resolution_unit=3, x_resolution=40.0, y_resolution=20.0)
    assert opened(copy(data)).info["dpi"] == pytest.approx((4 * 101.6, 4 * 50.8), rel=1e-3)


@pytest.mark.parametrize("dpi", [(0, 0), (1e-9, 5)])
def test_an_odd_resolution_stops_nothing(dpi):
    assert opened(copy(file(random_pixels(), "TIFF", x_resolution=dpi[0], y_resolution=dpi[1]))).size == (
        404,
        148,
    )


def test_what_gray_means_stays_and_a_profile_of_colours_goes():
    profile = b"a profile"
    assert opened(copy(file(random_pixels(), icc_profile=profile))).info["icc_profile"] == profile
    colour = Image.fromarray(random_pixels()).convert("RGB")
    assert "icc_profile" not in opened(copy(file(colour, icc_profile=profile))).info


@pytest.mark.parametrize(("bits", "told"), [(12, True), (13, True), (14, False), (16, False)])
def test_few_of_the_grays_that_a_file_can_hold_are_told(bits, told):
    ramp = np.linspace(0, 2**bits - 1, 256).astype(np.uint16).reshape(16, 16)
    source = read(file(ramp), "x.png")
    assert np.array_equal(np.rint(65535 * source.gray), ramp)  # it is as dark as it was
    assert [note.partition(" of the grays")[0] for note in source.notes] == [
        "of one gray, or within 1/8"
    ] * told


@pytest.mark.parametrize("gamma", [1.0, 0.45455])
def test_the_gamma_of_a_gray_png_stays(gamma):
    words = PngImagePlugin.PngInfo()
    words.add(b"gAMA", round(gamma * 100_000).to_bytes(4, "big"))
    assert opened(copy(file(random_pixels(), pnginfo=words))).info["gamma"] == pytest.approx(gamma)
    assert "gamma" not in opened(copy(file(random_pixels()))).info
    colour = Image.fromarray(random_pixels()).convert("RGB")
    assert "gamma" not in opened(copy(file(colour, pnginfo=words))).info


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_every_file_says_how_it_was_made_and_nothing_of_the_patient(kind):
    exif = Image.Exif()
    exif[270] = "Doe^Jane 1234"
    data = file(random_pixels(), kind, exif=exif, **({"comment": "Doe^Jane 1234"} if kind == "JPEG" else {}))
    assert b"Doe^Jane" in data
    made = copy(data)
    image = opened(made)
    words = {
        "PNG": lambda: image.text["Description"],
        "JPEG": lambda: image.info["comment"].decode(),
        "TIFF": lambda: image.tag_v2[270],
    }
    assert words[kind]() == NOTE.sentence
    assert b"Doe^Jane" not in made


def test_what_a_kind_cannot_hold_is_one_clear_error():
    source = read(file(np.full((1, 20_000), 9, np.uint8), "JPEG"), "wide.jpg")
    with pytest.raises(InputError, match=r"wide\.jpg: 80000 x 4 pixels cannot be written as JPEG .*PNG"):
        encode(source, repeated(source.gray), NOTE)
