import io
import tarfile

import numpy as np
import pandas as pd
import pytest
from test_dicom import dicom_file

from srlib.data import pool
from srlib.data.images import encode_png
from srlib.data.source import LOOSE
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
    found = pool.read_pool(labels, archives, [1, 2])
    assert found[["image", "archive"]].to_numpy().tolist() == [
        ["00000001_000.png", "images_001"],
        ["00000001_001.png", "images_001"],
        ["00001336_000.png", "images_002"],
    ]


def test_a_pool_is_limited_to_the_pictures_in_the_folder(labels, tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in ("00000001_001.png", "of_nobody.png"):
        (tmp_path / "a" / "b" / name).write_bytes(PNG)
    found = pool.read_pool(labels, {LOOSE: str(tmp_path)}, [1])
    assert found.to_numpy().tolist() == [["00000001_001.png", "1", "AP", "Effusion", LOOSE]]


def test_a_table_of_other_images_is_refused(labels, tmp_path):
    (tmp_path / "other.png").write_bytes(PNG)
    with pytest.raises(InputError, match=r"labels\.csv: has no row for any image"):
        pool.read_pool(labels, {LOOSE: str(tmp_path)}, [1])
    with pytest.raises(InputError, match="no row for any image"):
        pool.read_pool(labels, {"images_007": "images_007.tar.gz"}, [7])


def test_without_labels_patients_come_from_names_or_dicom_headers(tmp_path):
    for name in ("00000013_005.png", "scan.png"):
        (tmp_path / name).write_bytes(PNG)
    (tmp_path / "IM1").write_bytes(dicom_file())
    (tmp_path / "IM2.dcm").write_bytes(dicom_file(ViewPosition="AP"))
    (tmp_path / "IM3.dcm").write_bytes(dicom_file(PatientID=""))
    found = pool.read_pool(None, {LOOSE: str(tmp_path)}, [1]).set_index("image")
    assert found["patient"]["00000013_005.png"] == "13"
    assert found["patient"]["scan.png"] == "scan.png"
    assert found["patient"]["IM1"] == found["patient"]["IM2.dcm"]
    assert found["patient"]["IM3.dcm"] == "IM3.dcm"
    assert found["view"].to_dict() | {"IM2.dcm": "AP"} == found["view"].to_dict()
    assert set(found["archive"]) == {LOOSE}


def test_without_labels_the_members_of_archives_are_the_pool(tmp_path):
    path = tmp_path / "images_001.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name in ("images/00000002_000.png", "images/00000001_000.png", "images/._00000001_000.png"):
            info = tarfile.TarInfo(name)
            info.size = len(PNG)
            tar.addfile(info, io.BytesIO(PNG))
    found = pool.read_pool(None, {"images_001": str(path)}, [1])
    assert found.to_numpy().tolist() == [
        ["00000001_000.png", "1", "", "", "images_001"],
        ["00000002_000.png", "2", "", "", "images_001"],
    ]


@pytest.fixture
def images():
    rows = [row.split(",") for row in ROWS]
    return pd.DataFrame(
        [[image, patient, view, findings, "x"] for image, findings, patient, view in rows],
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
