"""Steps recorded on a GPU are the steps; on a CPU, which records nothing, they are too."""

import csv

import numpy as np
import pytest
import torch
from devices import DEVICES

from srlib import specs
from srlib.objectives import catalog as objectives
from srlib.specs.train import TrainSpec
from srlib.training import graph, train

HR = np.random.default_rng(0).integers(0, 256, (18, 32, 32), np.uint8)
GAN = objectives.settings("adversarial", {"layer": [2, 2], "weights": "untrained", "pretraining": 0.5})
NETWORKS = [
    ("vdsr", {"init": "linear"}, 1),
    ("srgan", {"scale": 4, "init": "linear"}, 4),
    ("hybrid", {"init": "linear"}, 2),
    ("edsr", {"scale": 4}, 4),
    ("rlfn", {"scale": 4}, 4),
]


def trained(folder, network, arguments, scale, objective, optimizer, device):
    """Weights and history of ten steps, of two shapes; a GAN's last five are against its discriminator."""
    spec = specs.build(
        TrainSpec,
        {
            "network": network,
            "arguments": arguments,
            "lr": "any",
            "scale": scale,
            "objective": objective,
            "settings": GAN if objective == "adversarial" else {},
            "optimizer": {"name": optimizer, "learning_rate": 1e-3, "clip_norm": 1.0},
            "schedule": "one_cycle",
            "training": {"epochs": 2, "batch": 4, "crop": None, "deterministic": True, "tensorboard": False},
        },
    )
    train(spec, HR[:, ::scale, ::scale], HR, folder=folder, seed=0, device=device)
    with (folder / "history.csv").open() as file:
        rows = [row[:-1] for row in csv.reader(file)]  # without speed
    return (folder / "weights.safetensors").read_bytes(), rows


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(
    ("network", "arguments", "scale", "objective", "optimizer"),
    [
        *[(*network, "l1", "muon") for network in NETWORKS],
        *[(*NETWORKS[1], "adversarial", optimizer) for optimizer in ("muon", "adam", "sgd")],
    ],
)
def test_recorded_steps_are_the_steps(
    network, arguments, scale, objective, optimizer, device, tmp_path, monkeypatch
):
    recordings = []
    how = (network, arguments, scale, objective, optimizer, device)
    with monkeypatch.context() as patch:
        record = graph._Recorded.__init__
        patch.setattr(graph._Recorded, "__init__", lambda *given: recordings.append(1) or record(*given))
        recorded = trained(tmp_path / "recorded", *how)
    monkeypatch.setattr(graph, "WARM_UP", 99)
    assert trained(tmp_path / "eager", *how) == recorded
    assert len(recordings) == (device == "cuda") * (2 if objective == "adversarial" else 1)


@pytest.mark.parametrize("device", DEVICES)
def test_work_sees_its_arguments_whatever_their_shape(device):
    work = graph.replayed(lambda x, y: 2 * x + y, torch.device(device))
    for step in range(12):
        x = torch.full((1 + step % 2, 3), float(step), device=device)
        assert torch.equal(work(x, x[:1]), 3 * x)


@pytest.mark.parametrize("device", DEVICES)
def test_work_that_waits_for_the_gpu_is_not_recorded(device, capsys):
    work = graph.replayed(lambda x: x * x.sum().item(), torch.device(device))
    for step in range(6):
        x = torch.full((2,), float(step), device=device)
        assert torch.equal(work(x), x * 2 * step)
    assert ("are not recorded" in capsys.readouterr().err) == (device == "cuda")
