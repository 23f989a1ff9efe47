"""A folder restored as a stage of the workflow: done anew where it must be, and not where it need not."""

import os
import re
import time

import numpy as np
import pytest
from PIL import Image
from restoring import random_pixels, repeated, write_weights

from srlib.data.images import encode_png
from srlib.errors import InputError
from srlib.restore import folder, tracking

PLACES = {"restored", "restored.csv", ".restored.lock"}


@pytest.fixture
def pictures(tmp_path):
    for number, name in enumerate(("a.png", "p1/b.png", "p1/c.png")):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(encode_png(random_pixels(seed=number)))
    return tmp_path / "in"


@pytest.fixture
def restore(pictures, tmp_path):
    weights = write_weights(tmp_path / "w.safetensors")
    tell = {"weights": weights, "device": "cpu", "precision": "float32", "code": "1"}
    out = tmp_path / "results" / "restored"
    out.parent.mkdir()
    (out.parent / ".restored.lock").touch()  # the job's
    return lambda **other: folder.restore(pictures, out, out.with_suffix(".csv"), **tell | other)


def made(tmp_path):
    out = tmp_path / "results" / "restored"
    return {str(path.relative_to(out)): path for path in out.rglob("*") if path.is_file()}


def test_all_pictures_and_a_table_of_them(restore, pictures, tmp_path):
    restore()
    assert made(tmp_path).keys() == {"a.png", "p1/b.png", "p1/c.png"}
    for name, path in made(tmp_path).items():
        source = np.asarray(Image.open(pictures / name))
        assert np.array_equal(np.asarray(Image.open(path)), repeated(source))
    lines = (tmp_path / "results" / "restored.csv").read_text().splitlines()
    assert lines[0] == "picture,sha256,bytes,modified_ns"
    assert [line.partition(",")[0] for line in lines[1:]] == sorted(made(tmp_path))
    assert {path.name for path in (tmp_path / "results").iterdir()} == PLACES


def test_a_name_that_is_no_utf8_is_restored_once(restore, pictures, tmp_path):
    name = os.fsdecode(b"r\xf6ntgen.png")
    (pictures / "a.png").rename(pictures / name)
    restore()
    assert made(tmp_path).keys() == {name, "p1/b.png", "p1/c.png"}
    table = tmp_path / "results" / "restored.csv"
    assert "r\\udcf6ntgen.png," in table.read_text()
    before = tracking.digest(pictures, table)
    os.utime(pictures / name)
    assert tracking.digest(pictures, table) == before
    (pictures / name).rename(pictures / "a.png")
    assert tracking.digest(pictures, table) != before


def test_a_bad_picture_fails_and_what_is_done_is_not_done_again(restore, pictures, tmp_path, capsys):
    (pictures / "bad.png").write_bytes(b"none")
    with pytest.raises(InputError, match=r"1 of 4 pictures were not restored.*same command again"):
        restore()
    assert made(tmp_path) == {} and not (tmp_path / "results" / "restored.csv").exists()
    (pictures / "bad.png").unlink()
    (pictures / "p1" / "c.png").unlink()  # which was done, and is not wanted any more
    (pictures / "a.png").write_bytes(encode_png(random_pixels(seed=9)))
    capsys.readouterr()
    restore()
    assert "1 restored" in capsys.readouterr().out  # the picture that is another since
    assert np.array_equal(np.asarray(Image.open(made(tmp_path)["a.png"])), repeated(random_pixels(seed=9)))
    assert made(tmp_path).keys() == {"a.png", "p1/b.png"}


def test_a_folder_in_the_place_of_a_picture_is_not_what_was_done(restore, pictures, tmp_path, capsys):
    (pictures / "bad.png").write_bytes(b"none")
    with pytest.raises(InputError):
        restore()
    (unfinished,) = (tmp_path / "results").glob(".restored.unfinished-*")
    (unfinished / "a.png").unlink()
    (unfinished / "a.png").mkdir()
    with pytest.raises(InputError, match="2 of 4 pictures were not restored"):
        restore()
    assert re.search(r"a\.png: Is a directory; move it away", capsys.readouterr().err)


@pytest.mark.parametrize("change", ["weights", "code", "older copy"])
def test_what_other_weights_or_code_made_is_not_used(restore, pictures, tmp_path, capsys, change):
    (pictures / "bad.png").write_bytes(b"none")
    with pytest.raises(InputError):
        restore()
    (pictures / "bad.png").unlink()
    capsys.readouterr()
    if change == "older copy":  # with the time stamp of long ago, as `cp -p` makes it
        (pictures / "a.png").write_bytes(encode_png(random_pixels(seed=9)))
        os.utime(pictures / "a.png", (1e9, 1e9))
        restore()
        assert "1 restored" in capsys.readouterr().out
        return
    other = write_weights(tmp_path / "other.safetensors", note="another")
    restore(**{"weights": {"weights": other}, "code": {"code": "2"}}[change])
    assert "3 restored" in capsys.readouterr().out
    assert {path.name for path in (tmp_path / "results").iterdir()} == PLACES


def test_the_digest_follows_names_and_contents_and_no_times(restore, pictures, tmp_path):
    table = tmp_path / "results" / "restored.csv"
    before = tracking.digest(pictures, table)
    restore()
    assert tracking.digest(pictures, table) == before
    for path in pictures.rglob("*.png"):
        path.touch()
    assert tracking.digest(pictures, table) == before
    (pictures / "notes.txt").write_text("no picture")
    assert tracking.digest(pictures, table) == before
    content = (pictures / "a.png").read_bytes()
    (pictures / "a.png").write_bytes((pictures / "p1" / "b.png").read_bytes())
    assert tracking.digest(pictures, table) != before
    (pictures / "a.png").write_bytes(content)
    assert tracking.digest(pictures, table) == before
    (pictures / "a.png").rename(pictures / "z.png")
    assert tracking.digest(pictures, table) != before


def test_pictures_that_kept_size_and_time_are_not_read_again(restore, pictures, tmp_path):
    table = tmp_path / "results" / "restored.csv"
    restore()
    before, status = tracking.digest(pictures, table), (pictures / "a.png").stat()
    content = bytearray((pictures / "a.png").read_bytes())
    content[-1] ^= 1
    (pictures / "a.png").write_bytes(content)
    assert tracking.digest(pictures, table) != before
    os.utime(pictures / "a.png", ns=(time.time_ns(), status.st_mtime_ns))
    assert tracking.digest(pictures, table) == before


def test_a_folder_without_pictures(tmp_path):
    with pytest.raises(InputError, match="no pictures in it"):
        tracking.digest(tmp_path, tmp_path / "restored.csv")
