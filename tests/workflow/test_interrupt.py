"""Runs that are interrupted or killed at random moments, and the same command again."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from runs import SMALL, snakemake

COMMAND = [sys.executable, "-m", "snakemake", "--cores", "2", *SMALL]


def products(folder: Path) -> dict[str, bytes]:
    """The table and every model's weights."""
    results = folder / "results/demo"
    paths = [results / "table.csv", *sorted(results.glob("models/*/*/weights.safetensors"))]
    return {str(path.relative_to(results)): path.read_bytes() for path in paths}


def start(folder: Path) -> subprocess.Popen:
    environment = os.environ | {"MPLBACKEND": "Agg"}
    return subprocess.Popen(
        COMMAND,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def send(run: subprocess.Popen, number: signal.Signals) -> None:
    """Ctrl-C reaches all that runs in a terminal, another signal the process that it is sent to."""
    if number == signal.SIGINT:
        os.killpg(run.pid, number)
    else:
        run.send_signal(number)


@pytest.mark.parametrize("kill", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda kill: kill.name)
def test_the_same_command_completes_an_interrupted_run_with_the_same_bytes(workflow, demo, kill):
    seed = random.randrange(1000)
    print("random moments drawn with seed", seed)  # shown if the test fails
    moments = random.Random(seed)
    for _ in range(2):
        run = start(workflow)
        time.sleep(moments.uniform(3, 25))
        send(run, kill)
        run.wait(timeout=120)
    snakemake(workflow, *SMALL)  # while jobs of the killed runs may still be at work
    assert products(workflow) == products(demo)


# Snakemake, which is sent SIGTERM while its main thread holds the lock that the handler waits for.
TERMINATED = """
import os, signal, sys
from snakemake import cli
from snakemake.scheduling.job_scheduler import JobScheduler
finish = JobScheduler._finish_jobs
def interrupted(self):
    assert self._lock.locked()
    os.kill(os.getpid(), signal.SIGTERM)
    finish(self)
JobScheduler._finish_jobs = interrupted
cli.main(sys.argv[1:])
"""


def test_sigterm_ends_a_run_whatever_it_is_at(workflow):
    run = subprocess.run(
        [sys.executable, "-c", TERMINATED, "--cores", "2", *SMALL],
        cwd=workflow,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    assert run.returncode != 0
    assert "Will exit after finishing currently running jobs" in run.stdout
    assert not (workflow / "results/demo/table.csv").exists()


def test_a_second_run_beside_the_first_is_refused(workflow):
    run = start(workflow)
    lock = workflow / "results/demo/.lock"
    for _ in range(600):
        if lock.exists() and lock.read_text():
            break
        time.sleep(0.2)
    second = snakemake(workflow, *SMALL, check=False)
    run.send_signal(signal.SIGTERM)
    run.wait(timeout=120)
    assert second.returncode != 0
    assert f"process {run.pid} is running this workflow here" in second.stdout
    assert "Traceback" not in second.stdout
