import os
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.ndimage import correlate

from srlib.data.decode import decode_gray
from srlib.data.resample import resize
from srlib.networks.filters import least_squares_filters
from srlib.networks.linear import Linear

NIH_DIR = os.environ.get("NIH_DIR")


def enlarged(lr: np.ndarray, filters: np.ndarray, scale: int) -> np.ndarray:
    """SR by scipy's correlation, phase by phase: independent of the network and of the fit."""
    sr = np.empty((lr.shape[0] * scale, lr.shape[1] * scale))
    for phase, taps in enumerate(filters):
        sr[phase // scale :: scale, phase % scale :: scale] = correlate(lr, taps, mode="nearest")
    return sr


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_a_known_filter_bank_is_recovered(scale):
    rng = np.random.default_rng(0)
    known = rng.normal(0, 0.1, (scale * scale, 5, 5))
    known[:, 2, 2] += 1 - known.sum((1, 2))
    lr = rng.random((6, 30, 20))
    pairs = [(picture, enlarged(picture, known, scale)) for picture in lr]
    assert np.abs(least_squares_filters(pairs, scale, 5, ridge=0) - known).max() < 1e-6


def test_each_phase_keeps_flat_regions_whatever_it_was_fitted_to():
    rng = np.random.default_rng(0)
    pairs = [(rng.random((20, 20)), rng.random((40, 40)))]
    assert np.allclose(least_squares_filters(pairs, 2, 5).sum((1, 2)), 1)


def test_flat_pictures_give_filters_that_keep_them():
    filters = least_squares_filters([(np.full((9, 9), 7), np.full((18, 18), 7))], 2, 3)
    assert np.allclose(enlarged(np.full((5, 5), 7.0), filters, 2), 7)


def test_the_network_computes_what_its_filters_say():
    rng = np.random.default_rng(0)
    filters, lr = rng.normal(size=(9, 9, 9)), rng.random((7, 11))
    network = Linear(3)
    network.filters.data = torch.tensor(filters[:, None], dtype=torch.float32)
    sr = network(torch.tensor(lr[None, None], dtype=torch.float32)).detach().numpy()[0, 0]
    assert np.abs(sr - enlarged(lr, filters, 3)).max() < 1e-4


def psnr(sr: np.ndarray, hr: np.ndarray) -> float:
    return 10 * np.log10(255**2 / np.mean((sr - hr) ** 2))


@pytest.mark.skipif(not NIH_DIR, reason="NIH_DIR names no folder of the NIH release")
def test_on_real_images_it_is_far_above_bicubic():
    with tarfile.open(sorted(Path(NIH_DIR).glob("images_*.tar.gz"))[0]) as archive:
        members = [member for member in archive if member.isfile()][:40]
        hr = [resize(decode_gray(archive.extractfile(m).read(), m.name), 256, 256) for m in members]
    lr = [resize(picture, 64, 64) for picture in hr]
    filters = least_squares_filters(zip(lr[:30], hr[:30], strict=True), 4, 9)
    gains = []
    for small, large in zip(lr[30:], hr[30:], strict=True):
        ours = np.clip(np.rint(enlarged(small.astype(float), filters, 4)), 0, 255)
        gains.append(psnr(ours, large) - psnr(resize(small, 256, 256).astype(float), large))
    assert np.mean(gains) > 0.6
