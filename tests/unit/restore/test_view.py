"""The page that shows restored pictures beside their inputs, in a real browser."""

import base64
import io
import json
import re

import numpy as np
import pytest
from dicoms import CR, dicom_file
from PIL import Image

from srlib.data import limits
from srlib.data.decode import decode_gray
from srlib.errors import InputError
from srlib.restore import view
from srlib.restore.view import write_viewer

TALL = (np.add.outer(np.arange(96), np.arange(64)) * 1.5).astype(np.uint8)
LARGE = np.kron(TALL, np.ones((4, 4), np.uint8))


def png(path, pixels):
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def pairs(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "b.dcm").write_bytes(dicom_file(TALL.astype(np.uint16) * 16, 12, **CR))
    (tmp_path / "out" / "b.dcm").write_bytes(dicom_file(LARGE.astype(np.uint16) * 16, 12, **CR))
    return [
        (png(tmp_path / "a.png", TALL), png(tmp_path / "out" / "a.png", LARGE)),
        (tmp_path / "b.dcm", tmp_path / "out" / "b.dcm"),
        (png(tmp_path / "c.png", 255 - TALL), png(tmp_path / "out" / "c" / "<script>c.png", 255 - LARGE)),
    ]


def page_data(path):
    return json.loads(re.search(r'id="data">(.*?)</script>', path.read_text(), re.DOTALL)[1])


def picture(url):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("L"))


@pytest.fixture
def page(browser, pairs, tmp_path):
    write_viewer(pairs, tmp_path / "out" / "viewer.html")
    page = browser.new_page(viewport={"width": 1300, "height": 850})
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text))
    page.goto((tmp_path / "out" / "viewer.html").as_uri())
    page.locator("#name", has_text="a.png").wait_for()
    yield page
    page.close()
    assert faults == []


def columns(page, canvas):
    """The gray levels of a pane's middle row where something is drawn, and their place from 0 to 1."""
    return page.evaluate(
        """id => { const c = document.getElementById(id);
        const row = c.getContext("2d").getImageData(0, c.height / 2, c.width, 1).data;
        return Array.from({ length: c.width }, (_, x) => [x / c.width, row[4 * x], row[4 * x + 3]])
            .filter(([, , alpha]) => alpha).map(([x, gray]) => [x, gray]); }""",
        canvas,
    )


def test_input_and_output_stand_side_by_side(page):
    assert page.locator("#images li").all_text_contents() == ["a.png", "b.dcm", "c/<script>c.png"]
    assert page.locator("#name").text_content() == "a.png: 64 x 96 pixels, restored 256 x 384"
    assert "NOT FOR DIAGNOSIS" in page.locator("#caption").text_content()
    left, right = columns(page, "picture"), columns(page, "right-picture")
    np.testing.assert_allclose(left, right, atol=2)  # `LARGE` has the pixels of `TALL`, enlarged
    for id in ("error", "metric", "errors", "divider"):
        assert not page.locator(f"#{id}").is_visible()
    assert page.locator("#scores").text_content() == ""
    page.keyboard.press("ArrowDown")
    page.locator("#name", has_text="b.dcm").wait_for()
    np.testing.assert_allclose(columns(page, "picture"), left, atol=2)


def test_a_picture_that_is_not_square_keeps_its_shape_and_follows_the_mouse(page):
    places = [x for x, _ in columns(page, "picture")]
    assert places[0] == pytest.approx(1 / 6, abs=0.01)  # 64 of 96 wide
    assert places[-1] == pytest.approx(5 / 6, abs=0.01)
    page.evaluate("zoomBy(4)")
    before = columns(page, "picture")
    box = page.locator("#picture").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 0.25 * box["width"], y, steps=3)
    page.mouse.up()
    after = columns(page, "picture")
    for place in (0.3, 0.5, 0.7):
        moved, there = (
            np.interp(place + 0.25, *zip(*after, strict=True)),
            np.interp(place, *zip(*before, strict=True)),
        )
        assert moved == pytest.approx(there, abs=3)


def test_both_panes_have_the_same_window(page):
    whole = columns(page, "picture")
    page.keyboard.press("q")
    page.keyboard.press("s")
    assert page.locator("#window-level").text_content() == "W 247 L 132"
    left, right = columns(page, "picture"), columns(page, "right-picture")
    assert [gray for _, gray in left] == [round((gray - 8) * 255 / 247) for _, gray in whole]
    np.testing.assert_allclose(left, right, atol=3)


def test_large_pictures_are_shrunk_and_told(pairs, tmp_path, monkeypatch):
    monkeypatch.setattr(view, "MAX_SIDE", 200)
    write_viewer(pairs, tmp_path / "out" / "viewer.html")
    data = page_data(tmp_path / "out" / "viewer.html")
    assert data["images"][0]["remark"] == "64 x 96 pixels, restored 256 x 384, here shrunk to 133 x 200"
    assert picture(data["sr"][0][0]).shape == (200, 133)
    np.testing.assert_array_equal(picture(data["lr"][0]), TALL)


def test_pictures_beyond_what_a_page_holds_are_told(pairs, tmp_path, monkeypatch):
    monkeypatch.setattr(view, "MAX_PIXELS", 2 * (TALL.size + LARGE.size))
    write_viewer(pairs, tmp_path / "out" / "viewer.html")
    data = page_data(tmp_path / "out" / "viewer.html")
    assert [image["name"] for image in data["images"]] == ["a.png", "b.dcm"]
    assert data["caption"].endswith("This page shows the first 2 of 3 pictures.")
    monkeypatch.setattr(view, "MAX_PIXELS", 1)
    write_viewer(pairs, tmp_path / "out" / "viewer.html")  # one at least
    assert len(page_data(tmp_path / "out" / "viewer.html")["images"]) == 1


def test_a_file_that_cannot_be_read_leaves_the_others(pairs, tmp_path):
    pairs[0][0].write_bytes(b"nothing")
    pairs[2][0].unlink()
    write_viewer(pairs, tmp_path / "out" / "viewer.html")
    data = page_data(tmp_path / "out" / "viewer.html")
    assert [image["name"] for image in data["images"]] == ["b.dcm"]
    assert re.search(r"Not shown: a\.png: not a readable image.*; c\.png: cannot be read", data["caption"])
    assert "first" not in data["caption"]
    with pytest.raises(InputError, match=r"viewer\.html: no picture to show: a\.png"):
        write_viewer(pairs[:1], tmp_path / "none" / "viewer.html")
    assert not (tmp_path / "none" / "viewer.html").exists()


def test_a_restored_picture_may_be_larger_than_any_input(pairs, tmp_path, monkeypatch):
    """A large radiograph's has 16 times as many pixels; how many may be asked for is said on reading."""
    assert view._READ_PIXELS == 16 * limits.MAX_PIXELS
    for path in pairs[0][1], pairs[1][1]:
        with pytest.raises(InputError, match="claims 256 x 384 pixels"):
            decode_gray(path.read_bytes(), path.name, limit=LARGE.size - 1)
    assert Image.MAX_IMAGE_PIXELS is None  # Pillow's own limit is lower
    monkeypatch.setattr(view, "_READ_PIXELS", LARGE.size - 1)
    with pytest.raises(InputError, match="claims 256 x 384 pixels"):
        write_viewer(pairs, tmp_path / "out" / "viewer.html")
