import numpy as np
import pytest
from PIL import Image

from srlib.data.resample import VARIANTS, degrade, resize, variant_scale


@pytest.mark.parametrize(("variant", "scale"), [("down4", 4), ("down4_up2", 2), ("down4_up4", 1)])
def test_sides_shrink_by_the_variants_scale(variant, scale):
    assert variant_scale(variant) == scale
    assert degrade(np.zeros((64, 96), np.uint8), variant).shape == (64 // scale, 96 // scale)


@pytest.mark.parametrize("variant", VARIANTS)
def test_flat_stays_flat(variant):
    assert np.unique(degrade(np.full((64, 64), 77, np.uint8), variant)).tolist() == [77]


def test_shrinking_is_antialiased():
    stripes = np.tile(np.array([0, 0, 255, 255], np.uint8), (64, 16))
    # one whole period per LR pixel: without antialiasing it would come out black or white by its phase
    inner = degrade(stripes, "down4")[2:-2, 2:-2].astype(float)
    assert np.ptp(inner) <= 1
    assert abs(inner.mean() - 127.5) < 8


def test_it_is_the_bicubic_kernel_with_a_of_one_half():
    # Enlarging a step by 2: sample points lie at +-1/4, so Keys' kernel (a = -1/2) gives the weights.
    def keys(x):
        x = abs(x)
        return 1.5 * x**3 - 2.5 * x**2 + 1 if x <= 1 else -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2

    row = np.array([0, 0, 0, 0, 200, 200, 200, 200], np.float64)
    offsets = np.arange(-2, 3)
    expected = []
    for out in range(4, 12):
        centre = (out + 0.5) / 2 - 0.5
        taps = int(np.floor(centre)) + offsets
        weights = np.array([keys(centre - tap) if abs(centre - tap) < 2 else 0 for tap in taps])
        expected.append((weights * row[taps]).sum())
    got = resize(np.tile(row.astype(np.uint8), (8, 1)), 16, 16)[8, 4:12]
    assert np.abs(got - np.clip(expected, 0, 255)).max() <= 1


def test_variants_start_from_the_same_small_image():
    rng = np.random.default_rng(0)
    hr = np.asarray(Image.fromarray(rng.integers(0, 256, (16, 16), np.uint8)).resize((64, 64)))
    small = degrade(hr, "down4")
    assert (degrade(hr, "down4_up2") == resize(small, 32, 32)).all()
    assert (degrade(hr, "down4_up4") == resize(small, 64, 64)).all()
