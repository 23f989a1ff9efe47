import gzip

import pytest

from srlib.data import nih
from srlib.errors import InputError

V2020 = """Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position\
,OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]
00000001_000.png,Cardiomegaly|Emphysema,0,1,57,M,PA,2682,2749,0.143,0.143
00001336_000.png,No Finding,0,1336,61,F,AP,2500,2048,0.168,0.168
"""
FIRST_EDITION = """Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position\
,OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],
00000001_000.png,Cardiomegaly|Emphysema,0,1,058Y,M,PA,2682,2749,0.143,0.143,
00001336_000.png,No Finding,0,1336,411,F,AP,2500,2048,0.168,0.168,
"""
EXPECTED = [
    ["00000001_000.png", "1", "PA", "Cardiomegaly|Emphysema"],
    ["00001336_000.png", "1336", "AP", "No Finding"],
]


@pytest.mark.parametrize(
    "text",
    [V2020, FIRST_EDITION, V2020.replace("Gender", "Sex"), "\ufeff" + V2020, V2020.replace("\n", "\r\n")],
    ids=["v2020", "first edition", "Sex", "byte order mark", "CRLF"],
)
def test_every_edition_of_the_label_table_reads_alike(tmp_path, text):
    path = tmp_path / "labels.csv"
    path.write_bytes(text.encode())
    labels = nih.read_labels(path)
    assert list(labels.columns) == ["image", "patient", "view", "findings"]
    assert labels.to_numpy().tolist() == EXPECTED


def test_a_gzipped_label_table_is_read(tmp_path):
    path = tmp_path / "labels.csv.gz"
    path.write_bytes(gzip.compress(V2020.encode()))
    assert nih.read_labels(path).to_numpy().tolist() == EXPECTED


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (V2020.replace("Patient ID", "ID"), "no column Patient ID"),
        ("<!DOCTYPE html>\n<html><body>Not found, sorry</body></html>\n", "HTML page"),
        (V2020.splitlines()[0] + "\n", "without rows"),
        ("", "not a label table"),
        (V2020.replace("00001336_000.png", "../../etc/passwd"), "no plain file name"),
        (V2020.replace("00001336_000.png", "00000001_000.png"), "00000001_000.png twice"),
    ],
    ids=["missing column", "HTML", "no rows", "empty", "climbing name", "repeated image"],
)
def test_a_wrong_label_table_is_refused_by_name(tmp_path, text, said):
    path = tmp_path / "labels.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=said) as error:
        nih.read_labels(path)
    assert str(path) in str(error.value)


def test_a_truncated_gzipped_label_table_is_refused(tmp_path):
    path = tmp_path / "labels.csv.gz"
    path.write_bytes(gzip.compress(V2020.encode())[:-20])
    with pytest.raises(InputError, match=r"labels\.csv\.gz"):
        nih.read_labels(path)


def test_a_missing_label_table_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.csv: no such label table"):
        nih.read_labels(tmp_path / "nosubgroups.csv")


@pytest.mark.parametrize(
    ("image", "archive"),
    [
        ("00000001_000.png", "images_001"),
        ("00001335_006.png", "images_001"),
        ("00001336_000.png", "images_002"),
        ("00003923_013.png", "images_002"),
        ("00003923_014.png", "images_003"),
        ("00030805_000.png", "images_012"),
    ],
)
def test_the_first_image_of_each_archive_maps_names_to_archives(image, archive):
    assert nih.archive_of(image) == archive


@pytest.mark.parametrize("image", ["00000000_000.png", "xray.png", "zebra.png", "00000001_000.jpg"])
def test_names_outside_the_release_have_no_archive(image):
    with pytest.raises(InputError, match=image):
        nih.archive_of(image)


def test_the_archives_are_those_of_the_release():
    assert [archive.number for archive in nih.ARCHIVES] == list(range(1, 13))
    assert sum(archive.bytes for archive in nih.ARCHIVES) == 45_079_862_784
    assert len({archive.md5 for archive in nih.ARCHIVES}) == len({a.url for a in nih.ARCHIVES}) == 12
    assert all(archive.url.startswith("https://nihcc.box.com/") for archive in nih.ARCHIVES)
