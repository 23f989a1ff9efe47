"""Every objective that lies in the folder keeps the contract."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from srlib import specs
from srlib.data.degrade import lr_variant
from srlib.errors import InputError
from srlib.networks import weights
from srlib.objectives import catalog
from srlib.objectives.vgg_variants import Vgg
from srlib.specs.degradation import Degradation
from srlib.specs.train import TrainSpec
from srlib.training import train

# Settings that need no file, for an objective whose default does.
OFFLINE = {"adversarial": {"content": "mse"}}


def ends_well(code):
    """In a process of its own, which has imported nothing yet."""
    return subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_what_lies_beside_the_objectives_is_none():
    assert {"adversarial", "l1", "residual"} <= set(catalog.names())
    assert not {"catalog", "losses", "vgg", "discriminator", "content", "pixelwise"} & set(catalog.names())


def test_planning_with_every_objective_imports_no_torch():
    code = (
        "import sys; from srlib.objectives import catalog\n"
        "for name in catalog.names(): catalog.caption(name, catalog.settings(name))\n"
        "sys.exit(any(m.split('.')[0] in ('torch', 'numpy') for m in sys.modules))"
    )
    assert ends_well(code)


def test_a_content_loss_of_pixels_imports_no_torchvision():
    code = (
        "import sys; from srlib.objectives.content import features, pixels\n"
        "assert features({'content': 'mse'}, 'cpu', 'float32', None) is pixels\n"
        "sys.exit('torchvision' in sys.modules)"
    )
    assert ends_well(code)


def test_an_unknown_objective_names_the_known_ones():
    with pytest.raises(InputError, match=r"'l2'.*adversarial, l1, least_squares, residual"):
        catalog.load("l2")


@pytest.mark.parametrize("name", catalog.names())
def test_an_objective_states_its_keys_and_its_words(name):
    settings = catalog.settings(name)
    assert settings.keys() <= catalog.load(name).SETTINGS.keys()
    assert json.loads(json.dumps(settings)) == settings  # travels as JSON
    assert catalog.caption(name, settings).isprintable()
    assert isinstance(catalog.weights(name, settings), Vgg | None)


STEPPED = [name for name in catalog.names() if not catalog.is_closed_form(name)]
SOLVED = [name for name in catalog.names() if catalog.is_closed_form(name)]


def test_pixels_beside_vggs_features_are_said_and_are_nothing_without_them():
    vgg = {"network": "vgg16", "layer": [2, 2], "weights": "vgg16.ckpt", "pixels": 0.5}
    assert "phi_2,2 (vgg16.ckpt weights) and 0.5 times the pixels'" in catalog.caption(
        "adversarial", catalog.settings("adversarial", vgg)
    )
    assert "times" not in catalog.caption("adversarial", catalog.settings("adversarial", vgg | {"pixels": 0}))
    mse = catalog.settings("adversarial", {"content": "mse"})
    assert catalog.settings("adversarial", {"content": "mse", "pixels": 0.5}) == mse


@pytest.mark.parametrize("name", SOLVED)
def test_an_objective_in_closed_form_solves_for_a_network(name, tmp_path):
    """Without optimizer and steps; of what it can make exactly, nothing is missing."""
    lr = np.random.default_rng(0).integers(0, 256, (2, 24, 24), np.uint8)
    hr = lr.repeat(2, 1).repeat(2, 2)  # nearest neighbour: a linear filter
    spec = TrainSpec("linear", {"scale": 2}, "half", 2, name, catalog.settings(name))
    train(spec, lr, hr, folder=tmp_path, seed=0, validation=(lr, hr))
    network = weights.load(tmp_path / "weights.safetensors")
    with torch.no_grad():
        sr = network(torch.tensor(lr[:, None], dtype=torch.float32))
    assert np.abs(sr[:, 0].numpy() - hr).max() < 0.1
    assert (tmp_path / "history.csv").read_text() == "epoch,validation_psnr\n1,inf\n"


@pytest.mark.parametrize("name", STEPPED)
def test_an_objective_trains_a_network(name, tmp_path):
    """The loss is there and finite, and the weights have moved."""
    settings = catalog.settings(name, OFFLINE.get(name, {}))
    hr = np.random.default_rng(0).integers(0, 256, (4, 32, 32), np.uint8)
    values = {
        "network": "vdsr",
        "arguments": {},
        "lr": "down4_up4",
        "scale": 1,
        "objective": name,
        "settings": settings,
        "optimizer": {"name": "adam", "learning_rate": 1e-3},
        "schedule": "constant",
        "training": {"epochs": 0, "batch": 2, "crop": None, "deterministic": False, "tensorboard": False},
    }
    states = []
    for epochs in (1, 2):
        values["training"]["epochs"] = epochs
        spec = specs.build(TrainSpec, values)
        lr = np.stack([lr_variant(picture, "full", Degradation(4)) for picture in hr])
        train(spec, lr, hr, folder=tmp_path / str(epochs), seed=0, device="cpu")
        states.append(weights.load(tmp_path / str(epochs) / "weights.safetensors").state_dict())
    assert not torch.equal(*(state["residual.0.weight"] for state in states))
    header = (tmp_path / "1" / "history.csv").read_text().splitlines()[0]
    assert header.startswith("epoch,learning_rate,loss,")
