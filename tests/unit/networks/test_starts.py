"""Starts that are computed from the training pictures."""

import numpy as np
import pytest
import torch
from scipy.ndimage import correlate
from skimage import data
from torch.nn import functional as F

from srlib.data.resample import resize
from srlib.inference import restore
from srlib.networks import catalog
from srlib.networks._blocks import Output, conv
from srlib.networks.filters import least_squares_filters
from srlib.networks.linear import Linear
from srlib.specs.train import Optimizer
from srlib.training.learner import Learner

SIDE = 120  # of LR pictures


def pictures(scale):
    """LR and HR: parts of a photograph."""
    large = data.camera()[: SIDE * scale, : SIDE * scale]
    parts = [part for half in np.split(large, 2) for part in np.split(half, 2, 1)]
    return [(resize(part, SIDE // 2, SIDE // 2), part) for part in parts]


def best_linear(lr, pairs, scale):
    network = Linear(scale)
    network.solve(pairs, 1e-6)
    return network(lr)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_srgan_begins_exactly_at_the_best_linear_filters(scale):
    pairs = pictures(scale)
    network = catalog.build("srgan", {"scale": scale, "init": "linear"})
    network.start(pairs)
    lr = torch.tensor(pairs[0][0])[None, None] / 255
    with torch.no_grad():
        sr, expected = network.eval()(lr), best_linear(lr, pairs, scale)
    assert torch.allclose(sr, expected, atol=1e-5)


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("name", ["edsr", "rlfn"])
def test_edsr_and_rlfn_begin_exactly_at_the_best_linear_filters_of_5_x_5_pixels(name, scale):
    pairs = pictures(scale)
    network = catalog.build(name, {"scale": scale, "init": "linear"})
    network.start(pairs)
    lr = pairs[0][0] / 255
    with torch.no_grad():
        sr = network.eval()(torch.tensor(lr, dtype=torch.float32)[None, None])[0, 0].numpy()
    for phase, taps in enumerate(least_squares_filters(pairs, scale, 5)):
        expected = correlate(lr, taps, mode="nearest")
        assert np.abs(sr[phase // scale :: scale, phase % scale :: scale] - expected).max() < 1e-5


@pytest.mark.parametrize("arguments", [{}, {"sharpening": "none"}, {"layers": 0}])
def test_the_hybrid_begins_near_the_best_linear_filters(arguments):
    pairs = pictures(2)
    lr, hr = (torch.tensor(np.stack(part))[:, None] / 255 for part in zip(*pairs, strict=True))
    network = catalog.build("hybrid", {"init": "linear"} | arguments).eval()
    network.start(pairs)
    with torch.no_grad():
        best, interpolation = best_linear(lr, pairs, 2), catalog.build("hybrid", {}).eval()(lr)
        error, best, interpolation = (F.mse_loss(sr, hr) for sr in (network(lr), best, interpolation))
    assert best < error < best + 0.2 * (interpolation - best)


@pytest.mark.parametrize("name", ["srgan", "hybrid", "rlfn"])
def test_the_filters_are_exact_in_bfloat16_too(name):
    """To a sixth of a gray level in the mean: about 0 they are so fine, about 1 half as fine."""
    scale = 2 if name == "hybrid" else 4
    pairs = pictures(scale)
    network = catalog.build(name, {"init": "linear"} | ({} if name == "hybrid" else {"scale": scale}))
    network.start(pairs)
    exact, rounded = (restore(network.eval(), pairs[0][0], precision=p) for p in ("float32", "bfloat16"))
    assert 255 * np.square(exact - rounded).mean() ** 0.5 < 0.17


def test_srgans_last_layer_is_a_convolution_whatever_it_computes_in():
    layer = conv(64, 3, 9, kind=Output)
    features = torch.rand(1, 64, 12, 10) - 0.5
    expected = F.conv2d(features, layer.weight, layer.bias, padding=4)
    assert torch.allclose(layer(features), expected, atol=1e-6)
    with torch.autocast("cpu", torch.bfloat16):
        assert layer(features).dtype == torch.float32
        assert torch.allclose(layer(features), expected, atol=1e-2)


def trained_a_little(name, arguments, scale, pairs):
    """Which elements of the state three steps on crops have moved."""
    network = catalog.build(name, arguments)
    network.start(pairs)
    network.hold()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    learner = Learner(network, Optimizer("muon", 1e-3), "constant", 3, torch.device("cpu"))
    lr, hr = (torch.tensor(np.stack(part))[:, None] / 255 for part in zip(*pairs, strict=True))
    for _ in range(3):
        learner.descend(F.mse_loss(learner(lr[..., :12, :12]), hr[..., : 12 * scale, : 12 * scale]))
    return {name: value != before[name] for name, value in network.state_dict().items()}


def test_training_leaves_srgans_filters_as_they_are_and_moves_all_else():
    moved = trained_a_little("srgan", {"scale": 4, "init": "linear"}, 4, pictures(4))
    held = [("head.0", 16), ("head.1", 16), ("up.0.0", 16), ("up.0.2", 4), ("up.1.0", 4), ("up.1.2", 1)]
    for layer, channels in held:
        assert not moved[f"{layer}.weight"][:channels].any()
        assert moved[f"{layer}.weight"][channels:].any()
    assert not moved["tail.weight"][:, 0].any()
    assert all(moved[f"blocks.{block}.body.0.weight"].any() for block in range(16))


@pytest.mark.parametrize(("name", "ups"), [("edsr", [("up.0", 16), ("up.2", 4)]), ("rlfn", [])])
def test_training_leaves_the_filters_of_edsr_and_rlfn_as_they_are_and_moves_all_else(name, ups):
    moved = trained_a_little(name, {"scale": 4, "init": "linear"}, 4, pictures(4))
    for layer, channels in [("head", 9), *ups]:
        for part in ("weight", "bias"):
            assert not moved[f"{layer}.{part}"][:channels].any()
            assert moved[f"{layer}.{part}"][channels:].any()
    last, inputs = ("tail", 1) if name == "edsr" else ("tail.0", 9)
    assert not moved[f"{last}.weight"][:, :inputs].any()
    assert not moved[f"{last}.bias"].any()
    assert moved[f"{last}.weight"][:, inputs:].any()
    assert all(change.any() for name, change in moved.items() if name.startswith("body."))


def test_training_leaves_the_hybrids_filters_as_they_are_and_moves_all_else():
    moved = trained_a_little("hybrid", {"init": "linear"}, 2, pictures(2))
    for layer in ("head.0.weight", "head.0.bias", "head.1.weight", "tail.0.bias", "tail.1.weight"):
        assert not moved[layer].any()
    for layer, channels in (("up.0.weight", 4), ("up.0.bias", 4), ("up.2.weight", 1)):
        assert not moved[layer][:channels].any()
        assert moved[layer][channels:].any()
    assert not moved["tail.0.weight"][:, 0].any()
    assert not moved["tail.2.weight"][:, :, 2, 2].any()
    assert all(moved[f"{layer}.weight"].any() for layer in ("deep.0", "deep.38", "tail.0", "tail.2"))
    assert all(moved[f"blocks.{block}.body.0.weight"].any() for block in range(8))


def enlarged(pairs):
    """The LR pictures as VDSR takes them."""
    return [(resize(lr, *hr.shape[::-1]), hr) for lr, hr in pairs]


def test_vdsr_begins_at_the_best_linear_filter():
    pairs = enlarged(pictures(2))
    network = catalog.build("vdsr", {"init": "linear"})
    network.start(pairs)
    (taps,) = least_squares_filters(pairs, 1, 15)
    lr = pairs[0][0] / 255
    with torch.no_grad():
        sr = network.eval()(torch.tensor(lr, dtype=torch.float32)[None, None])[0, 0]
    errors = np.abs(sr.numpy() - correlate(lr, taps, mode="nearest"))
    assert errors[1:-1, 1:-1].max() < 1e-5
    assert errors.max() < 1 / 255  # the last layer does not see what lies beyond a copy's own border


def test_training_leaves_vdsrs_filter_as_it_is_and_moves_all_else():
    moved = trained_a_little("vdsr", {"init": "linear"}, 1, enlarged(pictures(2)))
    for layer in range(0, 38, 2):
        assert not moved[f"residual.{layer}.weight"][:25].any()
        assert not moved[f"residual.{layer}.bias"][:25].any()
        assert moved[f"residual.{layer}.weight"][25:].any()
    assert not moved["residual.38.weight"][0, :25].any()
    assert moved["residual.38.weight"][0, 25:].any()
