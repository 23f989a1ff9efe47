"""The demo on a real SLURM cluster: GPU jobs in turn, and what happens when the cluster misbehaves."""

import datetime
import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cluster import start_cluster
from runs import SMALL, planned, snakemake

RUN = [
    "--workflow-profile", "profiles/slurm",
    *SMALL,
    # Status is asked for early and often, since the jobs are short.
    "--slurm-init-seconds-before-status-checks", "2",
    "--seconds-between-status-checks", "2",
    "--latency-wait", "10",
]  # fmt: skip

# Two models' alone, so that the cluster's faults take most of the time and not the jobs.
SCORES = [f"results/demo/models/{model}/seed0/scores.csv" for model in ("vdsr", "srgan")]


def accounts(*fields: str) -> list[list[str]]:
    """What SLURM has written down of each job."""
    command = ["sacct", "-X", "-n", "-P", "-S", "now-1hours", "-o", ",".join(fields)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return [line.split("|") for line in lines]


def table(folder: Path) -> bytes:
    return (folder / "results/demo/table.csv").read_bytes()


@pytest.fixture
def submitted(cluster: Path, workflow: Path):
    """A run for SCORES in the background, as Popen; ended with the test."""
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *SCORES, *RUN]
    with (workflow / "run.log").open("w") as log:
        run = subprocess.Popen(command, cwd=workflow, stdout=log, stderr=subprocess.STDOUT)
    yield run
    if run.poll() is None:
        run.send_signal(signal.SIGINT)
    run.wait(timeout=120)


def wait_for(rule: str, state: str = "RUNNING", seconds: int = 600) -> str:
    """The number of a SLURM job of this rule, once there is one in this state."""
    command = ["squeue", "-h", "-t", "all", "-o", "%A|%T|%k"]  # accounts name the rule at the end only
    for _ in range(seconds):
        for line in subprocess.run(command, capture_output=True, text=True).stdout.splitlines():
            job, now, comment = line.split("|", 2)
            if rule in comment and now == state:
                return job
        time.sleep(1)
    raise AssertionError(f"no job of {rule} came to be {state}")


def test_the_whole_demo_runs_through_sbatch_with_gpu_jobs_in_turn(cluster, workflow, demo):
    snakemake(workflow, *RUN)
    assert table(workflow) == table(demo)
    assert planned(snakemake(workflow, *RUN, "-n").stdout) == {}
    jobs = accounts("Comment", "State", "Start", "End", "ReqTRES")
    assert {state for _, state, *_ in jobs} == {"COMPLETED"}
    spans = sorted(
        (datetime.datetime.fromisoformat(start), datetime.datetime.fromisoformat(end))
        for _, _, start, end, requested in jobs
        if "gres/gpu=1" in requested
    )
    assert len(spans) == 6  # three models trained, three used
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))


def test_a_training_whose_time_is_nearly_over_saves_its_state_and_is_resumed(cluster, workflow):
    small = workflow / "config/small.yaml"
    small.write_text(small.read_text().replace("epochs: 1", "epochs: 2000"))
    target = "results/demo/models/vdsr/seed0/weights.safetensors"
    command = [sys.executable, "-m", "snakemake", target, "--cores", "2", *RUN]
    log = workflow / "results/demo/logs/train/vdsr/seed0.log"
    with (workflow / "run.log").open("w") as output:
        run = subprocess.Popen(command, cwd=workflow, stdout=output, stderr=subprocess.STDOUT)
    try:
        job = wait_for("rule_train")
        wait_until_logged(log, "epoch 2/")
        limit = ["scontrol", "update", f"JobId={job}", "TimeLimit=3"]  # minutes; the signal comes after one
        subprocess.run(limit, check=True)
        wait_until_logged(log, "state.pt: training resumes in epoch")
    finally:
        run.send_signal(signal.SIGINT)
        run.wait(timeout=120)
        subprocess.run(["scancel", "--user", str(os.getuid())], check=True)


def wait_until_logged(log: Path, words: str, seconds: int = 300) -> None:
    for _ in range(2 * seconds):
        if log.exists() and words in log.read_text():
            return
        time.sleep(0.5)
    raise AssertionError(f"{log}: never said {words!r}")


def freeze(job: str) -> None:
    """Stop a job's processes in mid-step, so that it outlasts a time limit of a minute."""
    subprocess.run(["scontrol", "update", f"JobId={job}", "TimeLimit=1"], check=True)
    for _ in range(60):  # a job that has just started has no processes yet
        listed = subprocess.run(["scontrol", "listpids", job], capture_output=True, text=True).stdout
        if lines := listed.splitlines()[1:]:
            break
        time.sleep(0.5)
    for line in lines:
        os.kill(int(line.split()[0]), signal.SIGSTOP)


def wait_until_saved(seconds: int = 300) -> None:
    """Wait until no job has changed for eight seconds; the controller writes its state to disk within five.

    From an older one it loses a job, which Snakemake awaits for ever, or starts it twice and drains the node.
    """
    command = ["squeue", "-h", "-t", "all", "-o", "%A|%T"]
    seen, quiet = "", 0
    for _ in range(seconds):
        time.sleep(1)
        jobs = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        seen, quiet = jobs, quiet + 1 if jobs == seen else 0
        if quiet == 8:
            return
    raise AssertionError(f"jobs went on changing for {seconds} seconds")


def restart_controller(cluster: Path) -> None:
    """Kill the controller without warning; bring it back after some of its clients have missed it."""
    wait_until_saved()
    os.kill(int((cluster / "run/slurmctld.pid").read_text()), signal.SIGKILL)
    time.sleep(8)
    start_cluster(cluster)


def test_a_run_survives_a_cancelled_job_a_time_limit_and_a_restarted_controller(
    cluster, submitted, workflow, demo
):
    subprocess.run(["scancel", wait_for("rule_train")], check=True)
    freeze(wait_for("rule_train"))  # the same model's again, or the next one's
    wait_for("rule_train", "TIMEOUT")
    restart_controller(cluster)
    submitted.wait(timeout=1200)
    snakemake(workflow, *SCORES, *RUN)  # what the cluster took too often is done now
    assert [(workflow / path).read_bytes() for path in SCORES] == [
        (demo / path).read_bytes() for path in SCORES
    ]
    assert {"CANCELLED", "TIMEOUT"} <= {state.split()[0] for (state,) in accounts("State")}
