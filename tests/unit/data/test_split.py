import pandas as pd
import pytest
from test_sampling import counts, pool_of

from srlib.data import sampling, split
from srlib.errors import InputError


def test_a_split_file_comes_back_as_it_was_written(tmp_path):
    drawn = sampling.sample(pool_of([2] * 20), counts(9, 6, 3), 0)
    split.write_split(drawn, tmp_path / "split.csv", 'seed 0, view "any"')
    pd.testing.assert_frame_equal(split.read_split(tmp_path / "split.csv"), drawn)
    assert (tmp_path / "split.csv").read_text().startswith('# seed 0, view "any"\nimage,patient,')


HEADER = "image,patient,view,findings,archive,split\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("image,patient\na.png,1\n", "it needs columns"),
        (HEADER + "a.png,1,PA,,loose,exam\n", "one of train"),
        (HEADER + "../a.png,1,PA,,loose,train\n", "names no picture inside"),
        (HEADER + "a.png,1,PA,,loose,train\nb.png,1,PA,,loose,test\n", "patient 1 is in two splits"),
        (HEADER + "a.png,1,PA,,loose,train\na.png,1,PA,,loose,train\n", r"a\.png twice"),
        (HEADER + "a.png,1,PA,,loose,train\nb.png,01.0,PA,,loose,test\n", "patient 1 is in two splits"),
        (HEADER + "00000005_000.png,7,PA,,loose,train\n", r"by its name it is of patient 5"),
        (HEADER + "a.png,1,PA,,loose,train\nx\n", "line 3: 1 cells"),
        ("", "split file without rows"),
    ],
)
def test_a_wrong_split_file_is_refused(tmp_path, text, said):
    (tmp_path / "split.csv").write_text(text)
    with pytest.raises(InputError, match=said) as error:
        split.read_split(tmp_path / "split.csv")
    assert "split.csv" in str(error.value)


def test_archives_that_the_source_lacks_are_named():
    drawn = sampling.sample(pool_of([1] * 20), counts(4, 4), 0)
    split.check_archives(drawn, ["images_001", "images_002"])
    with pytest.raises(InputError, match=r"does not hold images_001.* images_002"):
        split.check_archives(drawn, ["images_002"])


def test_a_split_that_a_spreadsheet_saved_is_the_same(tmp_path):
    drawn = sampling.sample(pool_of([2] * 20), counts(9, 6, 3), 0)
    split.write_split(drawn, tmp_path / "split.csv", '{"seed": 0, "view": "any"}')
    note, rest = (tmp_path / "split.csv").read_text().split("\n", 1)
    quoted = note.replace('"', '""')
    saved = f'"{quoted}",,,,,\n{rest}'.replace("\n", "\r\n")
    (tmp_path / "split.csv").write_bytes(b"\xef\xbb\xbf" + saved.encode())
    pd.testing.assert_frame_equal(split.read_split(tmp_path / "split.csv"), drawn)


def test_names_that_begin_with_a_hash_are_images(tmp_path):
    (tmp_path / "split.csv").write_text(
        f"# a note\n{HEADER}#1.png,1,PA,,loose,train\n#2.png,2,PA,,loose,test\n"
    )
    assert list(split.read_split(tmp_path / "split.csv")["image"]) == ["#1.png", "#2.png"]


def test_paths_and_spellings_of_patients_come_to_one_form(tmp_path):
    (tmp_path / "split.csv").write_text(HEADER + "p1/a.dcm ,01,PA,,loose,train\nb.jpg,1.0,PA,,loose,train\n")
    found = split.read_split(tmp_path / "split.csv")
    assert found[["image", "patient"]].to_numpy().tolist() == [["p1__a.png", "1"], ["b.png", "1"]]


@pytest.fixture
def handed_over(tmp_path):
    path = tmp_path / "theirs.csv"
    split.write_split(sampling.sample(pool_of([2] * 20), counts(9, 6, 3), 0), path, "seed 0")
    return path


def test_a_split_that_was_handed_over_is_used_as_it_is(handed_over):
    theirs = split.read_split(handed_over)
    pd.testing.assert_frame_equal(split.adopt(handed_over, counts(9, 6, 3), ["images_001"]), theirs)
    loose = split.adopt(handed_over, counts(9, 6, 3), ["loose"])
    pd.testing.assert_frame_equal(loose, theirs.assign(archive="loose"))


def test_a_split_that_was_handed_over_may_not_hold_one_picture_on_two_sides(handed_over):
    theirs = split.read_split(handed_over)
    train, test = theirs["image"][0], theirs["image"][17]
    split.check_twins(theirs, lambda archive, image: None)
    split.check_twins(theirs, lambda archive, image: image)
    with pytest.raises(InputError, match=rf"{train} \(train\) and {test} \(test\) are the same picture"):
        split.check_twins(theirs, lambda archive, image: train if image == test else image)


def test_a_split_that_was_handed_over_must_fit_config_and_source(handed_over):
    with pytest.raises(InputError, match=r"dataset\.train: 10, but .*theirs\.csv has 9 train images"):
        split.adopt(handed_over, counts(10, 6, 3), ["images_001"])
    with pytest.raises(InputError, match="does not hold images_001"):
        split.adopt(handed_over, counts(9, 6, 3), ["images_005"])
