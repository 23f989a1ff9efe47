"""Window and level in the viewer: by mouse, keys and sliders, held to DICOM's formula."""

import numpy as np
import pytest
from viewing import shown


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
    whole, errors = _grays(page), shown(page, "error")
    assert page.locator("#window-level").text_content() == "W 255 L 128"
    _drag(page, -0.5, 0.125, button="right")
    window, level = page.evaluate("[view.window, view.level]")
    assert (window, level) == pytest.approx((255 - 128, 127.5 + 32), abs=2)
    assert page.locator("#window-level").text_content() == f"W {window:.0f} L {level:.0f}"
    np.testing.assert_allclose(_grays(page), _windowed(whole, window, level), atol=0.51)
    assert shown(page, "error") == errors  # which has a scale of its own
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
