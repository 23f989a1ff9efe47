import shutil

import numpy as np
import pytest

from srlib.data import images
from srlib.data.verify import verify
from srlib.errors import InputError


@pytest.fixture
def results(tmp_path):
    for stage, count in (("hr/train", 3), ("lr/down4/test", 2)):
        pictures = (images.Picture(f"{i}.png", "p", np.full((4, 4), i, np.uint8)) for i in range(count))
        images.write_pictures(pictures, tmp_path / f"{stage}.manifest.csv")
    return tmp_path


def test_what_is_as_it_was_made_is_counted(results):
    (results / "hr" / "train" / ".snakemake_timestamp").touch()
    assert verify(results) == 5


def test_pictures_of_another_run_below_are_not_counted(results):
    shutil.copytree(results / "hr", results / "other" / "hr")
    assert verify(results) == 5


def damage(results, kind):
    picture = results / "hr" / "train" / "1.png"
    if kind == "altered":
        picture.write_bytes(picture.read_bytes()[:-1] + b"x")
    elif kind == "missing":
        picture.unlink()
    else:
        picture = picture.with_name("stranger.png")
        picture.write_bytes(b"")
    return picture


@pytest.mark.parametrize(
    ("kind", "said"),
    [("altered", "altered"), ("missing", "missing"), ("strange", "not in train.manifest.csv")],
)
def test_what_differs_is_named_with_the_command_that_rebuilds_it(results, kind, said):
    picture = damage(results, kind)
    with pytest.raises(InputError) as error:
        verify(results)
    lines = str(error.value).splitlines()
    assert lines[1] == f"{picture}: {said}"
    assert f"--force {results / 'hr' / 'train.manifest.csv'} " in lines[2]
    assert len(lines) == 3


def test_every_fault_is_named_not_only_the_first(results):
    for kind in ("altered", "strange"):
        damage(results, kind)
    (results / "lr" / "down4" / "test" / "0.png").unlink()
    with pytest.raises(InputError) as error:
        verify(results)
    assert len(str(error.value).splitlines()) == 1 + 3 + 2


def test_a_damaged_manifest_is_a_fault(results):
    (results / "hr" / "train.manifest.csv").write_text("<html>")
    with pytest.raises(InputError, match=r"train\.manifest\.csv: damaged or edited"):
        verify(results)


def test_a_folder_without_results_is_named(tmp_path):
    with pytest.raises(InputError, match="nothing to verify"):
        verify(tmp_path)
