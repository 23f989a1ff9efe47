import hashlib
import shutil

import numpy as np
import pytest

from srlib.data import images
from srlib.errors import InputError

GRAY = np.arange(256, dtype=np.uint8).reshape(16, 16)


def pictures():
    return [images.Picture(f"{i}.png", f"p{i}", np.roll(GRAY, i)) for i in (2, 0, 1)]


def test_pictures_come_back_as_written_in_the_order_of_their_names(tmp_path):
    manifest = tmp_path / "hr" / "train.manifest.csv"
    images.write_pictures(pictures(), manifest)
    back = list(images.read_pictures(manifest))
    assert [(p.name, p.patient) for p in back] == [("0.png", "p0"), ("1.png", "p1"), ("2.png", "p2")]
    for i, picture in enumerate(back):
        np.testing.assert_array_equal(picture.pixels, np.roll(GRAY, i))


def test_the_manifest_holds_the_sha256_of_the_file(tmp_path):
    manifest = tmp_path / "raw.manifest.csv"
    data = images.encode_png(GRAY)
    images.write_files([("a.png", "7", data)], manifest)
    assert (tmp_path / "raw" / "a.png").read_bytes() == data
    (row,) = images.read_manifest(manifest)
    assert row == {"name": "a.png", "sha256": hashlib.sha256(data).hexdigest(), "patient": "7"}


def test_a_failure_half_way_leaves_no_manifest(tmp_path):
    manifest = tmp_path / "raw.manifest.csv"

    def half():
        yield "a.png", "1", images.encode_png(GRAY)
        raise InputError("b.png: damaged")

    with pytest.raises(InputError, match=r"b\.png"):
        images.write_files(half(), manifest)
    assert not manifest.exists()


def test_a_folder_deleted_while_it_is_written_is_whole_in_the_end(tmp_path):
    """Snakemake deletes a job's outputs before it starts it, while one of a killed run may still write."""
    manifest = tmp_path / "hr.manifest.csv"

    def disturbed():
        for picture in pictures():
            yield picture
            shutil.rmtree(tmp_path / "hr", ignore_errors=True)

    images.write_pictures(disturbed(), manifest)
    assert len(list(images.read_pictures(manifest))) == 3


def test_pictures_of_an_earlier_sample_do_not_stay(tmp_path):
    manifest = tmp_path / "hr.manifest.csv"
    images.write_pictures(pictures(), manifest)
    images.write_pictures(pictures()[:1], manifest)
    assert [path.name for path in (tmp_path / "hr").iterdir()] == ["2.png"]


def test_a_deleted_or_altered_picture_is_named(tmp_path):
    manifest = tmp_path / "hr.manifest.csv"
    images.write_pictures(pictures(), manifest)
    altered = tmp_path / "hr" / "1.png"
    altered.write_bytes(images.encode_png(GRAY.T.copy()))
    with pytest.raises(InputError, match=r"1\.png: altered since"):
        list(images.read_pictures(manifest))
    altered.unlink()
    with pytest.raises(InputError, match=r"1\.png: missing, though"):
        list(images.read_pictures(manifest))


def test_another_table_is_no_manifest(tmp_path):
    (tmp_path / "x.manifest.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=r"x\.manifest\.csv: damaged or edited"):
        images.read_manifest(tmp_path / "x.manifest.csv")


def test_what_is_no_png_inside_is_named(tmp_path):
    manifest = tmp_path / "hr.manifest.csv"
    images.write_files([("a.png", "1", b"no picture")], manifest)
    with pytest.raises(InputError, match=r"a\.png: not a readable PNG"):
        list(images.read_pictures(manifest))
