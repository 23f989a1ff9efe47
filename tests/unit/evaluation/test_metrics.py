"""Each metric against an independent implementation, or against values worked out by hand."""

import math

import numpy as np
import piq
import pytest
import scipy.signal
import sewar
import skimage.data
import skimage.metrics
import torch
from scipy.ndimage import gaussian_filter

from srlib.errors import InputError
from srlib.evaluation import fidelity, perception, structure
from srlib.evaluation.metrics import METRICS, measure


def _pair(side=256, sigma=1.0, noise=3.0):
    hr = skimage.data.camera()[:side, :side]
    noisy = gaussian_filter(hr.astype(float), sigma) + np.random.default_rng(0).normal(0, noise, hr.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8), hr


def _tensor(image):
    return torch.from_numpy(image.astype(np.float64))[None, None]


@pytest.fixture(params=[(256, 1.0, 3.0), (192, 3.0, 0.0), (256, 0.0, 25.0)], ids=["both", "blur", "noise"])
def pair(request):
    return _pair(*request.param)


def test_psnr_is_skimages(pair):
    sr, hr = pair
    expected = skimage.metrics.peak_signal_noise_ratio(hr, sr, data_range=255)
    assert fidelity.psnr(sr, hr) == pytest.approx(expected, abs=1e-9)


def test_psnr_of_a_difference_of_one_everywhere():
    hr = np.full((4, 4), 7, np.uint8)
    assert fidelity.psnr(hr + 1, hr) == pytest.approx(20 * math.log10(255))


def test_ssim_is_near_piqs(pair):
    sr, hr = pair
    expected = piq.ssim(_tensor(sr), _tensor(hr), data_range=255, downsample=False).item()
    assert structure.ssim(sr, hr) == pytest.approx(expected, abs=1e-4)


def test_ssim_is_skimages(pair):
    sr, hr = pair
    expected = skimage.metrics.structural_similarity(
        sr, hr, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255
    )
    assert structure.ssim(sr, hr) == pytest.approx(expected, abs=1e-9)


def test_ms_ssim_is_piqs(pair):
    sr, hr = pair
    expected = piq.multi_scale_ssim(_tensor(sr), _tensor(hr), data_range=255).item()
    assert structure.ms_ssim(sr, hr) == pytest.approx(expected, abs=1e-4)


def test_ms_ssim_works_at_its_smallest_side_which_is_odd():
    sr, hr = _pair(side=161)
    assert structure.ms_ssim(sr, hr) == pytest.approx(structure.ms_ssim(*_pair(side=176)), abs=0.01)


def test_ms_ssim_of_a_negative_picture_is_zero():
    _, hr = _pair()
    assert structure.ms_ssim(255 - hr, hr) == 0


def _uqi_by_the_book(x, y):
    scores = []
    for i in range(x.shape[0] - 7):
        for j in range(x.shape[1] - 7):
            a, b = (image[i : i + 8, j : j + 8].astype(float).ravel() for image in (x, y))
            s_xy = np.cov(a, b)[0, 1]
            denominator = (a.var(ddof=1) + b.var(ddof=1)) * (a.mean() ** 2 + b.mean() ** 2)
            scores.append(4 * s_xy * a.mean() * b.mean() / denominator)
    return np.mean(scores)


def test_uqi_is_wang_and_boviks_formula():
    sr, hr = (image[100:125, 60:90] for image in _pair())
    assert structure.uqi(sr, hr) == pytest.approx(_uqi_by_the_book(sr, hr), abs=1e-9)


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [(0, 0, 1.0), (100, 100, 1.0), (100, 50, 2 * 100 * 50 / (100**2 + 50**2)), (0, 50, 0.0)],
    ids=["both black", "same gray", "two grays", "black and gray"],
)
def test_uqi_of_flat_windows(x, y, expected):
    a, b = np.full((16, 16), x, np.uint8), np.full((16, 16), y, np.uint8)
    assert structure.uqi(a, b) == pytest.approx(expected)


def test_uqi_of_a_flat_picture_against_a_real_one_is_zero():
    _, hr = _pair()
    assert structure.uqi(np.full_like(hr, 128), hr) == pytest.approx(0, abs=0.01)


def test_uqi_stays_in_its_range_on_flat_black_borders():
    sr, hr = (np.pad(image, 40) for image in _pair())
    assert 0 < structure.uqi(sr, hr) <= 1


def test_uqi_sewar_is_the_packages_figure(pair):
    sr, hr = pair
    assert structure.uqi_sewar(sr, hr) == pytest.approx(sewar.uqi(hr, sr), abs=1e-9)


def test_uqi_sewar_is_the_packages_figure_on_flat_pictures():
    sr, hr = (np.pad(image, 40) for image in _pair())
    assert structure.uqi_sewar(sr, hr) == pytest.approx(sewar.uqi(hr, sr), abs=1e-9)
    flat = np.full_like(hr, 128)
    assert structure.uqi_sewar(flat, hr) == pytest.approx(sewar.uqi(hr, flat), abs=1e-9)


def _halved(image):
    return image.astype(float).reshape(image.shape[0] // 2, 2, image.shape[1] // 2, 2).mean(axis=(1, 3))


def _haar(image, size, axis):
    """Magnitude of the Haar wavelet of this size along an axis, zero-padded like conv2(.., "same")."""
    kernel = np.ones((size, size)) / size
    kernel[size // 2 :] = -1 / size
    kernel = kernel if axis == 0 else kernel.T
    full = scipy.signal.convolve2d(image, kernel)
    start = size // 2
    return np.abs(full[start : start + image.shape[0], start : start + image.shape[1]])


def _haarpsi_by_the_book(x, y, c=30, alpha=4.2):
    """Reisenhofer et al. 2018, eqs. 8 to 11, written out."""
    x, y = _halved(x), _halved(y)
    total = weights = 0
    for axis in (0, 1):
        fine = [(_haar(x, size, axis), _haar(y, size, axis)) for size in (2, 4)]
        similarity = np.mean([(2 * a * b + c) / (a**2 + b**2 + c) for a, b in fine], axis=0)
        weight = np.maximum(_haar(x, 8, axis), _haar(y, 8, axis))
        total += np.sum(weight / (1 + np.exp(-alpha * similarity)))
        weights += np.sum(weight)
    return (np.log(total / weights / (1 - total / weights)) / alpha) ** 2


def _odd(pair):
    """Pictures of odd sides, which the halving has to fill up."""
    return tuple(image[:-1, :-7] for image in pair)


@pytest.mark.parametrize("name", ["haarpsi", "gmsd"])
def test_perceptual_metrics_are_piqs(name, pair):
    for sr, hr in (pair, _odd(pair), (pair[0][:16, :18], pair[1][:16, :18])):
        expected = getattr(piq, name)(_tensor(sr), _tensor(hr), data_range=255.0).item()
        assert getattr(perception, name)(sr, hr) == pytest.approx(expected, abs=1e-12)


def test_haarpsi_is_the_published_definition(pair):
    sr, hr = pair
    assert perception.haarpsi(sr, hr) == pytest.approx(_haarpsi_by_the_book(sr, hr), abs=1e-4)


def _gmsd_by_the_book(x, y, c=170):
    """Xue et al. 2014, eqs. 1 to 5, written out."""
    prewitt = np.array([[1, 0, -1]] * 3) / 3
    magnitudes = [
        np.hypot(*(scipy.signal.convolve2d(_halved(image), k, mode="same") for k in (prewitt, prewitt.T)))
        for image in (x, y)
    ]
    a, b = magnitudes
    return np.std((2 * a * b + c) / (a**2 + b**2 + c))


def test_gmsd_is_the_published_definition(pair):
    sr, hr = pair
    assert perception.gmsd(sr, hr) == pytest.approx(_gmsd_by_the_book(sr, hr), abs=1e-4)


def test_lr_consistency_sees_only_what_the_lr_picture_holds():
    _, hr = _pair()
    checkerboard = np.indices(hr.shape).sum(axis=0) % 2
    invented = np.clip(hr.astype(int) + np.where(checkerboard, 8, -8), 0, 255).astype(np.uint8)
    brighter = np.clip(hr.astype(int) + 8, 0, 255).astype(np.uint8)
    assert fidelity.psnr(invented, hr) == pytest.approx(fidelity.psnr(brighter, hr), abs=0.1)
    assert fidelity.lr_psnr(invented, hr, 4) > fidelity.lr_psnr(brighter, hr, 4) + 15


def perfect(name):
    """What identical pictures score."""
    if METRICS[name].unit == "dB":
        return math.inf
    return 1 if METRICS[name].larger_is_better else 0


@pytest.mark.parametrize("name", METRICS)
def test_identical_pictures(name, metric_files):
    _, hr = _pair()
    assert measure(name, hr, hr, 4, metric_files) == pytest.approx(perfect(name))
    black = np.zeros_like(hr)
    assert measure(name, black, black, 4, metric_files) == pytest.approx(perfect(name))


@pytest.mark.parametrize("name", METRICS)
def test_the_direction_is_that_of_the_better_picture(name, metric_files):
    better, hr = _pair(sigma=1.0, noise=0.0)
    worse, _ = _pair(sigma=4.0, noise=0.0)
    larger = measure(name, better, hr, 4, metric_files) > measure(name, worse, hr, 4, metric_files)
    assert larger == METRICS[name].larger_is_better


@pytest.mark.parametrize("name", METRICS)
def test_pictures_of_different_sizes_are_refused(name, metric_files):
    _, hr = _pair()
    with pytest.raises(InputError, match="infer again"):
        measure(name, hr[:-1], hr, 4, metric_files)


@pytest.mark.parametrize("name", [name for name in METRICS if METRICS[name].smallest > 1])
def test_smallest_side(name, metric_files):
    side = METRICS[name].smallest
    _, hr = _pair()
    small = hr[:side, :side]
    assert measure(name, small, small, 4, metric_files) == pytest.approx(perfect(name))
    assert math.isfinite(measure(name, small // 2, small, 4, metric_files))
    with pytest.raises(InputError, match=f"needs {side}"):
        measure(name, hr[: side - 1, :side], hr[: side - 1, :side], 4, metric_files)


def test_metrics_that_share_their_maps_ask_for_those_of_their_own_pictures():
    first, second = _pair(), _pair(noise=20.0)
    wide = tuple(picture.reshape(128, 512) for picture in first)  # the same bytes
    names = ("ssim", "uqi", "uqi_sewar")
    alone = {}
    for pair in (first, second, wide):
        for name in names:
            structure._finest_ssim_maps.cache_clear()
            structure._moments.cache_clear()
            alone[id(pair), name] = measure(name, *pair, scale=4)
    for pair in (first, second, wide, first, wide, second):
        assert [measure(name, *pair, scale=4) for name in names] == [alone[id(pair), name] for name in names]
