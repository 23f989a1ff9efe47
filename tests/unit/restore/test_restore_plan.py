"""What is restored, and to where, is known before anything runs."""

import shutil

import pytest
from restoring import random_pixels

from srlib.data.images import encode_png
from srlib.errors import InputError
from srlib.restore.plan import Job, plan

PNG = encode_png(random_pixels((4, 4)))


@pytest.fixture
def scans(tmp_path):
    folder = tmp_path / "scans"
    for name in ("a.png", "p1/a.png", "p1/deep/er/b.JPG", ".hidden.png", ".trash/c.png", "notes.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(PNG)
    return folder


def test_a_folder_keeps_its_sub_folders_and_what_is_no_picture_is_left_out(scans, tmp_path):
    found = plan([scans], tmp_path / "out")
    assert {(job.source.relative_to(scans), job.output.relative_to(tmp_path / "out")) for job in found} == {
        (job.source.relative_to(scans),) * 2 for job in found
    }
    assert {str(job.output.relative_to(tmp_path / "out")) for job in found} == {
        "a.png",
        "p1/a.png",
        "p1/deep/er/b.JPG",
    }


def test_files_and_folders_in_one_call_and_one_given_twice(scans, tmp_path):
    other = tmp_path / "other.tif"
    other.write_bytes(PNG)
    jobs = plan([other, scans / "p1", other, f"{scans}/../other.tif"], tmp_path / "out")
    assert [job.output.name for job in jobs] == ["other.tif", "a.png", "b.JPG"]
    assert jobs[0] == Job(other, tmp_path / "out" / "other.tif")


@pytest.mark.parametrize("inputs", [["a.png", "p1/a.png"], ["", "p1"], ["p1", "a.png"]])
def test_two_files_of_one_output_are_refused(scans, tmp_path, inputs):
    with pytest.raises(InputError, match=r"a\.png and .*a\.png: both would become .*out/a\.png"):
        plan([scans / name for name in inputs], tmp_path / "out")


def test_what_was_restored_into_the_folder_of_the_inputs_is_no_input(scans):
    shutil.copytree(scans / "p1", scans / "restored" / "p1")
    assert len(plan([scans], scans / "restored")) == 3


@pytest.mark.parametrize(("given", "output"), [("", ""), ("a.png", ""), ("p1", "p1"), ("p1/a.png", "link")])
def test_an_input_is_never_replaced(scans, given, output):
    (scans / "link").symlink_to("p1")
    with pytest.raises(InputError, match=r"replaced by a restored picture|is the input folder"):
        plan([scans / given], scans / output)


def test_what_is_not_there_or_holds_nothing_is_named(scans, tmp_path):
    with pytest.raises(InputError, match=r"no\.png: there is no such file or folder"):
        plan([scans, scans / "no.png"], tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"empty: no pictures in it, at any depth; correct the path"):
        plan([tmp_path / "empty"], tmp_path / "out")
    shutil.copytree(scans, tmp_path / "empty" / "out")
    with pytest.raises(InputError, match=r"empty: no pictures in it, at any depth, but those in .*empty/out"):
        plan([tmp_path / "empty"], tmp_path / "empty" / "out")


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("p1", r"p1: is the input folder, too; name another"),
        ("", r"scans: has the input .*scans/p1 in it; name another"),
        ("a.png", r"a\.png: .*a\.png is a file, not a folder"),
        ("a.png/below/it", r"a\.png/below/it: .*a\.png is a file, not a folder"),
    ],
)
def test_where_nothing_can_be_written_is_known_before(scans, output, said):
    with pytest.raises(InputError, match=rf"--output .*{said}"):
        plan([scans / "p1"], scans / output)
