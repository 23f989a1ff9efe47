import io
import tarfile

import numpy as np
import pandas as pd
import pytest
from dicoms import dicom_file

from srlib.data import pool, sampling
from srlib.data.images import encode_png
from srlib.data.labels.catalog import Label
from srlib.data.source import LOOSE, TEST
from srlib.data.split import adopt, read_split, write_split
from srlib.errors import InputError

PNG = encode_png(np.zeros((4, 4), np.uint8))
HEADER = "Image Index,Finding Labels,Patient ID,View Position\n"
ROWS = [
    "00000001_000.png,Cardiomegaly|Effusion,1,PA",
    "00000001_001.png,Effusion,1,AP",
    "00001336_000.png,No Finding,1336,PA",
    "00030805_000.png,No Finding,30805,AP",
]


@pytest.fixture
def labels(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text(HEADER + "\n".join(ROWS) + "\n")
    return path


def test_a_pool_is_limited_to_the_asked_archives(labels):
    archives = {"images_001": "images_001.tar.gz", "images_002": "images_002.tar.gz"}
    found = pool.read_pool([str(labels)], archives, ["images_001", "images_002"])
    assert found[["image", "archive"]].to_numpy().tolist() == [
        ["00000001_000.png", "images_001"],
        ["00000001_001.png", "images_001"],
        ["00001336_000.png", "images_002"],
    ]


def test_a_pool_is_limited_to_the_pictures_in_the_folder(labels, tmp_path, capsys):
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in ("00000001_001.png", "of_nobody.png"):
        (tmp_path / "a" / "b" / name).write_bytes(PNG)
    found = pool.read_pool([str(labels)], {LOOSE: str(tmp_path)}, [])
    assert found.to_numpy().tolist() == [["00000001_001.png", "1", "AP", "Effusion", LOOSE, "label table"]]
    assert "1 of 2 pictures" in capsys.readouterr().err  # what no row speaks of is left out, and said


def test_a_table_of_other_images_is_refused(labels, tmp_path):
    (tmp_path / "other.png").write_bytes(PNG)
    with pytest.raises(InputError, match=r"labels\.csv: has no row for any image"):
        pool.read_pool([str(labels)], {LOOSE: str(tmp_path)}, [])
    with pytest.raises(InputError, match="no row for any image"):
        pool.read_pool([str(labels)], {"images_007": "images_007.tar.gz"}, ["images_007"])


def test_without_labels_patients_come_from_names_or_dicom_headers(tmp_path):
    for name in ("00000013_005.png", "scan.png"):
        (tmp_path / name).write_bytes(PNG)
    (tmp_path / "IM1").write_bytes(dicom_file())
    (tmp_path / "IM2.dcm").write_bytes(dicom_file(ViewPosition="AP"))
    (tmp_path / "IM3.dcm").write_bytes(dicom_file(PatientID=""))
    found = pool.read_pool([], {LOOSE: str(tmp_path)}, []).set_index("image")
    assert found["patient"]["00000013_005.png"] == "13"
    assert found["patient"]["scan.png"] == "scan.png"
    assert found["patient"]["IM1.png"] == found["patient"]["IM2.png"]
    assert found["patient"]["IM3.png"] == "IM3.png"
    assert found["view"]["IM2.png"] == "AP"
    assert found["origin"].to_dict() == {
        "00000013_005.png": "name",
        "IM1.png": "DICOM header",
        "IM2.png": "DICOM header",
        "IM3.png": "picture alone",
        "scan.png": "picture alone",
    }
    assert pool.origins(found) == "2 by DICOM header, 1 by name, 2 by picture alone"
    assert set(found["archive"]) == {LOOSE}


def test_without_labels_the_members_of_archives_are_the_pool(tmp_path):
    path = tmp_path / "images_001.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name in ("images/00000002_000.png", "images/00000001_000.png", "images/._00000001_000.png"):
            info = tarfile.TarInfo(name)
            info.size = len(PNG)
            tar.addfile(info, io.BytesIO(PNG))
    found = pool.read_pool([], {"images_001": str(path)}, ["images_001"])
    assert found.to_numpy().tolist() == [
        ["00000001_000.png", "1", "", "", "images_001", "name"],
        ["00000002_000.png", "2", "", "", "images_001", "name"],
    ]


def test_without_labels_the_first_folder_is_the_patient(tmp_path):
    for path in ["p1/s1/a.png", "p1/s2/a.png", "p2/s1/a.png", "b.png"]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(PNG)
    found = pool.read_pool([], {LOOSE: str(tmp_path)}, [])
    assert dict(zip(found["image"], found["patient"], strict=True)) == {
        "p1__s1__a.png": "p1",
        "p1__s2__a.png": "p1",
        "p2__s1__a.png": "p2",
        "b.png": "b.png",
    }
    assert pool.origins(found) == "3 by first folder, 1 by picture alone"


def test_patients_that_are_all_called_anonymous_are_told_apart_by_folder(tmp_path):
    for i in range(4):
        (tmp_path / f"p{i % 2}").mkdir(exist_ok=True)
        (tmp_path / f"p{i % 2}" / f"{i}.dcm").write_bytes(dicom_file(PatientID="ANONYMOUS"))
    found = pool.read_pool([], {LOOSE: str(tmp_path)}, [])
    assert list(found["patient"]) == ["p0", "p0", "p1", "p1"]


def test_patients_are_one_however_spelled_and_unknown_ones_are_not_one(tmp_path, capsys):
    for name in "abcdef":
        (tmp_path / f"{name}.png").write_bytes(PNG)
    table = tmp_path / "labels.csv"
    table.write_text("image,patient\na.png, 1\nb.png,1.0\nc.png,00000001\nd.png,2\ne.png,\nf.png,\n")
    found = pool.read_pool([str(table)], {LOOSE: str(tmp_path)}, [])
    assert list(found["patient"]) == ["1", "1", "1", "2", "e.png", "f.png"]
    said = capsys.readouterr().err
    assert "Warning: 1 patients are spelled in several ways" in said
    assert "Warning: 2 images have no patient" in said


LABEL = Label("", "1", "PA", "")


@pytest.mark.parametrize(
    ("image", "path"),
    [
        ("a.png", "a.png"),
        ("a.dicom", "train/a.png"),  # VinDr-CXR's table, converted
        ("CheXpert-v1.0-small/train/p1/s1/v.jpg", "p1/s1/v.jpg"),
        ("CheXpert-v1.0-small/train/p1/s1/v.jpg", "CheXpert-v1.0-small/train/p1/s1/v.jpg"),
        ("p1\\s1\\v.jpg", "disk/p1/s1/v.png"),
    ],
)
def test_a_label_finds_its_picture_wherever_the_paths_begin(image, path):
    label = LABEL._replace(image=image)
    assert pool.match([label, LABEL._replace(image="x/other.png")], {"name.png": path}) == {"name.png": label}


def test_a_label_of_another_folder_is_no_label():
    assert pool.match([LABEL._replace(image="p1/s1/v.jpg")], {"n.png": "p2/s1/v.jpg"}) == {}


def test_what_could_be_several_pictures_or_labels_is_refused():
    two = {"a.png": "p1/v.jpg", "b.png": "p2/v.jpg"}
    with pytest.raises(InputError, match=r"v\.jpg could be p1/v\.jpg or p2/v\.jpg"):
        pool.match([LABEL._replace(image="v.jpg")], two)
    table = [LABEL._replace(image=f"{part}/p1/v.jpg") for part in ("train", "valid")]
    with pytest.raises(InputError, match=r"train/p1/v\.jpg and valid/p1/v\.jpg"):
        pool.match(table, two)


def two_sources(tmp_path, name):
    """A pool of six pictures to train and six to test on, of two folders; both have the same file names."""
    for place, seed in [("mine", 0), ("theirs", 1)]:
        for i in range(1, 7):
            path = tmp_path / place / name.format(i)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(PNG + bytes([seed, i]))
    mine = pool.read_pool([], {LOOSE: str(tmp_path / "mine")}, [])
    theirs = pool.read_tests([], {f"{TEST}{LOOSE}": str(tmp_path / "theirs")})
    return pool.with_tests(mine, theirs)


def test_a_test_source_keeps_its_patients_to_itself(tmp_path):
    counts = {"train": 5, "test": 6, "validation": 1}
    split = sampling.sample(two_sources(tmp_path, "{}/chest.png"), counts, 0)
    assert (split["archive"] == f"{TEST}{LOOSE}").tolist() == (split["split"] == "test").tolist()
    assert set(split["patient"][split["split"] == "train"]) < set(split["patient"][split["split"] == "test"])
    write_split(split, tmp_path / "split.csv")
    assert len(read_split(tmp_path / "split.csv")) == 12  # one name, one patient's number, two persons
    adopted = adopt(tmp_path / "split.csv", counts, [LOOSE, f"{TEST}{LOOSE}"])
    pd.testing.assert_frame_equal(adopted, split)


def test_a_patient_of_the_release_is_the_same_in_both_sources(tmp_path):
    images = two_sources(tmp_path, "{:08d}_000.png")
    split = sampling.sample(images, {"train": 2, "test": 3, "validation": 1}, 0)
    assert split["patient"].is_unique
    with pytest.raises(InputError, match="images of different patients are not to be had"):
        sampling.sample(images, {"train": 4, "test": 3, "validation": 0}, 0)
    split.loc[split["split"] == "test", ["image", "patient"]] = (
        split[["image", "patient"]].iloc[:3].to_numpy()
    )
    write_split(split, tmp_path / "split.csv")
    with pytest.raises(InputError, match="is in two splits, which leaks"):
        read_split(tmp_path / "split.csv")


@pytest.fixture
def images():
    rows = [row.split(",") for row in ROWS]
    return pd.DataFrame(
        [[image, patient, view, findings, "x", "label table"] for image, findings, patient, view in rows],
        columns=pool.POOL_COLUMNS,
    )


def chosen(images, view="any", findings=None, official=None):
    return list(pool.select(images, view=view, findings=findings, official=official)["image"].str[:12])


def test_selection_by_view_and_findings(images):
    assert chosen(images) == ["00000001_000", "00000001_001", "00001336_000", "00030805_000"]
    assert chosen(images, view="AP") == ["00000001_001", "00030805_000"]
    assert chosen(images, findings=["Effusion"]) == ["00000001_000", "00000001_001"]
    assert chosen(images, findings=["No Finding", "Cardiomegaly"], view="PA") == [
        "00000001_000",
        "00001336_000",
    ]


def test_the_official_lists_are_the_pools(images):
    lists = {"train": {"00001336_000.png"}, "test": {"00000001_001.png", "00000099_000.png"}}
    found = pool.select(images, view="any", findings=None, official=lists)
    assert found[["image", "side"]].to_numpy().tolist() == [
        ["00000001_001.png", "test"],
        ["00001336_000.png", "train"],
    ]


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"view": "LL"}, "dataset.view: LL.* has AP, PA"),
        ({"findings": ["Effus"]}, "dataset.findings: Effus.* Cardiomegaly, Effusion, No Finding"),
        ({"official": {"train": {"x"}, "test": {"y"}}}, "dataset.official"),
    ],
)
def test_a_choice_that_leaves_nothing_names_the_key_and_what_there_is(images, choice, said):
    with pytest.raises(InputError, match=said):
        chosen(images, **choice)


def test_the_releases_lists_are_read_and_pages_are_not(tmp_path):
    (tmp_path / "test_list.txt").write_text("00000003_000.png\r\n00000003_001.png")
    assert pool.read_list(tmp_path / "test_list.txt") == {"00000003_000.png", "00000003_001.png"}
    for text in ("", "<!DOCTYPE html>", "00000003_000.png ../x.png"):
        (tmp_path / "test_list.txt").write_text(text)
        with pytest.raises(InputError, match=r"test_list\.txt: not a list"):
            pool.read_list(tmp_path / "test_list.txt")
    with pytest.raises(InputError, match=r"nowhere\.txt"):
        pool.read_list(tmp_path / "nowhere.txt")
