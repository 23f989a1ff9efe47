"""Each step of a degradation against its own formula, and what every LR variant has in common."""

import io

import numpy as np
import pytest
from PIL import Image

from srlib.data.degrade import degrade, degrade_split, lr_variant
from srlib.data.images import Picture, read_pictures, write_pictures
from srlib.data.resample import resize
from srlib.data.variants import VARIANTS, shrinkage
from srlib.specs.degradation import Degradation

ALL = {"blur": 1.5, "photons": 500, "electronic": 2, "jpeg": 60, "seed": 7}


@pytest.fixture(scope="module")
def hr():
    rng = np.random.default_rng(0)
    return np.asarray(Image.fromarray(rng.integers(0, 256, (18, 24), np.uint8)).resize((96, 72)))


@pytest.mark.parametrize("steps", [{}, ALL])
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_every_variant_is_the_one_lr_picture_enlarged(hr, scale, steps):
    how = Degradation(scale, **steps)
    small = degrade(hr, how, "a.png")
    assert small.shape == (72 // scale, 96 // scale)
    for variant in VARIANTS:
        side = shrinkage(variant, scale)
        expected = small if side == scale else resize(small, 72 // side, 96 // side)
        np.testing.assert_array_equal(lr_variant(hr, variant, how, "a.png"), expected)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_by_default_it_is_pillows_bicubic_shrinking(hr, scale):
    expected = Image.fromarray(hr).resize((96 // scale, 72 // scale), Image.Resampling.BICUBIC)
    np.testing.assert_array_equal(degrade(hr, Degradation(scale)), np.asarray(expected))


@pytest.mark.parametrize("variant", VARIANTS)
def test_flat_stays_flat_without_noise(variant):
    flat = np.full((72, 72), 77, np.uint8)
    assert np.unique(lr_variant(flat, variant, Degradation(3, blur=2, jpeg=100))).tolist() == [77]


@pytest.mark.parametrize("sigma", [0.8, 2.5])
def test_blur_is_a_gaussian_of_hr_pixels_before_shrinking(sigma):
    """An edge becomes the Gaussian's integral, by the definition."""
    edge = np.full((96, 96), 20, np.uint8)
    edge[:, 48:] = 220
    x = np.arange(96) - 47.5
    weights = np.exp(-(np.arange(-20, 21)[:, None] ** 2) / (2 * sigma**2))
    profile = (np.where(x - np.arange(-20, 21)[:, None] > 0, 220, 20) * weights).sum(0) / weights.sum()
    expected = resize(np.tile(np.rint(profile).astype(np.uint8), (96, 1)), 48, 48)
    got = degrade(edge, Degradation(2, blur=sigma)).astype(int)
    assert np.abs(got - expected).max() <= 1
    assert np.abs(got - degrade(edge, Degradation(2))).max() > 10


@pytest.mark.parametrize("gray", [30, 120, 220])
@pytest.mark.parametrize(("photons", "electronic"), [(400, None), (None, 3), (900, 4)])
def test_noise_has_the_mean_and_variance_of_its_physics(gray, photons, electronic):
    """photons = gray / 255 x photons at white, of as large a variance; 1/12 is that of rounding."""
    how = Degradation(2, photons=photons, electronic=electronic, seed=1)
    noisy = degrade(np.full((600, 600), gray, np.uint8), how, "a.png").astype(float)
    poisson = gray / 255 * photons * (255 / photons) ** 2 if photons else 0
    variance = poisson + (electronic or 0) ** 2 + 1 / 12
    assert noisy.mean() == pytest.approx(gray, abs=5 * (variance / noisy.size) ** 0.5)
    assert noisy.var() == pytest.approx(variance, rel=0.03)


def test_noise_is_a_pictures_own_and_the_same_in_any_order_or_number(tmp_path):
    flat = np.full((32, 32), 100, np.uint8)
    how = Degradation(2, photons=100, seed=3)

    def split(*names):
        write_pictures([Picture(name, "p", flat) for name in names], tmp_path / "hr.manifest.csv")
        degrade_split(tmp_path / "hr.manifest.csv", "small", how, tmp_path / "lr.manifest.csv")
        return {p.name: p.pixels for p in read_pictures(tmp_path / "lr.manifest.csv")}

    many, few = split("a.png", "b.png", "c.png"), split("c.png")
    np.testing.assert_array_equal(many["c.png"], few["c.png"])
    assert (many["a.png"] != many["b.png"]).any()
    other = degrade(flat, Degradation(2, photons=100, seed=4), "c.png")
    assert (other != few["c.png"]).any()


def test_threads_change_no_byte(hr, tmp_path):
    pictures = [Picture(f"{i}.png", "p", np.roll(hr, i)) for i in range(20)]
    write_pictures(pictures, tmp_path / "hr.manifest.csv")
    for threads in (1, 3):
        manifest = tmp_path / f"lr{threads}.manifest.csv"
        degrade_split(tmp_path / "hr.manifest.csv", "full", Degradation(2, photons=100), manifest, threads)
    # Of every file's sha256, too.
    assert (tmp_path / "lr1.manifest.csv").read_bytes() == (tmp_path / "lr3.manifest.csv").read_bytes()


def test_jpeg_is_the_last_step_and_pillows(hr):
    noisy = degrade(hr, Degradation(3, **ALL | {"jpeg": None}), "a.png")
    buffer = io.BytesIO()
    Image.fromarray(noisy).save(buffer, "JPEG", quality=60)
    got = degrade(hr, Degradation(3, **ALL), "a.png")
    np.testing.assert_array_equal(got, np.asarray(Image.open(buffer)))
    assert (got != noisy).any()
