"""A training that starts from given weights."""

import hashlib

import numpy as np
import pytest
import torch

from srlib import specs
from srlib.errors import InputError
from srlib.networks import catalog, weights
from srlib.objectives import residual
from srlib.specs.train import TrainSpec
from srlib.training import train

LR = np.random.default_rng(0).integers(0, 256, (4, 8, 8), np.uint8)
HR = np.kron(LR, np.ones((1, 4, 4), np.uint8))
STILL = 1e-12  # a learning rate at which nothing is learnt


def spec(rate=STILL, **changes):
    values = {
        "network": "srgan",
        "arguments": {"scale": 4},
        "lr": "down4",
        "scale": 4,
        "objective": "residual",
        "settings": {},
        "optimizer": {"name": "sgd", "learning_rate": rate},
        "schedule": "constant",
        "training": {"epochs": 1, "batch": 4, "crop": None, "deterministic": False, "tensorboard": False},
    }
    return specs.build(TrainSpec, values | changes)


def tuned(folder, initial, settings=None):
    train(settings or spec(), LR, HR, folder=folder, seed=0, device="cpu", initial=initial)
    return weights.load(folder / "weights.safetensors").state_dict()


@pytest.fixture
def given(tmp_path):
    """Weights of a generator that started at random, with statistics of its own."""
    torch.manual_seed(7)
    arguments = {"scale": 4, "init": "random"}
    network = catalog.build("srgan", arguments)
    network(torch.rand(2, 1, 8, 8))
    weights.save(tmp_path / "given.safetensors", network, "srgan", arguments, {})
    return tmp_path / "given.safetensors"


@pytest.mark.parametrize("init", ["interpolation", "linear"])
def test_it_starts_there_and_not_as_the_network_does(init, given, tmp_path):
    start = weights.load(given).state_dict()
    parameters = dict(catalog.build("srgan", {"scale": 4}).named_parameters())
    found = tuned(tmp_path / "out", given, spec(arguments={"scale": 4, "init": init}))
    assert all(torch.allclose(found[name], start[name], atol=1e-6) for name in parameters)
    run = weights.header(tmp_path / "out" / "weights.safetensors")["run"]
    assert run["initial"] == hashlib.sha256(given.read_bytes()).hexdigest()


def test_the_statistics_of_the_first_batch_are_the_given_ones(given, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(residual, "loss", lambda sr, hr: seen.append(sr.detach()) or ((sr - hr) ** 2).mean())
    tuned(tmp_path / "out", given)
    network = weights.load(given).train()
    lr = torch.from_numpy(LR)[:, None].float() / 255
    expected = sorted(network(lr).detach().mean((1, 2, 3)).tolist())  # the order is the training's own
    assert sorted(seen[0].mean((1, 2, 3)).tolist()) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("first", "second"), [("linear", "linear"), ("linear", "random"), ("random", "linear")]
)
def test_filters_stay_where_both_trainings_have_the_linear_start(first, second, tmp_path):
    before = tuned(tmp_path / "first", None, spec(arguments={"scale": 4, "init": first}))
    start = tmp_path / "first" / "weights.safetensors"
    after = tuned(tmp_path / "second", start, spec(rate=1e-2, arguments={"scale": 4, "init": second}))
    same = torch.equal(after["head.0.weight"][:16], before["head.0.weight"][:16])
    assert same == (first == second)
    assert not torch.equal(after["tail.weight"], before["tail.weight"])


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"network": "vdsr", "arguments": {}, "lr": "down4_up4"}, "weights of network srgan, not vdsr"),
        ({"arguments": {"scale": 2}}, "weights of arguments with scale 4, not 2"),
    ],
)
def test_weights_of_another_network_are_refused_in_words(changes, word, given, tmp_path):
    lr = HR if changes.get("network") == "vdsr" else LR
    hr = HR if changes.get("network") == "vdsr" else HR[:, :16, :16]
    with pytest.raises(InputError, match=rf"given\.safetensors: {word}; give `initial` another"):
        train(spec(**changes), lr, hr, folder=tmp_path / "out", seed=0, device="cpu", initial=given)
    assert not (tmp_path / "out" / "weights.safetensors").exists()


def test_a_damaged_file_of_a_users_own_is_not_to_be_deleted(given, tmp_path):
    given.write_bytes(given.read_bytes()[:1000])
    with pytest.raises(InputError, match=r"given\.safetensors: damaged.*give `initial` another") as error:
        tuned(tmp_path / "out", given)
    assert "delete" not in str(error.value)
