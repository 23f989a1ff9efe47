"""scores.csv: every metric, for every test image, or an error that names the image."""

import csv
import math

import numpy as np
import pytest
import skimage.data

from srlib.data.images import Picture, write_pictures
from srlib.errors import InputError
from srlib.evaluation import metrics, scores
from srlib.evaluation.pairs import pairs


def _pictures(shift=0):
    camera = skimage.data.camera()
    return [
        Picture(f"0000000{i}_000.png", str(i), np.roll(camera[i : i + 192, :192], shift, axis=1))
        for i in range(2)
    ]


def _read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_one_row_per_image_and_one_column_per_metric(tmp_path):
    hr, sr = _pictures(), _pictures(shift=1)
    write_pictures(hr, tmp_path / "hr.manifest.csv")
    write_pictures(reversed(sr), tmp_path / "sr.manifest.csv")
    scores.score(tmp_path / "sr.manifest.csv", tmp_path / "hr.manifest.csv", tmp_path / "scores.csv", 4)
    rows = _read(tmp_path / "scores.csv")
    assert [row["image"] for row in rows] == ["00000000_000.png", "00000001_000.png"]
    assert list(rows[0]) == ["image", *metrics.available([])]
    expected = metrics.measure("ssim", sr[1].pixels, hr[1].pixels, 4)
    assert float(rows[1]["ssim"]) == pytest.approx(expected, abs=1e-6)


def test_identical_pictures_have_an_infinite_psnr(tmp_path):
    write_pictures(_pictures(), tmp_path / "hr.manifest.csv")
    scores.score(tmp_path / "hr.manifest.csv", tmp_path / "hr.manifest.csv", tmp_path / "scores.csv", 4)
    assert [float(row["psnr"]) for row in _read(tmp_path / "scores.csv")] == [math.inf, math.inf]


def test_a_border_does_not_count(tmp_path):
    hr, sr = _pictures(), _pictures(shift=1)
    write_pictures(hr, tmp_path / "hr.manifest.csv")
    within = slice(8, -8), slice(8, -8)
    for picture, other in zip(sr, hr, strict=True):
        picture.pixels[within] = other.pixels[within]
    sr[1].pixels[8, 8] ^= 1
    write_pictures(sr, tmp_path / "sr.manifest.csv")
    for border in (0, 4, 8):
        scores.score(
            tmp_path / "sr.manifest.csv", tmp_path / "hr.manifest.csv", tmp_path / f"{border}.csv", 4, border
        )
    whole, some, none = ([float(row["psnr"]) for row in _read(tmp_path / f"{n}.csv")] for n in (0, 4, 8))
    assert max(whole) < 40 and max(some) < 40
    assert none[0] == math.inf
    assert none[1] == pytest.approx(10 * math.log10(255**2 * 176**2))  # one pixel of 176 x 176, off by 1


def test_an_image_that_only_one_folder_has_is_named(tmp_path):
    write_pictures(_pictures(), tmp_path / "hr.manifest.csv")
    write_pictures(_pictures()[:1], tmp_path / "sr.manifest.csv")
    with pytest.raises(InputError, match=r"00000001_000\.png"):
        scores.score(tmp_path / "sr.manifest.csv", tmp_path / "hr.manifest.csv", tmp_path / "scores.csv", 4)
    assert not (tmp_path / "scores.csv").exists()


def test_inside_a_box_the_error_elsewhere_does_not_count(tmp_path):
    hr = _pictures()
    sr = [picture._replace(pixels=picture.pixels.copy()) for picture in hr]
    for picture in sr:
        picture.pixels[:96] = np.roll(picture.pixels[:96], 1, axis=1)
    write_pictures(hr, tmp_path / "hr.manifest.csv")
    write_pictures(sr, tmp_path / "sr.manifest.csv")
    boxes = tmp_path / "boxes.csv"
    boxes.write_text(
        "image,finding,x,y,width,height\n"
        "00000001_000.png,Mass,56.25,112.5,37.5,37.5\n"
        "00000001_000.png,Nodule,56.25,37.5,11.25,11.25\n"
        "99999999_000.png,Mass,56.25,112.5,37.5,37.5\n"
    )
    manifests = tmp_path / "sr.manifest.csv", tmp_path / "hr.manifest.csv"
    scores.score_boxes(*manifests, boxes, tmp_path / "box_scores.csv", 4)
    mass, nodule = _read(tmp_path / "box_scores.csv")
    assert (mass["image"], mass["finding"], float(mass["psnr"])) == ("00000001_000.png", "Mass", math.inf)
    assert math.isfinite(float(nodule["psnr"]))
    assert mass["ms_ssim"] == nodule["ms_ssim"] == ""  # needs 161 pixels
    assert float(mass["ssim"]) == 1
    assert nodule["ssim"] != ""  # 16 x 12 pixels, it needs 11
    assert nodule["haarpsi"] == ""  # needs 16


def test_a_picture_of_another_size_is_named(tmp_path):
    hr = _pictures()
    write_pictures(hr, tmp_path / "hr.manifest.csv")
    sr = [hr[0], hr[1]._replace(pixels=hr[1].pixels[:-4])]
    write_pictures(sr, tmp_path / "sr.manifest.csv")
    with pytest.raises(InputError, match=r"00000001_000\.png: \(188, 192\)"):
        scores.score(tmp_path / "sr.manifest.csv", tmp_path / "hr.manifest.csv", tmp_path / "scores.csv", 4)
    assert not (tmp_path / "scores.csv").exists()


def test_one_pair_of_pictures_is_held_at_a_time(tmp_path):
    """The pictures are read as they are asked for: a missing one is met when its turn comes."""
    write_pictures(_pictures(), tmp_path / "hr.manifest.csv")
    write_pictures(_pictures(shift=1), tmp_path / "sr.manifest.csv")
    (tmp_path / "sr" / "00000001_000.png").unlink()
    found = pairs(tmp_path / "sr.manifest.csv", tmp_path / "hr.manifest.csv")
    assert next(found)[0] == "00000000_000.png"
    with pytest.raises(InputError, match=r"00000001_000\.png: missing"):
        next(found)
