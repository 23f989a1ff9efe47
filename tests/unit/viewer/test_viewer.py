"""The viewer in a real browser: everything that a hand can do on the page, and no network."""

import base64
import io
import json
import re

import numpy as np
import pandas as pd
import pytest
import skimage.data
from PIL import Image

from srlib.data.degrade import degrade
from srlib.data.images import Picture, read_pictures, write_pictures
from srlib.data.resample import resize
from srlib.evaluation.metrics import METRICS
from srlib.specs.degradation import Degradation
from srlib.viewer import build

NASTY = "</script><b>bold</b>"


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    folder = tmp_path_factory.mktemp("viewer")
    camera = skimage.data.camera()
    hr = [
        Picture(f"{i}.png", str(i), np.ascontiguousarray(camera[i * 90 :][:192, i * 80 :][:, :192]))
        for i in range(3)
    ]
    lr = [picture._replace(pixels=degrade(picture.pixels, Degradation(4))) for picture in hr]
    smooth = [picture._replace(pixels=resize(picture.pixels, 192, 192)) for picture in lr]
    for name, pictures in {"hr": hr, "lr": lr, "smooth": smooth, "copy": hr}.items():
        write_pictures(pictures, folder / f"{name}.manifest.csv")
    rows = {"image": ["0.png", "1.png", "2.png"]} | dict.fromkeys(METRICS, 0.5)
    pd.DataFrame(rows | {"psnr": [31.0, 33.0, 32.0], "gmsd": [0.1, 0.2, 0.3]}).to_csv(folder / "smooth.csv")
    pd.DataFrame(rows | {"psnr": np.inf}).to_csv(folder / "copy.csv")
    manifests = {NASTY: folder / "smooth.manifest.csv", "HR": folder / "copy.manifest.csv"}
    scores = {NASTY: folder / "smooth.csv", "HR": folder / "copy.csv"}
    files = folder / "hr.manifest.csv", folder / "lr.manifest.csv"
    build.build(*files, manifests, scores, NASTY, f"Three pictures. {NASTY}", folder / "viewer.html")
    return folder / "viewer.html"


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


@pytest.fixture
def page(browser, html):
    page = browser.new_page(viewport={"width": 1300, "height": 850})
    faults, requests = [], []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(html.as_uri())
    page.locator("#scores tbody tr").first.wait_for()
    yield page
    page.close()
    assert faults == []
    assert [url for url in requests if not url.startswith("data:")] == [html.as_uri()]


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


def _shown(page, canvas):
    return page.evaluate("id => document.getElementById(id).toDataURL()", canvas)


def _chosen(page, side):
    return page.locator(f"#{side} option:checked").text_content()


def test_it_opens_on_the_best_image_of_the_reference(page):
    assert _name(page) == "1.png"
    assert _chosen(page, "right") == NASTY
    assert _chosen(page, "left") == "HR"  # the model
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
    both = _shown(page, "picture")
    page.locator("#divider").fill("1")
    left = _shown(page, "picture")
    page.locator("#left").select_option("hr")
    page.keyboard.press("x")
    assert page.locator("#right").input_value() == "hr"
    assert len({both, left, _shown(page, "picture")}) == 3


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
    whole = _shown(page, "picture"), _shown(page, "error")
    box = page.locator("#error").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.25)
    page.mouse.wheel(0, -600)
    page.locator("#zoom", has_text="4.5").wait_for()
    zoomed = _shown(page, "picture"), _shown(page, "error")
    assert zoomed[0] != whole[0]
    assert zoomed[1] != whole[1]
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.15, box["y"] + box["height"] * 0.15, steps=3)
    page.mouse.up()
    moved = _shown(page, "picture"), _shown(page, "error")
    assert moved[0] != zoomed[0]
    assert moved[1] != zoomed[1]
    page.keyboard.press("0")
    assert (_shown(page, "picture"), _shown(page, "error")) == whole


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


def _grays(page, canvas="picture"):
    """The gray levels along a row of a pane without divider and names."""
    return page.evaluate(
        """id => { const c = document.getElementById(id);
        const row = c.getContext("2d").getImageData(0, c.height * 0.6, c.width * 0.4, 1).data;
        return [...row].filter((_, i) => i % 4 === 0); }""",
        canvas,
    )


def _drag(page, dx, dy, **options):
    box = page.locator("#picture").bounding_box()
    x, y = box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.4
    page.mouse.move(x, y)
    page.mouse.down(**options)
    page.mouse.move(x + dx * box["width"], y + dy * box["height"], steps=4)
    page.mouse.up(**options)


def _windowed(grays, window, level):
    """What a window shows of 8-bit gray levels: the linear-exact function of DICOM (PS3.3, C.11.2.1.3.2)."""
    return np.clip((np.array(grays) - level) / window + 0.5, 0, 1) * 255


def test_window_and_level_are_dragged_with_the_right_button(page):
    whole, errors = _grays(page), _shown(page, "error")
    assert page.locator("#window-level").text_content() == "W 255 L 128"
    _drag(page, -0.5, 0.125, button="right")
    window, level = page.evaluate("[view.window, view.level]")
    assert (window, level) == pytest.approx((255 - 128, 127.5 + 32), abs=2)
    assert page.locator("#window-level").text_content() == f"W {window:.0f} L {level:.0f}"
    np.testing.assert_allclose(_grays(page), _windowed(whole, window, level), atol=0.51)
    assert _shown(page, "error") == errors  # which has a scale of its own
    assert page.evaluate("[view.x, view.y, view.divider]") == [0.5, 0.5, 0.5]
    menu = "new MouseEvent('contextmenu', { cancelable: true })"
    assert not page.evaluate(f"document.getElementById('picture').dispatchEvent({menu})")  # none opens
    page.locator("#reset-window").click()
    assert _grays(page) == whole


def test_window_and_level_by_shift_keys_and_sliders(page):
    whole = _grays(page)
    page.keyboard.down("Shift")
    _drag(page, 0.5, 0)
    page.keyboard.up("Shift")
    assert page.evaluate("view.window") == pytest.approx(255 + 128, abs=2)
    page.keyboard.press("d")
    page.keyboard.press("q")
    page.keyboard.press("s")
    assert page.evaluate("[view.window, view.level]") == [247, 131.5]
    page.keyboard.press("w")
    page.keyboard.press("a")
    assert _grays(page) == whole
    page.locator("#window").fill("51")
    page.locator("#level").fill("100")
    assert page.locator("#window-level").text_content() == "W 51 L 100"
    np.testing.assert_allclose(_grays(page), _windowed(whole, 51, 100), atol=0.51)


def test_no_window_is_too_narrow_or_off_the_scale(page):
    _drag(page, -3, -3, button="right")
    assert page.evaluate("[view.window, view.level]") == [1, 0]
    _drag(page, 3, 3, button="right")
    assert page.evaluate("[view.window, view.level]") == [510, 255]


def test_side_by_side_each_picture_has_a_pane(page):
    page.keyboard.press("0")
    left, right = _chosen(page, "left"), _chosen(page, "right")
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
