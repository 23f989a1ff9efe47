import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from srlib.data.boxes import Box, read_boxes
from srlib.data.geometry import read_sizes
from srlib.data.images import read_manifest
from srlib.errors import InputError
from srlib.evaluation.metrics import available
from srlib.evaluation.runs import read_scores
from srlib.tables import read_frame, read_rows

SHA = "0" * 64
METRICS = list(available([]))
NUMBERS = ",".join(f"{i}.5" for i, _ in enumerate(METRICS))
# What reads each kind of table, and a good one.
TABLES = {
    "manifest": (read_manifest, f"name,sha256,patient\na.png,{SHA},1\nb.png,{SHA},2\n"),
    "sizes": (read_sizes, "image,height,width\na.png,1024,1024\nb.png,2500,2048\n"),
    "boxes": (read_boxes, f"{','.join(Box._fields)}\na.png,Mass,1,2,3.5,4\n"),
    "scores": (lambda path: read_scores([path]), f"image,{','.join(METRICS)}\na.png,{NUMBERS}\n"),
}


def test_rows_have_the_types_of_their_columns(tmp_path):
    (tmp_path / "x.csv").write_text('name,n\n"a, b",1\nc,2\n')
    assert read_rows(tmp_path / "x.csv", {"name": str, "n": int}) == [
        {"name": "a, b", "n": 1},
        {"name": "c", "n": 2},
    ]


def test_words_that_look_like_something_else_stay_words(tmp_path):
    (tmp_path / "x.csv").write_text("label,psnr\nNA,inf\n123,\nTrue,3\n")
    frame = read_frame(tmp_path / "x.csv", ["label"], ["psnr"])
    assert list(frame["label"]) == ["NA", "123", "True"]
    assert frame["psnr"][0] == math.inf and math.isnan(frame["psnr"][1])


def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path):
    for name in ("../a.png", "/etc/passwd", "a/b.png", ""):
        (tmp_path / "x.manifest.csv").write_text(f"name,sha256,patient\n{name},{SHA},1\n")
        with pytest.raises(InputError, match="no plain file name"):
            read_manifest(tmp_path / "x.manifest.csv")


@pytest.mark.parametrize("read", [read for read, _ in TABLES.values()], ids=TABLES)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"\xff\xfe\x00",
        b"PK\x03\x04" + bytes(range(256)),
        b"<html>",
        b'"',
        b"a" * 200_000,
        b"1,2\n3,4,5\n",
    ],
    ids=["empty", "line", "UTF-16", "zip", "page", "quote", "long", "ragged"],
)
def test_a_file_of_another_kind_is_one_clear_error(tmp_path, read, content):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        read(path)
    assert str(error.value).startswith(str(path)) and str(error.value).endswith("run the same command again")
    assert str(error.value).isprintable() and len(str(error.value)) < 700


@pytest.mark.parametrize("read", [read for read, _ in TABLES.values()], ids=TABLES)
def test_a_missing_file_is_one_clear_error(tmp_path, read):
    with pytest.raises(InputError, match=r"x\.csv: missing"):
        read(tmp_path / "x.csv")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_done_to_a_table_ends_in_rows_or_one_clear_error(tmp_path, data):
    read, good = data.draw(st.sampled_from(list(TABLES.values())))
    bad = bytearray(good.encode())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(bad)))
        cut = data.draw(st.integers(0, 4))
        bad[place : place + cut] = data.draw(
            st.binary(max_size=4) | st.sampled_from([b",", b"\n", b'"', b"9" * 5000])
        )
    path = tmp_path / "x.csv"
    path.write_bytes(bad)
    try:
        rows = read(path)
    except InputError as error:
        assert str(error).startswith(str(path)) and str(error).isprintable()
    else:
        assert len(rows) <= 4
