"""States that are finished, odd, or cannot be written; what decides that a state fits."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from srlib import specs
from srlib.networks import weights
from srlib.objectives import residual
from srlib.specs.train import TrainSpec
from srlib.training import state, train

ROOT = Path(__file__).parents[3]
LR, HR = np.random.default_rng(0).integers(0, 256, (2, 6, 32, 32), np.uint8)
TRAINING = {"epochs": 2, "batch": 4, "crop": 16, "deterministic": False, "tensorboard": False}


def spec(**changes):
    values = {
        "network": "vdsr",
        "arguments": {},
        "lr": "down4_up4",
        "scale": 1,
        "objective": "residual",
        "settings": {},
        "optimizer": {"name": "muon", "learning_rate": 1e-4},
        "schedule": "one_cycle",
        "training": TRAINING,
    }
    return specs.build(TrainSpec, values | changes)


def train_here(folder, settings=None, lr=LR, **more):
    train(settings or spec(), lr, HR, folder=folder, **({"seed": 0, "device": "cpu"} | more))


@pytest.fixture
def steps(monkeypatch):
    """The losses that were computed: one entry per step."""
    done, loss = [], residual.loss
    monkeypatch.setattr(residual, "loss", lambda sr, hr: done.append(1) or loss(sr, hr))
    return done


def products(folder):
    return [(folder / name).read_bytes() for name in ("weights.safetensors", "history.csv")]


def test_a_finished_training_is_not_done_again_though_its_results_were_deleted(tmp_path, steps, capsys):
    """Snakemake deletes the outputs of a job before it runs it, also where only a time stamp has changed."""
    train_here(tmp_path)
    before = products(tmp_path)
    for name in ("weights.safetensors", "history.csv"):
        (tmp_path / name).unlink()
    steps.clear()
    train_here(tmp_path)
    assert products(tmp_path) == before
    assert not steps
    assert "is finished and its weights are used; delete it to train again" in capsys.readouterr().err


def test_what_decides_nothing_on_a_cpu_trains_nothing(tmp_path, steps):
    pytest.importorskip("tensorboard")
    train_here(tmp_path)
    steps.clear()
    train_here(tmp_path, spec(training=TRAINING | {"deterministic": True, "tensorboard": True}))
    threads = torch.get_num_threads()
    train_here(tmp_path, spec(training=TRAINING | {"threads": threads}))
    assert not steps
    assert len(list((tmp_path / "tensorboard").iterdir())) == 2  # an epoch each


def test_weights_to_start_from_count_by_what_they_hold(tmp_path, steps):
    for seed in (0, 1):
        train_here(tmp_path / f"{seed}", seed=seed)
    steps.clear()
    start = tmp_path / "start.safetensors"
    for seed, trained in [(0, 4), (0, 0), (1, 4)]:
        start.write_bytes((tmp_path / f"{seed}" / "weights.safetensors").read_bytes())
        train_here(tmp_path / "tuned", spec(initial=str(start)), initial=start)
        assert len(steps) == trained
        steps.clear()
    moved = start.rename(tmp_path / "moved.safetensors")
    train_here(tmp_path / "tuned", spec(initial=str(moved)), initial=moved)
    assert not steps


@pytest.mark.parametrize("change", ["settings", "pictures", "validation", "threads", "seed"])
def test_a_finished_training_of_something_else_is_not_used(change, tmp_path, steps):
    train_here(tmp_path, validation=(LR[:2], HR[:2]))
    changes = {
        "settings": {"settings": spec(schedule="constant")},
        "pictures": {"lr": LR[::-1].copy()},
        "validation": {"validation": (LR[:1], HR[:1])},
        "threads": {"settings": spec(training=TRAINING | {"threads": torch.get_num_threads() + 1})},
        "seed": {"seed": 1},
    }[change]
    steps.clear()
    threads = torch.get_num_threads()
    train_here(tmp_path, **({"validation": (LR[:2], HR[:2])} | changes))
    torch.set_num_threads(threads)
    assert len(steps) == 4


def test_the_weights_say_how_they_were_made(tmp_path):
    threads = torch.get_num_threads()
    train_here(tmp_path, spec(training=TRAINING | {"threads": threads + 1}), seed=3)
    torch.set_num_threads(threads)
    run = weights.header(tmp_path / "weights.safetensors")["run"]
    assert (run["seed"], run["device"], run["threads"]) == (3, "cpu", threads + 1)


ON_ONE_CPU = """
import os, sys
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
sys.path.insert(0, sys.argv[2])
from test_training_state import TRAINING, spec, train_here
train_here(sys.argv[1], spec(training=TRAINING | {"threads": 2}))
"""


def test_a_fixed_number_of_threads_gives_the_same_bits_on_fewer_cpus(tmp_path):
    command = [sys.executable, "-c", ON_ONE_CPU, tmp_path / "one", Path(__file__).parent]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    subprocess.run(command, env=environment, check=True)
    threads = torch.get_num_threads()
    train_here(tmp_path / "all", spec(training=TRAINING | {"threads": 2}))
    torch.set_num_threads(threads)
    assert weights_of(tmp_path / "one") == weights_of(tmp_path / "all")


def interrupted(folder, settings=None):
    """A state as it is after the second of two steps of the first epoch, and its content."""
    save, kept = state.save, []

    class Killed(Exception):
        pass

    def dying(*arguments):
        save(*arguments)
        kept.append(1)
        if len(kept) == 2:
            raise Killed

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(state, "save", dying)
        train_here(folder, settings, save_seconds=0)
    return torch.load(folder / "state.pt", weights_only=True)


MUON, ADAM = 0, 1


def kept(saved, optimizer):
    return saved["learners"]["generator"]["optimizers"][optimizer]["state"]


ODD = {
    "a list": lambda saved: [1, 2],
    "no learners": lambda saved: saved.pop("learners"),
    "no position": lambda saved: saved.pop("position"),
    "another learner": lambda saved: saved["learners"].update(x=saved["learners"]["generator"]),
    "no such learner": lambda saved: saved["learners"].pop("generator"),
    "learners as list": lambda saved: saved.update(learners=[*saved["learners"].values()]),
    "no schedulers": lambda saved: saved["learners"]["generator"].pop("schedulers"),
    "a scheduler less": lambda saved: saved["learners"]["generator"]["schedulers"].pop(),
    "a scheduler's list as number": lambda saved: saved["learners"]["generator"]["schedulers"][0].update(
        base_lrs=1.0
    ),
    "an optimizer less": lambda saved: saved["learners"]["generator"]["optimizers"].pop(),
    "no momentum": lambda saved: kept(saved, MUON).clear(),
    "no moments": lambda saved: kept(saved, ADAM).clear(),
    "a moment less": lambda saved: kept(saved, ADAM)[0].pop("exp_avg"),
    "a moment of another shape": lambda saved: kept(saved, ADAM)[0].update(exp_avg=torch.zeros(3)),
    "a momentum of another shape": lambda saved: kept(saved, MUON)[0].update(momentum=torch.zeros(3)),
    "weights of another shape": lambda saved: saved["learners"]["generator"]["module"].update(
        {"residual.0.weight": torch.zeros(1)}
    ),
    "a weight that is not finite": lambda saved: saved["learners"]["generator"]["module"][
        "residual.0.bias"
    ].fill_(float("nan")),
    "a step too far": lambda saved: saved["position"].update(step=9),
    "an epoch as text": lambda saved: saved["position"].update(epoch="1"),
    "an epoch that needs a history": lambda saved: saved["position"].update(epoch=2),
    "terms of another shape": lambda saved: saved["position"].update(terms=torch.zeros(1)),
    "another row": lambda saved: saved["position"].update(epoch=2, rows=[{"epoch": 1}]),
    "one key more": lambda saved: saved["position"].update(more=1),
    "finished, but with all parts": lambda saved: saved["position"].update(epoch=3, rows=[{}, {}]),
}


@pytest.mark.parametrize("odd", ODD)
def test_a_state_with_odd_content_is_told_and_not_used(odd, tmp_path, capsys, undisturbed):
    saved = interrupted(tmp_path)
    result = ODD[odd](saved)
    torch.save(result if odd == "a list" else saved, tmp_path / "state.pt")
    train_here(tmp_path)
    said = capsys.readouterr().err
    assert "state.pt: " in said
    assert "not used; training starts anew" in said
    assert weights_of(tmp_path) == weights_of(undisturbed)


def test_the_state_itself_is_used(tmp_path, capsys, undisturbed):
    torch.save(interrupted(tmp_path), tmp_path / "state.pt")
    train_here(tmp_path)
    assert "training resumes in epoch 1, after step 2" in capsys.readouterr().err
    assert weights_of(tmp_path) == weights_of(undisturbed)


@pytest.mark.parametrize("name, momentum", [("adam", {}), ("sgd", {}), ("sgd", {"momentum": 0.5})])
@pytest.mark.parametrize("schedule", ["constant", "step", "one_cycle"])
def test_states_of_every_optimizer_and_schedule_are_used(name, momentum, schedule, tmp_path, capsys):
    settings = spec(optimizer={"name": name, "learning_rate": 1e-4} | momentum, schedule=schedule)
    interrupted(tmp_path, settings)
    train_here(tmp_path, settings)
    assert "training resumes in epoch 1, after step 2" in capsys.readouterr().err


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    train_here(folder)
    return folder


def weights_of(folder):
    return (folder / "weights.safetensors").read_bytes()


FULL = """
import resource, sys
sys.path.insert(0, sys.argv[2])
from test_training_state import train_here
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    train_here(sys.argv[1], save_seconds=0)
except OSError as error:
    print(error)
"""


def test_a_disk_that_is_full_leaves_the_old_state(tmp_path):
    """The kernel's own limit on file size stands for a full disk: a write fails half way."""
    interrupted(tmp_path)
    before = (tmp_path / "state.pt").read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", FULL, tmp_path, Path(__file__).parent],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert "File too large" in done.stdout
    assert "state.pt" in done.stdout
    assert (tmp_path / "state.pt").read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"state.pt", "history.csv", ".lock"}


def test_a_fault_that_is_no_full_disk_stays_what_it_is(tmp_path, monkeypatch):
    def broken(*_):
        raise RuntimeError("a bug")

    monkeypatch.setattr(torch, "save", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        train_here(tmp_path, save_seconds=0)
