"""Signals that a training is sent: it saves its state and ends; started again, it ends with the same bits."""

import csv
import itertools
import math
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from srlib import specs
from srlib.objectives.pixelwise import Pixelwise
from srlib.specs.train import Loop, Optimizer, TrainSpec
from srlib.training import interrupt, train

ROOT = Path(__file__).parents[3]
LR, HR = np.random.default_rng(0).integers(0, 256, (2, 6, 32, 32), np.uint8)
SPEC = TrainSpec(
    network="vdsr",
    arguments={},
    lr="down4_up4",
    scale=1,
    objective="residual",
    settings={},
    optimizer=Optimizer("adam", 1e-4),
    schedule="one_cycle",
    training=Loop(epochs=12, batch=2, crop=16, deterministic=False, tensorboard=False, threads=1),
)
# A job as the workflow has it: its state would be saved after five minutes only. Says when steps begin.
SCRIPT = """
import sys
from types import SimpleNamespace
import numpy as np
from srlib import specs
from srlib.specs.train import TrainSpec
from srlib.jobs import job
from srlib.training import data, train

batches = data.batches
data.batches = lambda *arguments: print("steps", flush=True) or batches(*arguments)
folder = sys.argv[2]
task = {"input": [], "output": [folder + "/weights.safetensors"], "params": {}, "wildcards": {}, "threads": 1}
with job(SimpleNamespace(log=[folder + "/log"], **task)):
    lr, hr = np.random.default_rng(0).integers(0, 256, (2, 6, 32, 32), np.uint8)
    train(specs.from_json(TrainSpec, sys.argv[1]), lr, hr, folder=folder, seed=0, device="cpu")
"""


def start(folder, **options):
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, specs.to_json(SPEC), folder],
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def train_here(folder):
    threads = torch.get_num_threads()
    try:
        train(SPEC, LR, HR, folder=folder, seed=0, device="cpu")
    finally:
        torch.set_num_threads(threads)
    return (folder / "weights.safetensors").read_bytes()


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return train_here(tmp_path_factory.mktemp("undisturbed"))


@pytest.mark.parametrize(
    "signals, codes",
    [
        ([signal.SIGINT], {130}),
        ([signal.SIGTERM], {143}),
        # impatience; a scheduler that signals a group whose head forwards it
        ([signal.SIGINT, signal.SIGINT, signal.SIGTERM, signal.SIGUSR1], {130}),
        ([signal.SIGTERM, signal.SIGINT, signal.SIGTERM], {130, 143}),
    ],
    ids=lambda value: "+".join(s.name for s in value) if isinstance(value, list) else "",
)
def test_a_training_that_is_told_to_end_saves_its_state_first(signals, codes, tmp_path, expected, capsys):
    run = start(tmp_path)
    for _ in range(random.randrange(1, 6)):
        run.stdout.readline()
    for number in signals:
        run.send_signal(number)
    _, said = run.communicate(timeout=60)
    assert run.returncode in codes
    assert f": {tmp_path}/state.pt holds the state after epoch" in said
    assert "Traceback" not in said
    assert said.splitlines()[-1] in (tmp_path / "log").read_text()
    assert not (tmp_path / "weights.safetensors").exists()
    assert train_here(tmp_path) == expected
    assert "training resumes in epoch" in capsys.readouterr().err


def test_an_epoch_that_was_stopped_behind_its_last_step_has_no_speed(tmp_path, expected, monkeypatch):
    step, numbers = Pixelwise.step, itertools.count(1)

    def stopped(objective, batch):
        if next(numbers) == 3:  # of three
            os.kill(os.getpid(), signal.SIGINT)
        return step(objective, batch)

    monkeypatch.setattr(Pixelwise, "step", stopped)
    with pytest.raises(KeyboardInterrupt):
        train_here(tmp_path)
    assert train_here(tmp_path) == expected
    with (tmp_path / "history.csv").open() as file:
        speeds = [float(row["images_per_second"]) for row in csv.DictReader(file)]
    assert math.isnan(speeds[0])
    assert all(speed > 0 for speed in speeds[1:])


def test_a_signal_that_the_process_ignores_stays_ignored(tmp_path, expected):
    """nohup ignores SIGHUP, a shell's background job SIGINT."""
    run = start(tmp_path, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    run.stdout.readline()
    run.send_signal(signal.SIGHUP)
    _, said = run.communicate(timeout=60)
    assert run.returncode == 0, said
    assert (tmp_path / "weights.safetensors").read_bytes() == expected


def test_handlers_are_given_back_and_signals_told_in_their_order():
    before = [signal.getsignal(number) for number in interrupt.SIGNALS]
    with interrupt.heard() as came:
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
    assert came == [signal.SIGTERM, signal.SIGINT]
    assert [signal.getsignal(number) for number in interrupt.SIGNALS] == before


def test_another_thread_than_the_main_one_can_train(tmp_path, expected):
    made = []
    thread = threading.Thread(target=lambda: made.append(train_here(tmp_path)))
    thread.start()
    thread.join()
    assert made == [expected]
