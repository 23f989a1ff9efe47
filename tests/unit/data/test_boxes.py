"""The boxes of the release: its odd table, and where a box lies on a smaller picture."""

import pytest

from srlib.data.boxes import Box, crop, read_boxes
from srlib.errors import InputError

HEADER = "Image Index,Finding Label,Bbox [x,y,w,h],,,\n"


def _table(tmp_path, text):
    (tmp_path / "boxes.csv").write_text(HEADER + text)
    return tmp_path / "boxes.csv"


def test_the_releases_table_is_read(tmp_path):
    path = _table(tmp_path, "00000032_037.png,Infiltrate,233.5,424.7,201.6,155.3\na.png,Mass,1,2,3,4,,\n\n")
    assert read_boxes(path) == [
        Box("00000032_037.png", "Infiltrate", 233.5, 424.7, 201.6, 155.3),
        Box("a.png", "Mass", 1, 2, 3, 4),
    ]


@pytest.mark.parametrize("line", ["a.png,Mass,1,2,3", "a.png,Mass,x,2,3,4", "<html>"])
def test_a_line_that_is_no_box_is_named(tmp_path, line):
    with pytest.raises(InputError, match=r"line 3: not image, finding"):
        read_boxes(_table(tmp_path, f"a.png,Mass,1,2,3,4\n{line}\n"))


@pytest.mark.parametrize("numbers", ["-1,2,3,4", "1000,2,30,4", "1,2,0,4", "nan,2,3,4", "1,2,3,inf"])
def test_a_box_outside_its_image_is_named(tmp_path, numbers):
    with pytest.raises(InputError, match="line 2: box outside"):
        read_boxes(_table(tmp_path, f"a.png,Mass,{numbers}\n"))


def test_a_box_covers_the_lr_pixels_that_it_touches():
    # 1024 -> 256: 16 pixels of the original to one of LR, 4 of HR.
    assert crop(Box("", "", 16, 32, 160, 16), 256, 256) == (slice(8, 12), slice(4, 44))
    assert crop(Box("", "", 17, 31, 160, 2), 256, 256) == (slice(4, 12), slice(4, 48))


def test_a_box_at_the_edge_stays_inside():
    assert crop(Box("", "", 1000, 1000, 24, 24), 176, 176) == (slice(168, 176), slice(168, 176))
