"""Which images and which parts of them the comparison shows."""

import numpy as np
import pandas as pd

from srlib.data.boxes import Box
from srlib.figures import comparison


def test_a_square_around_a_box_stays_inside():
    assert comparison.square(Box("", "", 0, 248, 128, 8), 256, 4) == (slice(128, 256), slice(0, 128))
    assert comparison.square(Box("", "", 64, 64, 32, 16), 256, 4) == (slice(56, 88), slice(64, 96))


def test_best_median_and_worst_are_picked_by_psnr():
    psnr = pd.Series({"c": 31.0, "a": 30.0, "b": 35.0, "e": 33.0, "d": 32.0})
    assert comparison.pick(psnr) == {"Best": "b", "Median": "d", "Worst": "a"}


def test_an_image_is_picked_once():
    assert comparison.pick(pd.Series({"a": 30.0})) == {"Best": "a"}
    assert comparison.pick(pd.Series({"a": 30.0, "b": 31.0})) == {"Best": "b", "Median": "a"}


def test_ties_go_by_name():
    assert comparison.pick(pd.Series({"b": 30.0, "a": 30.0, "c": 30.0}))["Best"] == "a"


def test_crop_finds_the_largest_error_inside():
    hr = np.zeros((64, 64), np.uint8)
    sr = hr.copy()
    sr[30:46, 24:40] = 9
    sr[:4, :4] = 255  # a lead marker in the corner
    assert comparison.crop_of_largest_error(sr, hr) == (slice(30, 46), slice(24, 40))
