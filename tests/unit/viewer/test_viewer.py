"""The viewer in a real browser: everything that a hand can do on the page, and no network."""

import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from viewing import NASTY, chosen, shown

from srlib.data.images import read_pictures
from srlib.viewer import build


def test_the_file_holds_all_it_shows(html):
    text = html.read_text()
    assert not re.search(r"https?://", text)
    assert "{{" not in text
    assert text.count("</script>") == 2  # no name or caption ends the element that holds the data
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.S)[1])
    assert [image["name"] for image in data["images"]] == ["0.png", "1.png", "2.png"]
    assert data["models"] == [NASTY, "HR"]
    assert [len(data["lr"]), len(data["hr"]), *map(len, data["sr"])] == [3, 3, 3, 3]
    assert data["images"][0]["scores"][1]["psnr"] is None  # infinite


def _listed(page):
    return page.locator("#images li").evaluate_all("items => items.map(item => item.dataset.name)")


def _name(page):
    return page.locator("#name").text_content()


def _pixel(page, canvas, x, y):
    """Colour at (x, y) of a canvas, as fractions of its sides."""
    return page.evaluate(
        """([id, x, y]) => { const c = document.getElementById(id);
        return [...c.getContext("2d").getImageData(x * c.width, y * c.height, 1, 1).data].slice(0, 3); }""",
        [canvas, x, y],
    )


def test_it_opens_on_the_best_image_of_the_reference(page):
    assert _name(page) == "1.png"
    assert chosen(page, "right") == NASTY
    assert chosen(page, "left") == "HR"  # the model
    assert page.locator("#caption").text_content() == f"Three pictures. {NASTY}"


def test_images_are_sorted_by_any_metric(page):
    assert _listed(page) == ["1.png", "2.png", "0.png"]
    page.locator("#worst-first").check()
    assert _listed(page) == ["0.png", "2.png", "1.png"]
    page.locator("#metric").select_option("gmsd")  # smaller is better
    assert _listed(page) == ["2.png", "1.png", "0.png"]
    page.locator("#sorted-model").select_option("1")
    assert "∞" not in page.locator("#images").text_content()
    page.locator("#metric").select_option("psnr")
    assert page.locator("#images").text_content().count("∞") == 3


def test_an_image_is_picked_by_mouse_and_by_keyboard(page):
    page.locator("#images li[data-name='0.png']").click()
    page.locator("#name", has_text="0.png").wait_for()
    page.keyboard.press("ArrowUp")
    page.locator("#name", has_text="2.png").wait_for()
    selected = page.locator("#images li[aria-selected=true]")
    assert selected.count() == 1
    assert selected.get_attribute("data-name") == "2.png"


def test_the_scores_are_those_of_the_image(page):
    table = page.locator("#scores")
    assert [row.split("\t")[1] for row in table.inner_text().splitlines()] == ["PSNR (dB)", "33.00", "∞"]
    page.keyboard.press("ArrowDown")
    page.locator("#name", has_text="2.png").wait_for()
    assert table.inner_text().splitlines()[1].split("\t")[1] == "32.00"


def test_the_divider_is_dragged(page):
    box = page.locator("#picture").bounding_box()
    middle = box["y"] + box["height"] / 2
    assert page.locator("#divider").input_value() == "0.5"
    page.mouse.move(box["x"] + box["width"] * 0.5, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.2, middle, steps=4)
    page.mouse.up()
    assert float(page.locator("#divider").input_value()) == pytest.approx(0.2, abs=0.02)


def test_left_and_right_of_the_divider_stand_the_two_models(page):
    page.locator("#left").select_option("1")
    assert _pixel(page, "error", 0.4, 0.7) == [0, 0, 3]  # magma's first colour: the copy has no error
    both = shown(page, "picture")
    page.locator("#divider").fill("1")
    left = shown(page, "picture")
    page.locator("#left").select_option("hr")
    page.keyboard.press("x")
    assert page.locator("#right").input_value() == "hr"
    assert len({both, left, shown(page, "picture")}) == 3


def test_the_error_map_has_the_colours_of_the_exact_errors(page):
    worst = page.evaluate("""() => {
        const hr = pixels(layers.hr.picture), sr = pixels(layers[data.right].picture);
        const map = pixels(layers[data.right].error);
        const wrong = [];
        for (let i = 0; i < hr.data.length; i += 4) {
            const level = Math.min(255, Math.round(Math.abs(hr.data[i] - sr.data[i]) * 255 / 40));
            for (let c = 0; c < 3; c++) if (map.data[i + c] !== data.colours[level][c]) wrong.push(i);
        }
        return wrong.length; }""")
    assert worst == 0


def test_zoom_and_pan_go_in_step(page):
    whole = shown(page, "picture"), shown(page, "error")
    box = page.locator("#error").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.25)
    page.mouse.wheel(0, -600)
    page.locator("#zoom", has_text="4.5").wait_for()
    zoomed = shown(page, "picture"), shown(page, "error")
    assert zoomed[0] != whole[0]
    assert zoomed[1] != whole[1]
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.15, box["y"] + box["height"] * 0.15, steps=3)
    page.mouse.up()
    moved = shown(page, "picture"), shown(page, "error")
    assert moved[0] != zoomed[0]
    assert moved[1] != zoomed[1]
    page.keyboard.press("0")
    assert (shown(page, "picture"), shown(page, "error")) == whole


def test_the_point_under_the_mouse_stays_when_zooming(page):
    before = page.evaluate("[view.x + (0.3 - 0.5) / view.zoom, view.y + (0.6 - 0.5) / view.zoom]")
    page.evaluate("zoomBy(3, 0.3, 0.6)")
    after = page.evaluate("[view.x + (0.3 - 0.5) / view.zoom, view.y + (0.6 - 0.5) / view.zoom]")
    assert after == pytest.approx(before)


def test_the_keyboard_does_it_all(page):
    page.keyboard.press("+")
    assert page.locator("#zoom").text_content() == "1.3\u00d7"
    page.keyboard.press("-")
    assert page.locator("#zoom").text_content() == "1.0\u00d7"
    page.keyboard.press("ArrowRight")
    assert float(page.locator("#divider").input_value()) == pytest.approx(0.52)
    page.keyboard.press("l")
    assert page.locator("#left").input_value() == "hr"
    page.keyboard.press("r")
    assert page.locator("#right").input_value() == "1"
    page.keyboard.press("e")
    assert not page.locator("#error").is_visible()


def test_side_by_side_each_picture_has_a_pane(page):
    page.keyboard.press("0")
    left, right = chosen(page, "left"), chosen(page, "right")
    page.keyboard.press("b")
    boxes = [page.locator(f"#{name}").bounding_box() for name in ("picture", "right-picture", "error")]
    assert boxes[0]["x"] < boxes[1]["x"] < boxes[2]["x"]
    assert boxes[0]["width"] == pytest.approx(boxes[1]["width"], abs=1)
    assert (left, right) == ("HR", NASTY)
    rows = [
        page.evaluate(
            """([id, key]) => { const [pane, picture] = [document.getElementById(id), layers[key].picture];
            const at = (canvas, x, y) => canvas.getContext("2d").getImageData(x, y, 1, 1).data[0];
            const there = (i) => Math.floor(((i + 0.5) / pane.width) * picture.width);
            return Array.from({ length: 50 }, (_, i) => 2 * i + 60).map((x) =>
                [at(pane, x, 200), at(picture, there(x), there(200))]); }""",
            [canvas, key],
        )
        for canvas, key in (("picture", "1"), ("right-picture", "0"))
    ]
    for row in rows:
        assert np.mean([seen == pixel for seen, pixel in row]) > 0.9  # the rest are edges between two
    page.keyboard.press("b")
    assert not page.locator("#right-picture").is_visible()


def test_lr_has_no_error_map_but_a_picture(page):
    page.locator("#left").select_option("lr")
    assert _pixel(page, "error", 0.25, 0.5) == [0, 0, 0]
    assert _pixel(page, "picture", 0.25, 0.5) != [0, 0, 0]


def test_a_model_called_hr_does_not_take_the_originals_place(html):
    original = {p.name: p.pixels for p in read_pictures(html.parent / "hr.manifest.csv")}
    smooth = {p.name: p.pixels for p in read_pictures(html.parent / "smooth.manifest.csv")}
    page = html.with_name("labelled.html")
    manifests = {"HR": html.parent / "smooth.manifest.csv", "LR": html.parent / "copy.manifest.csv"}
    scores = {"HR": html.parent / "smooth.csv", "LR": html.parent / "copy.csv"}
    truth = html.parent / "hr.manifest.csv", html.parent / "lr.manifest.csv"
    build.build(*truth, manifests, scores, "HR", "", page)
    data = json.loads(re.search(r'id="data">(.*?)</script>', page.read_text(), re.S)[1])
    for i, image in enumerate(data["images"]):
        assert np.array_equal(_decoded(data["hr"][i]), original[image["name"]])
        assert np.array_equal(_decoded(data["sr"][0][i]), smooth[image["name"]])
        assert _decoded(data["lr"][i]).shape == (48, 48)


def _decoded(url):
    data = base64.b64decode(url.removeprefix("data:image/webp;base64,"))
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"))


def test_too_many_pictures_are_chosen_evenly_and_told(html, monkeypatch):
    monkeypatch.setattr(build, "MAX_PIXELS", 2 * 4 * 192 * 192)  # two images with two models, LR and HR
    page = html.with_name("some.html")
    manifests = {name: html.parent / f"{name}.manifest.csv" for name in ("smooth", "copy")}
    scores = {name: html.parent / f"{name}.csv" for name in manifests}
    truth = html.parent / "hr.manifest.csv", html.parent / "lr.manifest.csv"
    build.build(*truth, manifests, scores, "smooth", "Three pictures.", page)
    data = json.loads(re.search(r'id="data">(.*?)</script>', page.read_text(), re.S)[1])
    assert [image["name"] for image in data["images"]] == ["0.png", "1.png"]  # the worst and the best
    assert len(data["hr"]) == 2
    assert data["caption"].startswith("Three pictures. This page shows 2 of the 3 test images")
