import numpy as np
import pytest

from srlib.data.extract import extract_loose
from srlib.data.images import encode_png
from srlib.data.tracking import pictures_digest, pool_digest
from srlib.errors import InputError

SPLIT = "image,patient,view,findings,archive,split\np1__a.png,1,PA,,loose,train\n"


def png(gray):
    return encode_png(np.full((8, 8), ord(gray), np.uint8))


@pytest.fixture
def source(tmp_path):
    for name in ("a", "b"):
        (tmp_path / "source/p1").mkdir(parents=True, exist_ok=True)
        (tmp_path / f"source/p1/{name}.png").write_bytes(png(name))
    (tmp_path / "labels.csv").write_text("image,patient,age,view\na.png,1,50,PA\nb.png,1,50,AP\n")
    (tmp_path / "split.csv").write_text(SPLIT)
    return tmp_path


def digest_of_pool(source):
    return pool_digest([str(source / "labels.csv")], {"loose": str(source / "source")})


def digest_of_pictures(source):
    place, manifest = str(source / "source"), source / "raw/loose.manifest.csv"
    return pictures_digest(source / "split.csv", "loose", place, manifest)


def edit(path, old, new):
    path.write_text(path.read_text().replace(old, new))


def test_the_pool_is_what_is_read_of_tables_and_which_pictures_there_are(source):
    before = digest_of_pool(source)
    edit(source / "labels.csv", ",50,PA", ",51,PA")  # an age
    (source / "source/p1/a.png").write_bytes(png("c"))  # a picture replaced: the sample is as before
    assert digest_of_pool(source) == before
    edit(source / "labels.csv", ",51,PA", ",51,AP")
    changed = digest_of_pool(source)
    assert changed != before
    (source / "source/p1/b.png").rename(source / "source/b.png")
    assert digest_of_pool(source) not in (before, changed)


def test_a_pool_without_pictures_is_told_of_while_planning(tmp_path):
    with pytest.raises(InputError, match="no pictures"):
        pool_digest([], {"loose": str(tmp_path)})
    assert pool_digest([], {"images_001": str(tmp_path / "images_001.tar.gz")}) == pool_digest([], {})


def test_only_a_sampled_picture_that_was_replaced_is_noticed(source):
    before = digest_of_pictures(source)
    extract_loose(source / "source", [("p1__a.png", "1")], source / "raw/loose.manifest.csv")
    (source / "source/p1/b.png").write_bytes(png("c"))
    assert digest_of_pictures(source) == before
    (source / "source/p1/a.png").write_bytes(png("c"))
    assert digest_of_pictures(source) != before


def test_before_there_is_a_split_there_is_no_digest(source):
    (source / "split.csv").unlink()
    with pytest.raises(FileNotFoundError):  # by which Snakemake knows to ask again
        digest_of_pictures(source)
    assert pictures_digest(source / "split.csv", "images_001", "images_001.tar.gz", source / "m.csv") is None
