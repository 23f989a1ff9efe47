"""The boxes of the release: its odd table, and where a box lies on HR pictures of images of any shape."""

import numpy as np
import pytest

from srlib.data.boxes import Box, crop, place_boxes, read_boxes
from srlib.data.geometry import write_sizes
from srlib.data.prepare import to_square
from srlib.errors import InputError

HEADER = "Image Index,Finding Label,Bbox [x,y,w,h],,,\n"


def _placed(tmp_path, text, shapes, size=256, fit="crop", side=None):
    (tmp_path / "list.csv").write_text(HEADER + text)
    write_sizes(shapes, tmp_path / "sizes.csv")
    place_boxes(
        tmp_path / "list.csv", tmp_path / "sizes.csv", tmp_path / "boxes.csv", size, side or size, fit
    )
    return read_boxes(tmp_path / "boxes.csv")


def test_the_releases_table_is_read(tmp_path):
    text = (
        "00000032_037.png,Infiltrate,233.5,424.7,201.6,155.3\na.png,Mass,4,8,12,16,,\n\nb.png,Mass,1,2,3,4\n"
    )
    first, second = _placed(tmp_path, text, {"00000032_037.png": (1024, 1024), "a.png": (1024, 1024)})
    assert first[:2] == ("00000032_037.png", "Infiltrate")
    assert first[2:] == pytest.approx((233.5 / 4, 424.7 / 4, 201.6 / 4, 155.3 / 4))
    assert second == Box("a.png", "Mass", 1, 2, 3, 4)


@pytest.mark.parametrize("line", ["a.png,Mass,1,2,3", "a.png,Mass,x,2,3,4", "<html>"])
def test_a_line_that_is_no_box_is_named(tmp_path, line):
    with pytest.raises(InputError, match=r"list\.csv, line 3: not image, finding"):
        _placed(tmp_path, f"a.png,Mass,1,2,3,4\n{line}\n", {"a.png": (1024, 1024)})


@pytest.mark.parametrize("numbers", ["-1,2,3,4", "1000,2,30,4", "1,2,0,4", "nan,2,3,4", "1,2,3,inf"])
def test_a_box_outside_its_image_is_named(tmp_path, numbers):
    with pytest.raises(InputError, match=r"list\.csv, line 2: .*correct it, or fetch the file again"):
        _placed(tmp_path, f"a.png,Mass,{numbers}\n", {"a.png": (1024, 1024)})


def test_a_release_image_that_was_shrunk_keeps_its_boxes(tmp_path):
    name = "00000032_037.png"
    (box,) = _placed(tmp_path, f"{name},Mass,512,256,128,64\n", {name: (500, 500)})
    assert box[2:] == pytest.approx((128, 64, 32, 16))
    assert crop(box, 256, 4) == (slice(64, 80), slice(128, 160))


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_a_crop_is_made_of_whole_lr_pixels_that_the_box_touches(scale):
    rows, columns = crop(Box("a.png", "Mass", 10.5, 247, 20, 5), 252, scale)
    assert (columns.start // scale, columns.stop // scale) == (10.5 // scale, -(-30.5 // scale))
    assert (rows.start, rows.stop) == (247 // scale * scale, 252)
    assert not (columns.start % scale or columns.stop % scale)


def test_a_box_on_what_is_cropped_is_cut_or_left_out(tmp_path):
    text = "a.png,Mass,230,240,26,16\na.png,Mass,1,253,9,2\n"
    (box,) = _placed(tmp_path, text, {"a.png": (256, 256)}, side=252)
    assert box[2:] == (230, 240, 22, 12)


@pytest.mark.parametrize("fit", ["crop", "pad", "squeeze"])
@pytest.mark.parametrize("shape", [(600, 400), (300, 800), (512, 512)])
def test_a_box_covers_what_it_covered_before(tmp_path, fit, shape):
    """Black pictures with a white box: on the HR picture, white is where the placed box says."""
    height, width = shape
    x, y, w, h = width // 2 - 60, height // 2 - 40, 96, 80
    pixels = np.zeros(shape, np.uint8)
    pixels[y : y + h, x : x + w] = 255
    (box,) = _placed(tmp_path, f"p1/a.jpg,Mass,{x},{y},{w},{h}\n", {"p1__a.png": shape}, fit=fit)
    rows, columns = np.nonzero(to_square(pixels, 256, fit) > 127)
    found = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    assert found == pytest.approx((box.x, box.y, box.x + box.width, box.y + box.height), abs=1)


def test_what_is_cut_off_is_left_out(tmp_path):
    text = "a.png,Mass,0,0,300,50\na.png,Nodule,40,80,160,40\n"
    (box,) = _placed(tmp_path, text, {"a.png": (512, 1024)}, size=256)
    # the middle square begins at column 256 of 1024: 44 columns of the first box are on it
    assert box == pytest.approx(("a.png", "Mass", 0, 0, 22, 25))


def test_a_box_covers_the_lr_pixels_that_it_touches():
    assert crop(Box("", "", 4, 8, 40, 4), 256, 4) == (slice(8, 12), slice(4, 44))
    assert crop(Box("", "", 4.25, 7.75, 40, 0.5), 256, 4) == (slice(4, 12), slice(4, 48))
    assert crop(Box("", "", 4.25, 7.75, 40, 0.5), 256, 2) == (slice(6, 10), slice(4, 46))


def test_a_box_at_the_edge_stays_inside():
    assert crop(Box("", "", 171.875, 171.875, 4.125, 4.125), 176, 4) == (slice(168, 176), slice(168, 176))
