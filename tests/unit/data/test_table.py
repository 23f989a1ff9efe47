import gzip

import pytest

from srlib.data.table import read_columns, read_table
from srlib.errors import InputError

ROWS = [{"image": "#1.png", "patient": "1"}, {"image": "b.png", "patient": ""}]


@pytest.mark.parametrize(
    "data",
    [
        b"image,patient\n#1.png,1\nb.png,\n",
        b'# {"seed": 0, "view": "any"}\nimage,patient\n#1.png,1\nb.png,\n',
        b'"# {""seed"": 0}",\r\nimage,patient\r\n#1.png,1\r\nb.png,\r\n,\r\n',
        b"\xef\xbb\xbf# note,\nimage,patient\n#1.png,1\nb.png,\n",
        b"\xef\xbb\xbfimage;patient\r\n#1.png;1\r\nb.png;\r\n",
        b"image\tpatient\n#1.png\t1\nb.png\t\n",
        b" image , patient ,\n#1.png , 1,\nb.png ,,\n\n",
        gzip.compress(b"image,patient\n#1.png,1\nb.png,\n"),
    ],
    ids=["plain", "comment", "spreadsheet", "BOM", "semicolons", "tabs", "blanks", "gzip"],
)
def test_a_table_reads_alike_however_it_was_saved(tmp_path, data):
    path = tmp_path / ("a.csv.gz" if data[:2] == b"\x1f\x8b" else "a.csv")
    path.write_bytes(data)
    assert list(read_table(path, "split file", "redo it")) == ROWS
    assert read_columns(path) == ["image", "patient"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"# note\nimage,patient\na.png,1\nx\n", r"line 4: 1 cells \(x \.\.\.\) under 2 columns"),
        (b"image,patient\n# note\na.png,1\n", r"line 2: 1 cells \(# note \.\.\.\)"),
        (b"image,patient\na.png,1,2\n", "line 2: 3 cells"),
        (b'image,patient\n"a.png,1\n', "line 2.*not a split file"),
        (b"", "a split file without rows"),
        (b"image,patient\n", "a split file without rows"),
        (b"  <!DOCTYPE html>\n<p>no</p>", "an HTML page, not a split file"),
        ("image,patient\nMüller.png,1".encode("cp1252"), "UTF-8"),
        ("image,patient\na.png,1".encode("utf-16"), "UTF-8"),
    ],
)
def test_what_is_no_table_is_refused_with_a_true_word(tmp_path, data, said):
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(InputError, match=said) as error:
        list(read_table(tmp_path / "a.csv", "split file", "redo it"))
    assert str(tmp_path / "a.csv") in str(error.value)


def test_a_missing_or_truncated_table_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.csv: no such split file; redo it"):
        list(read_table(tmp_path / "nowhere.csv", "split file", "redo it"))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"image,patient\n" * 99)[:-20])
    with pytest.raises(InputError, match=r"a\.csv\.gz: not a readable split file"):
        list(read_table(tmp_path / "a.csv.gz", "split file", "redo it"))
    assert read_columns(tmp_path / "nowhere.csv") == []
