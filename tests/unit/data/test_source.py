import pytest

from srlib.data.source import LOOSE, images_in, layout, official_lists
from srlib.errors import InputError


def test_the_release_and_the_phantom_go_into_the_results_folder():
    assert layout("nih", [1, 12], "r").archives == {
        "images_001": "r/release/images_001.tar.gz",
        "images_012": "r/release/images_012.tar.gz",
    }
    assert list(layout("phantom", [1, 2, 3], "r").archives) == ["images_001", "images_002"]


def test_the_mirror_is_on_the_web_and_its_labels_in_the_results_folder():
    found = layout("mirror", [3], "r")
    assert found.labels == "r/release/labels.csv"
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
    assert found.labels == str(tmp_path / "Data_Entry_2017.csv")
    assert found.archives == {
        "images_002": str(tmp_path / "images_002.tar.gz"),
        "images_007": str(tmp_path / "images_07.tar.gz"),  # the name that the NIH's server gives it
    }


def test_a_folder_without_archives_holds_loose_images(tmp_path):
    assert layout(str(tmp_path), [1], "r").archives == {LOOSE: str(tmp_path)}


def test_the_newer_label_table_is_taken_and_none_is_needed(tmp_path):
    assert layout(str(tmp_path), [1], "r").labels is None
    for name in ("Data_Entry_2017.csv", "Data_Entry_2017_v2020.csv.gz"):
        (tmp_path / name).touch()
    assert layout(str(tmp_path), [1], "r").labels == str(tmp_path / "Data_Entry_2017_v2020.csv.gz")
    assert layout(str(tmp_path), [1], "r", labels="none").labels is None


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


def test_the_whole_release_has_112120_images():
    assert images_in(list(range(1, 13))) == 112120
