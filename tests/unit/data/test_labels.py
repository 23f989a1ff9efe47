"""Label tables in the forms in which they were published: rows made up, columns as they are."""

import gzip

import pytest

from srlib.data.labels import catalog
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
    ("00000001_000.png", "1", "PA", "Cardiomegaly|Emphysema"),
    ("00001336_000.png", "1336", "AP", "No Finding"),
]


@pytest.mark.parametrize(
    "text",
    [V2020, FIRST_EDITION, V2020.replace("Gender", "Sex"), "\ufeff" + V2020, V2020.replace("\n", "\r\n")],
    ids=["v2020", "first edition", "Sex", "byte order mark", "CRLF"],
)
def test_every_edition_of_the_label_table_reads_alike(tmp_path, text):
    path = tmp_path / "labels.csv"
    path.write_bytes(text.encode())
    assert catalog.read([path]) == EXPECTED


@pytest.mark.parametrize("name", catalog.readers())
def test_every_reader_keeps_the_contract(name):
    """It is found by columns that no other form has all of, and gives text."""
    reader = catalog.readers()[name]
    others = [other.COLUMNS for other in catalog.readers().values() if other is not reader]
    assert reader.COLUMNS
    assert not any(columns <= reader.COLUMNS for columns in others)
    assert list(reader.read([])) == []
    (label,) = reader.read([dict.fromkeys(reader.COLUMNS, "a/b/c")])
    assert isinstance(label, catalog.Label)
    assert all(isinstance(value, str) for value in label)


def test_a_gzipped_label_table_is_read(tmp_path):
    path = tmp_path / "labels.csv.gz"
    path.write_bytes(gzip.compress(V2020.encode()))
    assert catalog.read([path]) == EXPECTED


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (V2020.replace("Patient ID", "ID"), "no column Patient ID"),
        ("<!DOCTYPE html>\n<html><body>Not found, sorry</body></html>\n", "HTML page"),
        (V2020.splitlines()[0] + "\n", "without rows"),
        ("", "without rows"),
        (V2020.replace(",1336,", ",7,"), "given to patient 7.* patient 1336"),
        (V2020.replace("00001336_000.png", ""), "names no picture"),
        (V2020.replace("00001336_000.png", "00000001_000.png"), "00000001_000.png twice"),
    ],
    ids=["missing column", "HTML", "no rows", "empty", "contradiction", "no name", "repeated image"],
)
def test_a_wrong_label_table_is_refused_by_name(tmp_path, text, said):
    path = tmp_path / "labels.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=said) as error:
        catalog.read([path])
    assert str(path) in str(error.value)


def test_a_truncated_gzipped_label_table_is_refused(tmp_path):
    path = tmp_path / "labels.csv.gz"
    path.write_bytes(gzip.compress(V2020.encode())[:-20])
    with pytest.raises(InputError, match=r"labels\.csv\.gz"):
        catalog.read([path])


def test_a_missing_label_table_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.csv: no such label table"):
        catalog.read([tmp_path / "nowhere.csv"])


CHEXPERT = """Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Enlarged Cardiomediastinum,Cardiomegaly,\
Lung Opacity,Lung Lesion,Edema,Consolidation,Pneumonia,Atelectasis,Pneumothorax,Pleural Effusion,\
Pleural Other,Fracture,Support Devices
CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg,Female,68,Frontal,AP,1.0,,,,,,,,,0.0,,,,1.0
CheXpert-v1.0-small/train/patient00002/study2/view1_frontal.jpg,Female,87,Frontal,PA,,,-1.0,1.0,,-1.0,,,,,1.0,,,
CheXpert-v1.0-small/train/patient00002/study1/view2_lateral.jpg,Female,83,Lateral,,,,,,,,,,,,,,,
"""
PADCHEST = """,ImageID,ImageDir,StudyDate_DICOM,StudyID,PatientID,PatientBirth,PatientSex_DICOM,\
ViewPosition_DICOM,Projection,MethodProjection,Pediatric,ReportID,Report,MethodLabel,Labels,Localizations
0,2160_02-094.png,0,20140915,2042,8412,1930.0,F,POSTEROANTERIOR,PA,Manual,No,4765,sin hallazgos,Physician,\
"['normal', ' pleural effusion']","['loc right']"
1,2160_02-095.png,0,20140915,2042,8412,1930.0,F,LATERAL,L,Manual,No,4765,"uno,
dos",Physician,[],
"""
VINDR = """image_id,rad_id,Aortic enlargement,Cardiomegaly,No finding
0005e8,R10,0,1,0
0005e8,R8,1,1,0
0005e8,R9,0,0,1
0007d3,R9,0,0,1
"""
OWN = "patient,age,image\n7,50,ward/a.png\n"


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        (
            CHEXPERT,
            "chexpert",
            [
                ("patient00001", "AP", "No Finding|Support Devices"),
                ("patient00002", "PA", "Lung Opacity|Pleural Effusion"),  # -1.0: uncertain, so not said
                ("patient00002", "LATERAL", ""),
            ],
        ),
        (PADCHEST, "padchest", [("8412", "PA", "normal|pleural effusion"), ("8412", "L", "")]),
        (VINDR, "vindr", [("", "PA", "Cardiomegaly"), ("", "PA", "No finding")]),  # two of three radiologists
        (VINDR.replace(",rad_id", "").replace(",R10", "").replace(",R9", "").replace("0005e8,R8,1,1,0\n", "")
         .replace("0005e8,0,0,1\n", ""), "vindr", [("", "PA", "Cardiomegaly"), ("", "PA", "No finding")]),
        (OWN, "own", [("7", "", "")]),
        (V2020, "nih", [label[1:] for label in EXPECTED]),
    ],
    ids=["CheXpert", "PadChest", "VinDr-CXR training", "VinDr-CXR test", "own", "NIH"],
)  # fmt: skip
def test_each_published_form_is_known_by_its_columns(tmp_path, text, form, expected):
    path = tmp_path / "any name.csv"
    path.write_text(text)
    assert catalog.form_of(path) == form
    assert [label[1:] for label in catalog.read([path])] == expected


def test_what_a_table_says_of_a_picture_is_read_from_all_tables(tmp_path):
    for name, part in [("train.csv", "train"), ("valid.csv", "valid")]:
        (tmp_path / name).write_text(CHEXPERT.replace("/train/", f"/{part}/"))
    paths = [tmp_path / "train.csv", tmp_path / "valid.csv"]
    assert len(catalog.read(paths)) == 6
    with pytest.raises(InputError, match=r"train\.csv: lists .*view1_frontal\.jpg twice"):
        catalog.read([paths[0], paths[0]])


def test_a_split_file_is_no_label_table(tmp_path):
    (tmp_path / "split.csv").write_text(
        "image,patient,view,findings,archive,split\na.png,1,PA,,loose,train\n"
    )
    assert catalog.form_of(tmp_path / "split.csv") is None
