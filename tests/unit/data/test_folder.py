import io
import os
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from dicoms import dicom_file
from PIL import Image

from srlib.data import images
from srlib.data.extract import extract_loose
from srlib.data.folder import digests, index, names_digest
from srlib.data.limits import MAX_BYTES
from srlib.data.tracking import contents
from srlib.errors import InputError

NAMES = [f"{i:08d}_000.png" for i in range(1, 6)]
WANTED = [(NAMES[3], "4"), (NAMES[1], "2")]


def png(seed=0):
    pixels = np.random.default_rng(seed).integers(0, 256, (24, 32), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def put(folder, files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@pytest.fixture
def manifest(tmp_path):
    return tmp_path / "raw" / "loose.manifest.csv"


def test_loose_pictures_are_found_at_any_depth(tmp_path, manifest):
    source = tmp_path / "source"
    for i, place in enumerate(["images_001/images", "", "a/b/c", "a"]):
        (source / place).mkdir(parents=True, exist_ok=True)
        (source / place / NAMES[i]).write_bytes(png(i))
        (source / place / f"._{NAMES[i]}").write_bytes(b"macOS")
    extract_loose(source, WANTED, manifest)
    assert (images.folder_of(manifest) / NAMES[3]).read_bytes() == png(3)
    assert [row["name"] for row in images.read_manifest(manifest)] == [NAMES[1], NAMES[3]]


def test_loose_pictures_of_one_name_must_be_the_same(tmp_path, manifest):
    for place, seed in [("a", 0), ("b", 0), ("c", 1)]:
        (tmp_path / place).mkdir()
        (tmp_path / place / NAMES[1]).write_bytes(png(seed))
    with pytest.raises(InputError, match="two pictures of one name"):
        extract_loose(tmp_path, WANTED, manifest)


def test_a_loose_picture_that_is_missing_or_corrupt_is_named(tmp_path, manifest):
    (tmp_path / NAMES[3]).write_bytes(png())
    with pytest.raises(InputError, match=f"lacks {NAMES[1]}"):
        extract_loose(tmp_path, WANTED, manifest)
    (tmp_path / NAMES[1]).write_bytes(png()[:60])
    with pytest.raises(InputError, match=f"{NAMES[1]}: not a readable image"):
        extract_loose(tmp_path, WANTED, manifest)
    assert not manifest.exists()


def test_any_pictures_of_a_folder_are_found_and_nothing_else(tmp_path):
    for name in ["a.PNG", "b.jpeg", "c.tif", "d.dcm", "#e.png", "notes.txt", "Data_Entry_2017.csv", ".f.png"]:
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "IM0001").write_bytes(b"\0" * 128 + b"DICM")
    (tmp_path / "README").write_bytes(b"DICM")
    assert index(tmp_path) == {
        "#e.png": "#e.png",
        "IM0001.png": "IM0001",
        "a.png": "a.PNG",
        "b.png": "b.jpeg",
        "c.png": "c.tif",
        "d.png": "d.dcm",
    }


def test_pictures_of_one_name_in_thousands_of_folders_are_told_apart_by_their_path(tmp_path, manifest):
    put(tmp_path / "cxp", {"patient1/study1/view1.jpg": png(1), "patient2/study1/view1.jpg": png(2)})
    assert index(tmp_path / "cxp") == {
        "patient1__study1__view1.png": "patient1/study1/view1.jpg",
        "patient2__study1__view1.png": "patient2/study1/view1.jpg",
    }
    extract_loose(tmp_path / "cxp", [("patient2__study1__view1.png", "patient2")], manifest)
    assert (images.folder_of(manifest) / "patient2__study1__view1.jpg").read_bytes() == png(2)


def test_hidden_and_system_folders_and_results_are_no_source(tmp_path):
    strange = [".ipynb_checkpoints", ".Trash-1000", ".git", ".@__thumb", "@eaDir", "#recycle", "$RECYCLE.BIN"]
    for folder in [*strange, "results/hr", "patient"]:
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a.png").write_bytes(b"x")
    (tmp_path / "results/.lock").touch()  # which a run leaves
    assert list(index(tmp_path).values()) == ["patient/a.png"]


def test_linked_folders_are_followed_once_and_without_end(tmp_path):
    put(tmp_path / "disk", {"p1/a.png": b"x", "p2/a.png": b"y"})
    source = tmp_path / "source"
    source.mkdir()
    (source / "disk").symlink_to(tmp_path / "disk")
    (source / "again").symlink_to(tmp_path / "disk/p1")
    (tmp_path / "disk/p2/up").symlink_to(source)
    assert set(index(source).values()) == {"again/a.png", "disk/p2/a.png"}
    put(source, {"own/b.png": b"z"})
    (source / "a_link").symlink_to(source / "own")
    assert "own/b.png" in index(source).values()  # a picture's own place names it, not a link
    assert len(index(source)) == 3


def test_pictures_that_would_get_one_name_are_refused(tmp_path):
    for names in [("a.png", "a.jpg"), ("p__a.png", "p/a.png")]:
        folder = tmp_path / names[0]
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(b"x")
        with pytest.raises(InputError, match=r"two pictures of one name.*rename one") as error:
            index(folder)
        assert all(str(folder / name) in str(error.value) for name in names)


def test_a_name_as_long_as_a_file_system_allows_comes_through(tmp_path, manifest):
    put(tmp_path / "a", {f"{'x' * 245}.png": png(1), f"{'x' * 244}y.png": png(2)})
    first, second = index(tmp_path / "a")
    assert first != second
    extract_loose(tmp_path / "a", [(first, "1"), (second, "2")], manifest)
    assert {p.name for p in images.read_pictures(manifest)} == {first, second}


@pytest.mark.parametrize("broken", ["p/a.png", "p/IM1", "p"])
def test_what_cannot_be_read_is_named_with_a_remedy(tmp_path, manifest, broken):
    put(tmp_path / "s", {"p/a.png": png(), "p/IM1": dicom_file()})
    names = [(name, "1") for name in index(tmp_path / "s")]
    tmp_path.chmod(0o777)
    (tmp_path / "s" / broken).chmod(0)
    with as_nobody(tmp_path), pytest.raises(InputError, match="grant access") as error:
        extract_loose(tmp_path / "s", names, manifest)
    assert str(tmp_path / "s" / broken) in str(error.value)


@contextmanager
def as_nobody(folder):
    """Without the rights of root, whom no file mode stops."""
    if os.geteuid():
        yield
        return
    parents = [parent for parent in folder.parents if parent.owner() == "root" and parent != Path("/")]
    modes = {parent: parent.stat().st_mode for parent in parents}
    for parent in parents:
        parent.chmod(modes[parent] | 0o111)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        for parent, mode in modes.items():
            parent.chmod(mode)


def test_a_folder_without_pictures_is_named(tmp_path):
    with pytest.raises(InputError, match=r"no pictures.*dataset\.source"):
        index(tmp_path)


def test_names_change_when_a_picture_comes_or_moves_and_not_with_other_files(tmp_path):
    put(tmp_path, {"p1/a.png": b"x", "p2/b.png": b"y"})
    before = names_digest(tmp_path)
    (tmp_path / "notes.txt").write_text("z")
    assert names_digest(tmp_path) == before
    (tmp_path / "p1/a.png").rename(tmp_path / "p2/a.png")
    assert names_digest(tmp_path) != before


def test_a_replaced_picture_is_noticed_by_size_and_time_then_by_its_bytes(tmp_path, manifest):
    source = tmp_path / "source"
    put(source, {"p/a.png": png(1), "p/b.png": png(2)})
    names = ["p__a.png", "p__b.png"]
    fresh = contents(source, names, manifest)
    extract_loose(source, [(name, "p") for name in names], manifest)
    assert contents(source, names, manifest) == fresh  # the same before and after the extraction
    replaced, times = source / "p/a.png", (source / "p/a.png").stat()
    replaced.touch()
    assert contents(source, names, manifest) == fresh
    replaced.write_bytes(png(3))
    os.utime(replaced, ns=(times.st_atime_ns, times.st_mtime_ns + 1))
    changed = contents(source, names, manifest)
    assert changed[0] != fresh[0]
    assert changed[1] == fresh[1]
    replaced.unlink()
    assert contents(source, names, manifest)[0] == ""


def test_thousands_of_extracted_pictures_are_not_read_again(tmp_path, manifest):
    source = tmp_path / "source"
    put(source, {"a.png": png(1)})
    extract_loose(source, [("a.png", "a")], manifest)
    known, times = contents(source, ["a.png"], manifest), (source / "a.png").stat()
    (source / "a.png").write_bytes(b"!" * times.st_size)  # what only reading could tell
    os.utime(source / "a.png", ns=(times.st_atime_ns, times.st_mtime_ns))
    assert contents(source, ["a.png"], manifest) == known


def test_the_digest_of_an_image_is_known_where_it_is_a_file(tmp_path):
    put(tmp_path, {"a.png": b"x", "p/b.png": b"x", "c.png": b"y"})
    digest = digests({"loose": str(tmp_path), "images_001": str(tmp_path / "images_001.tar.gz")})
    assert digest("loose", "a.png") == digest("loose", "p__b.png") != digest("loose", "c.png")
    assert digest("images_001", "00000001_000.png") is digest("loose", "nowhere.png") is None


def test_a_file_that_is_no_picture_by_its_size_is_not_read(tmp_path, manifest):
    source = tmp_path / "source"
    source.mkdir()
    with (source / "film.dcm").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(InputError, match=rf"film\.dcm: {MAX_BYTES + 1} bytes, more than any radiograph"):
        extract_loose(source, [("film.png", "1")], manifest)
    assert not manifest.exists()
