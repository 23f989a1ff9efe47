"""Two processes over gloo compute what one does with the same global batch."""

import csv

import numpy as np
import pytest
import torch

from srlib.data.resample import degrade
from srlib.errors import InputError
from srlib.networks import weights
from srlib.training import train

TRAINING = {"epochs": 2, "batch": 4, "crop": 32, "deterministic": False, "tensorboard": False}


def spec(network, objective):
    return {
        "network": network,
        "arguments": {},
        "objective": objective,
        # Adversarial steps are chaotic: at 1e-3 a rounding error of 1e-7 grows to 1e-2 in four of them.
        "optimiser": {"name": "sgd", "learning_rate": 1e-3 if objective == "residual" else 1e-5},
        "schedule": "constant",
        "training": TRAINING,
        "adversarial": {"content": "mse", "layer": [1, 1], "weights": "untrained", "weight": 1e-3},
    }


@pytest.fixture(scope="module")
def hr():
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:48, :48] / 48
    waves = [np.sin(7 * a * x + 5 * b * y + c) for a, b, c in rng.random((6, 3)) * 3]
    return np.stack([(127 + 120 * wave).astype(np.uint8) for wave in waves])


def history(folder):
    with (folder / "history.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    "network, objective, variant",
    [("vdsr", "residual", "down4_up4"), ("srgan", "adversarial", "down4")],
)
def test_same_curve_as_one_process_with_the_same_global_batch(network, objective, variant, hr, tmp_path):
    lr = np.stack([degrade(picture, variant) for picture in hr])
    for processes in (1, 2):
        train(
            spec(network, objective),
            lr,
            hr,
            folder=tmp_path / str(processes),
            seed=0,
            device="cpu",
            validation=(lr[:2], hr[:2]),
            processes=processes,
        )
    one, two = history(tmp_path / "1"), history(tmp_path / "2")
    assert len(one) == len(two) == 2
    for a, b in zip(one, two, strict=True):
        for key in a.keys() - {"images_per_second"}:
            assert float(b[key]) == pytest.approx(float(a[key]), rel=1e-3), key
    states = [weights.load(tmp_path / n / "weights.safetensors").state_dict() for n in "12"]
    for key, value in states[0].items():
        assert torch.allclose(states[1][key].float(), value.float(), rtol=1e-2, atol=1e-4), key


def test_an_input_error_in_a_process_arrives_as_one(hr, tmp_path):
    settings = spec("vdsr", "residual") | {"training": TRAINING | {"crop": 64}}
    with pytest.raises(InputError, match="crop"):
        train(settings, hr, hr, folder=tmp_path, seed=0, device="cpu", processes=2)
