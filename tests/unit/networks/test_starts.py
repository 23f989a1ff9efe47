"""Starts that are computed from the training pictures."""

import numpy as np
import pytest
import torch
from skimage import data
from torch.nn import functional as F

from srlib.data.resample import resize
from srlib.networks import catalog
from srlib.networks.linear import Linear

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


def test_training_leaves_the_filters_as_they_are_and_moves_all_else():
    pairs = pictures(4)
    network = catalog.build("srgan", {"scale": 4, "init": "linear"})
    network.start(pairs)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    lr, hr = (torch.tensor(np.stack(part))[:, None] / 255 for part in zip(*pairs, strict=True))
    for _ in range(3):
        optimizer.zero_grad()
        F.mse_loss(network(lr[..., :12, :12]), hr[..., :48, :48]).backward()
        optimizer.step()
    after = network.state_dict()
    moved = {name: value != before[name] for name, value in after.items()}
    held = [("head.0", 16), ("head.1", 16), ("up.0.0", 16), ("up.0.2", 4), ("up.1.0", 4), ("up.1.2", 1)]
    for layer, channels in held:
        assert not moved[f"{layer}.weight"][:channels].any()
        assert moved[f"{layer}.weight"][channels:].any()
    assert not moved["tail.weight"][:, 0].any()
    assert all(moved[f"blocks.{block}.body.0.weight"].any() for block in range(16))
