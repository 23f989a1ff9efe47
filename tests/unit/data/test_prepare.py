"""HR pictures of images of any shape and size, and what is said of odd ones."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from srlib.data.geometry import read_sizes
from srlib.data.images import Picture, read_pictures, write_pictures
from srlib.data.prepare import resize_split, to_square
from srlib.data.resample import resize
from srlib.errors import InputError

ROOT = Path(__file__).parents[3]
NOISE = np.random.default_rng(0).integers(0, 256, (640, 640), dtype=np.uint8)
COLUMNS = "image,patient,view,findings,archive,split\n"


def _resized(tmp_path, pictures, size=256, side=None, **options):
    raw, split = tmp_path / "raw" / "loose.manifest.csv", tmp_path / "split.csv"
    write_pictures([Picture(name, "1", pixels) for name, pixels in pictures.items()], raw)
    split.write_text(COLUMNS + "".join(f"{name},1,,,loose,test\n" for name in pictures))
    manifest, sizes = tmp_path / "hr" / "test.manifest.csv", tmp_path / "hr" / "test.sizes.csv"
    options = {"fit": "crop", "enlarge": False} | options
    resize_split(split, "test", [str(raw)], manifest, sizes, size=size, side=side or size, **options)
    return {picture.name: picture.pixels for picture in read_pictures(manifest)}, read_sizes(sizes)


@pytest.mark.parametrize("fit", ["crop", "pad", "squeeze"])
def test_a_square_picture_is_resized_whole(tmp_path, fit):
    pictures, sizes = _resized(tmp_path, {"a.png": NOISE}, fit=fit)
    np.testing.assert_array_equal(pictures["a.png"], resize(NOISE, 256, 256))
    assert sizes == {"a.png": (640, 640)}


def test_what_is_no_multiple_is_cropped(tmp_path):
    pictures, _ = _resized(tmp_path, {"a.png": NOISE}, side=252)
    np.testing.assert_array_equal(pictures["a.png"], resize(NOISE, 256, 256)[:252, :252])


def test_the_aspect_ratio_is_kept_unless_one_asks():
    wide = NOISE[:320]
    np.testing.assert_array_equal(to_square(wide, 256, "crop"), resize(wide[:, 160:480], 256, 256))
    np.testing.assert_array_equal(to_square(wide.T, 256, "crop"), resize(wide.T[160:480], 256, 256))
    padded = to_square(wide, 256, "pad")
    np.testing.assert_array_equal(padded[64:192], resize(wide, 128, 256))
    assert not padded[:64].any()
    assert not padded[192:].any()
    np.testing.assert_array_equal(to_square(wide, 256, "squeeze"), resize(wide, 256, 256))


def test_pictures_that_are_not_square_are_counted_and_named(tmp_path, capsys):
    _, sizes = _resized(tmp_path, {"a.png": NOISE, "wide.png": NOISE[:320], "tall.png": NOISE[:, :300]})
    said = capsys.readouterr().err
    assert (
        "not square, so changed by config key dataset.fit (crop): 2 of 3 images, tall.png, wide.png" in said
    )
    assert "a.png" not in said
    assert sizes["wide.png"] == (320, 640)


@pytest.mark.parametrize(
    ("shape", "fit"),
    [((64, 64), "crop"), ((640, 255), "crop"), ((255, 200), "pad"), ((640, 255), "squeeze")],
)
def test_what_would_be_enlarged_is_refused_by_name(tmp_path, shape, fit):
    small = NOISE[: shape[0], : shape[1]]
    said = rf"small\.png: {shape[1]} x {shape[0]} pixels.*256 x 256.*as are 1 other.*dataset\.enlarge"
    with pytest.raises(InputError, match=said):
        _resized(tmp_path, {"a.png": NOISE, "small.png": small, "small2.png": small}, fit=fit)
    assert not (tmp_path / "hr" / "test.manifest.csv").exists()
    pictures, _ = _resized(tmp_path, {"small.png": small}, fit=fit, enlarge=True)
    assert pictures["small.png"].shape == (256, 256)


def test_threads_change_no_byte_no_size_and_no_word(tmp_path, capsys):
    odd = {f"{i}.png": NOISE[: 300 + i, : 320 - i] // (1 + i) for i in range(20)}
    found = []
    for threads in (1, 3):
        _, sizes = _resized(tmp_path / str(threads), odd, threads=threads)
        manifest = tmp_path / str(threads) / "hr" / "test.manifest.csv"
        found.append((manifest.read_bytes(), list(sizes.items()), capsys.readouterr().err))
    assert found[0] == found[1]


def test_padding_needs_only_the_longer_side(tmp_path):
    pictures, _ = _resized(tmp_path, {"a.png": NOISE[:256, :100]}, fit="pad")
    np.testing.assert_array_equal(pictures["a.png"][:, 78:178], NOISE[:256, :100])


def test_pictures_that_show_next_to_nothing_are_counted_and_named(tmp_path, capsys):
    flat = {f"flat{i}.png": np.full((300, 300), 7 + i, np.uint8) for i in range(6)}
    dim = {"dim.png": (NOISE // 16)[:300, :300], "fair.png": (NOISE // 7)[:300, :300]}
    _resized(tmp_path, flat | dim)
    said = capsys.readouterr().err
    assert "Warning: of one gray, or within 1/8" in said
    assert "7 of 8 images, dim.png, flat0.png, flat1.png, flat2.png, flat3.png, ..." in said
    assert "fair.png" not in said
    _resized(tmp_path, {"a.png": NOISE})
    assert capsys.readouterr().err == ""


def test_a_missing_image_is_named(tmp_path):
    _resized(tmp_path, {"a.png": NOISE, "b.png": NOISE})
    write_pictures([Picture("a.png", "1", NOISE)], tmp_path / "raw" / "loose.manifest.csv")
    with pytest.raises(InputError, match=r"split\.csv: 1 images of the test split.*: b\.png; delete"):
        resize_split(
            tmp_path / "split.csv",
            "test",
            [str(tmp_path / "raw" / "loose.manifest.csv")],
            tmp_path / "hr" / "test.manifest.csv",
            tmp_path / "hr" / "test.sizes.csv",
            size=256,
            side=256,
            fit="crop",
            enlarge=False,
        )


_LARGEST = """
import sys
import numpy as np
from dicoms import dicom_file
from srlib.data.limits import MAX_PIXELS
from srlib.data.images import write_files
side = int(MAX_PIXELS**0.5)
pixels = (np.arange(side)[:, None] + np.arange(side)).astype(np.int16)
write_files([("a.dcm", "1", dicom_file(pixels, 14, HighBit=14))], sys.argv[1])
"""
_RESIZE = """
import re, sys
from pathlib import Path
from srlib.data.prepare import resize_split
split, raw, manifest, sizes = sys.argv[1:]
resize_split(split, "test", [raw], manifest, sizes, size=256, side=256, fit="crop", enlarge=False)
print(re.search(r"VmHWM: *\\t* *(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


def test_the_largest_picture_fits_into_the_memory_that_is_asked_for(tmp_path):
    """A cluster kills a job that takes more than its rule asks for; half of it is left for Snakemake."""
    raw, split = tmp_path / "raw" / "loose.manifest.csv", tmp_path / "split.csv"
    split.write_text(COLUMNS + "a.png,1,,,loose,test\n")
    hr = tmp_path / "hr" / "test.manifest.csv", tmp_path / "hr" / "test.sizes.csv"
    python = [sys.executable, "-c"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    subprocess.run([*python, _LARGEST, raw], env=environment, check=True)
    done = subprocess.run(
        [*python, _RESIZE, split, raw, *hr], env=environment, check=True, capture_output=True, text=True
    )
    asked = int(re.search(r"DECODING_MB = (\d+)", (ROOT / "rules" / "resources.smk").read_text())[1])
    assert int(done.stdout) / 1000 < asked / 2


def test_each_image_is_taken_from_its_own_archive(tmp_path):
    """Two data sets, to train on and to test on, may hold pictures of one name."""
    raw = [tmp_path / "raw" / f"{archive}.manifest.csv" for archive in ("loose", "test_loose")]
    for manifest, pixels in zip(raw, (NOISE, NOISE.T), strict=True):
        write_pictures([Picture("a.png", "1", pixels)], manifest)
    (tmp_path / "split.csv").write_text(f"{COLUMNS}a.png,1,,,loose,train\na.png,1,,,test_loose,test\n")
    for split, pixels in (("train", NOISE), ("test", NOISE.T)):
        hr, sizes = tmp_path / f"hr/{split}.manifest.csv", tmp_path / f"hr/{split}.sizes.csv"
        resize_split(
            tmp_path / "split.csv",
            split,
            list(map(str, raw)),
            hr,
            sizes,
            size=256,
            side=256,
            fit="crop",
            enlarge=False,
        )
        (picture,) = read_pictures(hr)
        np.testing.assert_array_equal(picture.pixels, resize(pixels, 256, 256))
