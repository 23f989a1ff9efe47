import pytest
from hypothesis import given
from hypothesis import strategies as st

from srlib.data.names import MAX_BYTES, canonical, check_patient, patient_in, picture_name
from srlib.errors import InputError


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.png", "a.png"),
        ("a.JPG", "a.png"),
        ("a.dcm", "a.png"),
        ("IM0001", "IM0001.png"),
        ("1.2.84", "1.2.84.png"),
        ("#1 Müller.png", "#1 Müller.png"),
        ("Mu\u0308ller.png", "Müller.png"),  # as macOS spells it
        ("patient00001/study1/view1_frontal.jpg", "patient00001__study1__view1_frontal.png"),
        ("00000013_005.png", "00000013_005.png"),
        ("images_001/images/00000013_005.png", "00000013_005.png"),
        ("2024/20240131_001.png", "2024__20240131_001.png"),  # a date, no patient of the release
        ('a:"b\\c\n.png', "a__b_c_.png"),
    ],
)
def test_a_picture_is_called_by_its_path_and_an_image_of_the_release_by_its_name(path, expected):
    assert picture_name(path) == expected


PARTS = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=90).filter(
    lambda part: part not in (".", "..")
)


@given(st.lists(PARTS, min_size=1, max_size=4))
def test_every_name_is_a_plain_file_name_and_gives_itself(parts):
    name = picture_name("/".join(parts))
    assert "/" not in name
    assert name[0] not in ". "
    assert name.isprintable()
    assert len(name.encode()) <= MAX_BYTES
    assert picture_name(name) == name


def test_long_paths_stay_apart():
    names = {picture_name(f"{'x' * 240}/{i}.png") for i in range(5)}
    assert len(names) == 5
    assert all(name.startswith("xxx") and len(name) <= MAX_BYTES for name in names)


@pytest.mark.parametrize(
    ("path", "patient", "origin"),
    [
        ("00000013_005.png", "13", "name"),
        ("a/99999999_000.dcm", "99999999", "name"),
        ("p10000/s50/x.png", "p10000", "first folder"),
        ("train/patient00001/study1/v.jpg", "patient00001", "first folder"),
        (b"p\xe4tient/x.png".decode(errors="surrogateescape"), "p\\udce4tient", "first folder"),
        ("images_001/images/scan.png", "images_001__images__scan.png", "picture alone"),
        ("scan.png", "scan.png", "picture alone"),
    ],
)
def test_the_patient_that_a_path_tells_of(path, patient, origin):
    assert patient_in(path) == (patient, origin)


@pytest.mark.parametrize("spelling", ["1", " 1", "1.0", "00000001", "1.", "01\t"])
def test_one_spelling_for_a_patient(spelling):
    assert canonical(spelling) == "1"


@pytest.mark.parametrize("spelling", ["", "  ", "ANONYMOUS", "anonymized", "NaN", "N/A", "unknown"])
def test_a_placeholder_is_nobody(spelling):
    assert canonical(spelling) == ""


def test_other_patients_keep_their_names():
    assert [canonical(name) for name in ("p1", "1a", "0", "1.5", "Ana")] == ["p1", "1a", "0", "1.5", "Ana"]


def test_a_name_of_the_release_that_contradicts_its_patient_is_refused():
    check_patient("00000005_000.png", "5", "x.csv")
    check_patient("20240131_000.png", "Ana", "x.csv")
    with pytest.raises(InputError, match=r"x\.csv: 00000005_000\.png is given to patient 7.* patient 5"):
        check_patient("00000005_000.png", "7", "x.csv")
