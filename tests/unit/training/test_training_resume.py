"""Killed at any moment and started again, a training ends with the same bits."""

import csv
import dataclasses
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from devices import DEVICES

from srlib import code, specs
from srlib.objectives import catalog as objectives
from srlib.specs.train import TrainSpec
from srlib.training import state, train

ROOT = Path(__file__).parents[3]
EPOCHS = {"residual": 12, "adversarial": 15}  # some seconds each
# Trains as argv[1] (JSON) says, saving its state after every step; says "ready" when it begins.
SCRIPT = """
import json, sys
import numpy as np
from srlib import specs
from srlib.specs.train import TrainSpec
from srlib.training import state, train

resume = state.resume

def announced(*arguments):
    print("ready", flush=True)
    return resume(*arguments)

state.resume = announced
lr, hr = np.random.default_rng(0).integers(0, 256, (2, 6, 32, 32), np.uint8)
arguments = json.loads(sys.argv[1])
spec = specs.build(TrainSpec, arguments.pop("spec"))
train(spec, lr, hr, validation=(lr[:2], hr[:2]), save_seconds=0, **arguments)
"""

GAN = objectives.settings("adversarial", {"content": "mse", "pretraining": 0.4, "generator_rate": 3e-4})


def spec(objective, **changes):
    # vdsr: of the networks the quickest on small pictures
    return specs.build(
        TrainSpec,
        {
            "network": "vdsr",
            "arguments": {},
            "lr": "down4_up4",
            "scale": 1,
            "objective": objective,
            "optimizer": {"name": "muon", "learning_rate": 1e-4, "clip_norm": 1.0},
            "schedule": "one_cycle",
            "training": {"epochs": 3, "batch": 4, "crop": 16, "deterministic": True, "tensorboard": False},
            "settings": GAN if objective == "adversarial" else {},
        }
        | changes,
    )


def start(folder, objective, precision, device):
    settings = spec(objective)
    loop = dataclasses.replace(settings.training, epochs=EPOCHS[objective], precision=precision)
    settings = dataclasses.replace(settings, training=loop)
    arguments = {"spec": settings, "folder": str(folder), "seed": 0, "device": device}
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, specs.to_json(arguments)],
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def history(folder):
    with (folder / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    return [{key: value for key, value in row.items() if key != "images_per_second"} for row in rows]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(
    ("objective", "precision"),
    [("residual", "float32"), ("residual", "bfloat16"), ("adversarial", "bfloat16")],
)
def test_killed_at_random_moments_it_ends_with_the_same_bits(objective, precision, device, tmp_path):
    undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "disturbed"
    run = start(undisturbed, objective, precision, device)
    run.stdout.readline()
    started = time.monotonic()
    assert run.wait() == 0
    duration = time.monotonic() - started

    chance, resumed = random.Random(objective), 0
    for _ in range(4):
        run = start(disturbed, objective, precision, device)
        run.stdout.readline()
        while run.poll() is None and not (disturbed / "state.pt").exists():
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.3) * duration)
        run.send_signal(signal.SIGKILL)
        resumed += "training resumes" in run.communicate()[1]
    run = start(disturbed, objective, precision, device)
    resumed += "training resumes" in run.communicate()[1]
    assert run.returncode == 0
    assert resumed > 0

    weights = [(folder / "weights.safetensors").read_bytes() for folder in (undisturbed, disturbed)]
    assert weights[0] == weights[1]
    assert history(undisturbed) == history(disturbed)
    names = {path.name for path in disturbed.iterdir()}
    assert names == {"weights.safetensors", "history.csv", "state.pt", ".lock"}


class Killed(Exception):
    pass


LR, HR = np.random.default_rng(0).integers(0, 256, (2, 6, 32, 32), np.uint8)


def train_here(folder, settings, **more):
    options = {"seed": 0, "device": "cpu", "save_seconds": 0} | more
    train(settings, LR, HR, folder=folder, **options)


def interrupt(monkeypatch, after, in_writing):
    """Let the `after`-th saving of the state be the last: killed behind it, or in the midst of it."""
    save, calls = torch.save, []

    def dying(content, file):
        calls.append(file)
        if len(calls) == after and in_writing:
            file.write(b"half")
            raise Killed
        save(content, file)
        if len(calls) == after + (not in_writing):
            raise Killed

    monkeypatch.setattr(torch, "save", dying)


def interrupted(folder, settings, monkeypatch, after, in_writing=False, device="cpu"):
    with monkeypatch.context() as patch:
        interrupt(patch, after, in_writing)
        with pytest.raises(Killed):
            train_here(folder, settings, device=device)


@pytest.mark.parametrize("after", [1, 2, 3, 5])
@pytest.mark.parametrize("in_writing", [False, True])
def test_every_step_can_be_the_last(after, in_writing, tmp_path, monkeypatch, capsys):
    """1: after the first step; 2: after the epoch's last; 3, 5: in later epochs."""
    train_here(tmp_path / "undisturbed", spec("residual"))
    interrupted(tmp_path / "again", spec("residual"), monkeypatch, after, in_writing=in_writing)
    train_here(tmp_path / "again", spec("residual"))
    assert ("training resumes" in capsys.readouterr().err) == (not in_writing or after > 1)
    a, b = (tmp_path / f / "weights.safetensors" for f in ("undisturbed", "again"))
    assert a.read_bytes() == b.read_bytes()
    assert history(a.parent) == history(b.parent)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("after", [1, 2, 3, 5])
def test_a_gan_resumes_while_its_discriminator_rests_and_afterwards(
    after, device, tmp_path, monkeypatch, capsys
):
    train_here(tmp_path / "undisturbed", spec("adversarial"), device=device)
    interrupted(tmp_path / "again", spec("adversarial"), monkeypatch, after, device=device)
    train_here(tmp_path / "again", spec("adversarial"), device=device)
    assert "training resumes" in capsys.readouterr().err
    a, b = (tmp_path / f / "weights.safetensors" for f in ("undisturbed", "again"))
    assert a.read_bytes() == b.read_bytes()
    assert history(a.parent) == history(b.parent)


@pytest.mark.parametrize(
    "changes",
    [
        {"settings": spec("residual", schedule="constant")},
        {"seed": 1},
        {"code": True},
    ],
)
def test_a_state_of_other_settings_or_code_is_not_used(changes, tmp_path, monkeypatch, capsys):
    interrupted(tmp_path / "a", spec("residual"), monkeypatch, 2)
    if changes.pop("code", False):
        monkeypatch.setattr(code, "digest", lambda *files: "of other code")
    settings = changes.pop("settings", spec("residual"))
    train_here(tmp_path / "a", settings, **changes)
    assert "of other settings, data or code, not used" in capsys.readouterr().err
    train_here(tmp_path / "b", settings, **changes)
    a, b = (tmp_path / f / "weights.safetensors" for f in "ab")
    assert a.read_bytes() == b.read_bytes()


def test_a_damaged_state_is_not_used(tmp_path, capsys):
    tmp_path.joinpath("state.pt").write_bytes(b"not a state")
    train_here(tmp_path, spec("residual"))
    assert "state.pt: damaged" in capsys.readouterr().err
    assert (tmp_path / "weights.safetensors").exists()


def test_the_fingerprint_knows_pictures_and_files(tmp_path):
    def fingerprint(about="x", array=HR, content=b"w"):
        (tmp_path / "vgg.pth").write_bytes(content)
        return state.fingerprint(about, [array], [tmp_path / "vgg.pth"])

    assert fingerprint() == fingerprint()
    changed = {fingerprint("y"), fingerprint(array=HR[::-1]), fingerprint(content=b"v")}
    assert len(changed | {fingerprint()}) == 4


def test_only_one_process_trains_in_a_folder_and_a_dead_one_does_not_block(tmp_path, capsys):
    hold = "import sys; from pathlib import Path; from srlib.training import state\n"
    hold += "with state.locked(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", hold, tmp_path],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout.readline() == b"held\n"
    killer = threading.Timer(1, holder.kill)
    killer.start()
    train_here(tmp_path, spec("residual"))
    assert f"process {holder.pid} is still training here; waiting" in capsys.readouterr().err
    assert holder.wait() != 0
    with state.locked(tmp_path):
        assert (tmp_path / ".lock").read_text().strip() == str(os.getpid())


HALF_WRITTEN = """
import os, signal, sys
from pathlib import Path
from srlib.files import replacing
with replacing(sys.argv[1]) as temporary:
    temporary.write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_half_written_is_removed(tmp_path):
    for name in ("state.pt", "history.csv", "weights.safetensors"):
        (tmp_path / name).write_bytes(b"whole")
        killed = subprocess.run([sys.executable, "-c", HALF_WRITTEN, str(tmp_path / name)], cwd=ROOT)
        assert killed.returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 6
    with state.locked(tmp_path):
        names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [".lock", "history.csv", "state.pt", "weights.safetensors"]
