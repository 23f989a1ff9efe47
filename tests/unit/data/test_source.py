import pytest

from srlib.data.source import (
    LOOSE,
    TEST,
    check_apart,
    check_split,
    images_in,
    layout,
    of_test_source,
    official_lists,
    spelled,
)
from srlib.errors import InputError


def test_the_release_and_the_phantom_go_into_the_results_folder():
    assert layout("nih", [1, 12], "r").archives == {
        "images_001": "r/release/images_001.tar.gz",
        "images_012": "r/release/images_012.tar.gz",
    }
    assert list(layout("phantom", [1, 2, 3], "r").archives) == ["images_001", "images_002"]


def test_the_mirror_is_on_the_web_and_its_labels_in_the_results_folder():
    found = layout("mirror", [3], "r")
    assert found.labels == ["r/release/labels.csv"]
    assert found.archives["images_003"].startswith("https://huggingface.co/")
    assert found.archives["images_003"].endswith("/data/images/images_003.zip")
    assert official_lists(found) == ["r/release/train_val_list.txt", "r/release/test_list.txt"]


def test_a_folders_archives_are_used_in_place(tmp_path):
    for name in (
        "Data_Entry_2017.csv",
        "images_002.tar.gz",
        "images_07.tar.gz",
        "images_013.tar.gz",
        "a.txt",
    ):
        (tmp_path / name).touch()
    found = layout(str(tmp_path), [1, 2, 7], "r")
    assert found.labels == [str(tmp_path / "Data_Entry_2017.csv")]
    assert found.archives == {
        "images_002": str(tmp_path / "images_002.tar.gz"),
        "images_007": str(tmp_path / "images_07.tar.gz"),  # the name that the NIH's server gives it
    }


def test_a_folder_without_archives_holds_loose_images(tmp_path):
    assert layout(str(tmp_path), [1], "r").archives == {LOOSE: str(tmp_path)}


def test_the_newer_label_table_is_taken_and_none_is_needed(tmp_path):
    assert layout(str(tmp_path), [1], "r").labels == []
    for name in ("Data_Entry_2017.csv", "Data_Entry_2017_v2020.csv.gz"):
        (tmp_path / name).touch()
    assert layout(str(tmp_path), [1], "r").labels == [str(tmp_path / "Data_Entry_2017_v2020.csv.gz")]
    assert layout(str(tmp_path), [1], "r", labels="none").labels == []


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(InputError, match=r"dataset\.source"):
        layout(str(tmp_path / "nowhere"), [1], "r")
    with pytest.raises(InputError, match=r"dataset\.labels"):
        layout("nih", [1], "r", labels="none")
    (tmp_path / "images_002.tar.gz").touch()
    with pytest.raises(InputError, match=r"dataset\.archives"):
        layout(str(tmp_path), [1], "r")
    with pytest.raises(InputError, match=r"dataset\.official.* train_val_list\.txt, test_list\.txt"):
        official_lists(layout(str(tmp_path), [2], "r"))


def test_a_folder_is_the_same_however_it_is_spelled(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "here").mkdir()
    spelled = ["data", "data/", "./data", "here/../data", str(tmp_path / "data")]
    assert {layout(source, [1], "r").archives[LOOSE] for source in spelled} == {"data"}
    monkeypatch.chdir(tmp_path / "here")
    outside = {layout(source, [1], "r").archives[LOOSE] for source in ("../data", str(tmp_path / "data"))}
    assert outside == {str(tmp_path / "data")}


def test_label_tables_are_found_by_their_columns(tmp_path):
    (tmp_path / "annotations").mkdir()
    for part in ("train", "test"):
        (tmp_path / f"annotations/image_labels_{part}.csv").write_text("image_id,No finding\na,1\n")
    (tmp_path / "notes.csv").write_text("date,note\n1,2\n")
    (tmp_path / "split.csv").write_text("image,patient,split\na.png,1,train\n")
    tables = [str(tmp_path / f"annotations/image_labels_{part}.csv") for part in ("test", "train")]
    assert layout(str(tmp_path), [1], "r").labels == tables
    (tmp_path / "own.csv").write_text("image,patient\na.png,1\n")
    with pytest.raises(
        InputError, match=r"several forms, own\.csv \(own\), image_labels_test\.csv \(vindr\)"
    ):
        layout(str(tmp_path), [1], "r")


def test_a_test_source_has_archives_of_its_own(tmp_path):
    assert of_test_source(None, [1], "r").archives == {}
    assert of_test_source(str(tmp_path), [1], "r").archives == {f"{TEST}{LOOSE}": str(tmp_path)}
    with pytest.raises(InputError, match=r"dataset\.test_source: nih is not an existing folder"):
        of_test_source("nih", [1], "r")


@pytest.mark.parametrize("places", [("a", "a"), ("a", "a/b"), ("a/b", "a"), ("a", "link"), ("a", "a/../a")])
def test_folders_that_hold_the_same_pictures_are_no_two_sources(tmp_path, places):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "link").symlink_to("a")
    with pytest.raises(InputError, match=r"dataset\.test_source: .* hold the same pictures"):
        check_apart(*(str(tmp_path / place) for place in places))


@pytest.mark.parametrize(("source", "other"), [("a", None), ("a", "ab"), ("phantom", "a")])
def test_folders_apart_are_two_sources(tmp_path, monkeypatch, source, other):
    monkeypatch.chdir(tmp_path)
    check_apart(source, other)


def test_results_and_source_are_two_folders(tmp_path):
    with pytest.raises(InputError, match=r"results: .* is also dataset\.source"):
        layout(str(tmp_path), [1], str(tmp_path))


def test_a_split_that_was_handed_over_must_be_there_and_another_than_the_runs_own(tmp_path):
    check_split(None, str(tmp_path))
    with pytest.raises(InputError, match=r"dataset\.split: there is no file .*theirs\.csv"):
        check_split(str(tmp_path / "theirs.csv"), str(tmp_path))
    (tmp_path / "theirs.csv").touch()
    check_split(str(tmp_path / "theirs.csv"), str(tmp_path))
    with pytest.raises(InputError, match=r"dataset\.split: .* the split of this run itself; copy it"):
        check_split(f"{tmp_path}/x/../split.csv", str(tmp_path))


def test_the_whole_release_has_112120_images():
    assert images_in(list(range(1, 13))) == 112120


def test_a_folder_has_one_spelling(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in ("lab", "./lab/", str(tmp_path / "lab"), "x/../lab"):
        assert spelled(path) == "lab"
    assert spelled("/data/x-rays") == "/data/x-rays"
    assert spelled("./nih") == "./nih"  # a folder of that name
    assert spelled("nih") == "nih"
    assert spelled(None) is None
