import numpy as np
import pytest

from srlib.evaluation.checkerboard import phase_offsets


def test_a_known_checkerboard_is_measured_whatever_the_picture():
    rng = np.random.default_rng(0)
    hr = rng.uniform(20, 200, (32, 48))
    pattern = np.arange(16.0).reshape(4, 4) / 10
    sr = hr + np.tile(pattern, (8, 12)) + 3
    assert phase_offsets(sr, hr, 4) == pytest.approx(pattern - pattern.mean())


def test_lighter_everywhere_is_no_checkerboard():
    hr = np.zeros((8, 8), np.uint8)
    assert np.abs(phase_offsets(hr + 7, hr, 4)).max() == 0
