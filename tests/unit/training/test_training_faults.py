"""What training does when something goes wrong, and what it writes besides its results."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from srlib import specs
from srlib.device import autocast, precision
from srlib.errors import InputError
from srlib.networks.vdsr import VDSR
from srlib.objectives import catalog as objectives
from srlib.objectives import content, residual
from srlib.objectives.pixelwise import Pixelwise
from srlib.specs.train import TrainSpec
from srlib.training import data, history, train

ROOT = Path(__file__).parents[3]
CPU = torch.device("cpu")
LR, HR = np.random.default_rng(0).integers(0, 256, (2, 6, 32, 32), np.uint8)
TRAINING = {"epochs": 2, "batch": 2, "crop": None, "deterministic": False, "tensorboard": False}


def spec(**changes):
    return specs.build(
        TrainSpec,
        {
            "network": "vdsr",
            "arguments": {},
            "lr": "down4_up4",
            "scale": 1,
            "objective": "residual",
            "optimizer": {"name": "sgd", "learning_rate": 1e-3},
            "schedule": "constant",
            "training": TRAINING,
            "settings": {},
        }
        | changes,
    )


def train_here(folder, settings, **more):
    train(settings, LR, HR, folder=folder, seed=0, device="cpu", **more)


def test_a_loss_that_is_not_finite_stops_training_and_is_located(tmp_path, monkeypatch):
    calls = []

    def loss(sr, hr):
        calls.append(1)
        return sr.mean() * (float("nan") if len(calls) == 5 else 1)

    monkeypatch.setattr(residual, "loss", loss)
    with pytest.raises(InputError, match=r"loss is nan in epoch 2, step 2; .*state\.pt holds"):
        train_here(tmp_path, spec(), save_seconds=0)
    assert not (tmp_path / "weights.safetensors").exists()
    saved = torch.load(tmp_path / "state.pt", weights_only=True)["position"]
    assert (saved["epoch"], saved["step"]) == (2, 1)  # the last good one


def test_a_gradient_that_is_not_finite_stops_training(tmp_path, monkeypatch):
    def loss(sr, hr):
        return torch.sqrt(sr.mean() * 0)  # 0, with an infinite slope

    monkeypatch.setattr(residual, "loss", loss)
    with pytest.raises(InputError, match="gradient_norm is nan in epoch 1, step 1; no state was saved"):
        train_here(tmp_path, spec())


def test_a_validation_picture_that_is_not_finite_stops_training(tmp_path):
    """A loss that is finite, of a network that is not in evaluation."""

    def forward(self, lr):
        sr = lr + self.residual(lr)
        return sr if self.training else sr / 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(VDSR, "forward", forward)
        with pytest.raises(InputError, match=r"validation picture 1, epoch 1: .* not finite"):
            train_here(tmp_path, spec(), validation=(LR[:2], HR[:2]))
    assert not (tmp_path / "weights.safetensors").exists()


def test_a_diverging_optimizer_is_told(tmp_path):
    wild = spec(optimizer={"name": "sgd", "learning_rate": 1e12})
    with pytest.raises(InputError, match=r"in epoch \d, step \d.*lower optimizer\.learning_rate"):
        train_here(tmp_path, wild)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 99 bytes"),
        MemoryError(),
    ],
)
def test_out_of_memory_says_what_to_lower(tmp_path, monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setattr(Pixelwise, "step", fail)
    with pytest.raises(InputError, match=r"out of memory.*lower training\.batch.*training\.crop"):
        train_here(tmp_path, spec())


def test_other_errors_stay_what_they_are(tmp_path, monkeypatch):
    def fail(*_):
        raise RuntimeError("a bug")

    monkeypatch.setattr(Pixelwise, "step", fail)
    with pytest.raises(RuntimeError, match="a bug"):
        train_here(tmp_path, spec())


def test_the_log_has_a_line_per_epoch_and_no_control_characters(tmp_path, capsys):
    train_here(tmp_path, spec())
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[:2] for line in lines] == [["epoch", "1/2"], ["epoch", "2/2"]]
    assert all(line.isprintable() and "loss" in line and "images_per_second" in line for line in lines)


def test_tensorboard_events(tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    train_here(tmp_path, spec(training=TRAINING | {"tensorboard": True}))
    events = [EventAccumulator(str(path)).Reload() for path in (tmp_path / "tensorboard").iterdir()]
    steps = [event.step for one in events for event in one.Scalars("loss")]
    assert sorted(steps) == [1, 2]


def test_tensorboard_that_is_not_installed_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(InputError, match=r"training\.tensorboard.*make tensorboard"):
        history.write_events({"epoch": 1}, tmp_path)


def test_features_of_hr_are_kept_only_where_they_are_constant_and_fit(monkeypatch):
    pictures = data.load(LR, HR, CPU)
    calls = []

    def features(picture):
        calls.append(len(picture))
        return picture[:, :, ::2, ::2] * 3

    (*_, batch) = data.batches(pictures, 4, None, 0, 1)
    expected = features(batch.hr)
    for constant, keep, fresh in [(True, 2**20, 0), (False, 2**20, 1), (True, 10, 1)]:
        monkeypatch.setattr(content, "KEEP_BYTES", keep)
        look_up = content.of_hr(features, pictures, 4, constant)
        calls.clear()
        assert torch.equal(look_up(batch), expected)
        assert len(calls) == fresh


def test_kept_features_change_no_result(tmp_path, monkeypatch):
    vgg = objectives.settings("adversarial", {"layer": [1, 2], "weights": "untrained", "pretraining": 0})
    adversarial = spec(objective="adversarial", settings=vgg)
    train_here(tmp_path / "kept", adversarial)
    monkeypatch.setattr(content, "KEEP_BYTES", 0)
    train_here(tmp_path / "anew", adversarial)
    a, b = (tmp_path / f / "weights.safetensors" for f in ("kept", "anew"))
    assert a.read_bytes() == b.read_bytes()


def test_memory_does_not_grow_with_the_epochs(tmp_path):
    """Peak resident memory after 30 epochs is that after 3, but for the allocator's whims."""
    script = (
        "import resource, sys, numpy as np\n"
        "sys.path.insert(0, sys.argv[3])\n"
        "from test_training_faults import TRAINING, objectives, spec, train_here\n"
        "gan = objectives.settings('adversarial', {'content': 'mse', 'pretraining': 0})\n"
        "settings = spec(objective='adversarial', settings=gan,\n"
        "                training=TRAINING | {'epochs': int(sys.argv[1])})\n"
        "train_here(sys.argv[2], settings)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)\n"
    )
    peaks = []
    for epochs in (3, 30):
        command = [sys.executable, "-c", script, str(epochs), tmp_path / str(epochs), Path(__file__).parent]
        environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        peaks.append(float(run.stdout))
    assert peaks[1] < peaks[0] + 30  # MiB; 27 epochs of 3 steps of 6 MB activations each would be 500


@pytest.mark.parametrize("flag", ["avx512_bf16", "amx_bf16"])
def test_auto_is_bfloat16_where_the_device_computes_in_it(monkeypatch, flag):
    assert precision("auto", torch.device("cuda")) == "bfloat16"
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_f": True})  # other CPUs than this one
    assert precision("auto", CPU) == "float32"
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {flag: True})
    assert precision("auto", CPU) == "bfloat16"
    assert precision("float32", CPU) == precision("float32", torch.device("cuda")) == "float32"


@pytest.mark.parametrize(("name", "dtype"), [("float32", torch.float32), ("bfloat16", torch.bfloat16)])
def test_convolutions_compute_in_the_precision(name, dtype):
    with autocast(CPU, name):
        assert nn.Conv2d(1, 1, 3)(torch.rand(1, 1, 4, 4)).dtype == dtype
