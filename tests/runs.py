"""Running the workflow in a folder of its own, as a user would."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from itertools import dropwhile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PARTS = [
    "Snakefile",
    "environment.yaml",
    "config.yaml",
    "config",
    "profiles",
    "report",
    "rules",
    "schemas",
    "srlib",
    "workflow_scripts",
]
# The demo with one epoch on fewer images, its networks as jobs for a GPU: all happens, nothing takes long.
SMALL = ["--configfile", "config/demo.yaml", "config/small.yaml"]
SMALL_CONFIG = """\
device: auto
dataset: {train: 8, test: 4, validation: 2, size: 176}
training: {epochs: 1, batch: 4, crop: 64}
"""


def copy_workflow(folder: Path) -> Path:
    """The workflow's files, as a fresh clone has them, in a folder of their own."""
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / part)
    (folder / "config" / "small.yaml").write_text(SMALL_CONFIG)
    return folder


def snakemake(folder: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
    """Run snakemake on two cores in a folder; stdout holds everything that it prints."""
    environment = os.environ | {"MPLBACKEND": "Agg", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2", *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if check:
        assert done.returncode == 0, done.stdout[-5000:]
    return done


_PLANNER = """
import json, os, sys
import snakemake.cli  # once: it takes longer than a plan
for line in sys.stdin:
    folder, output, arguments = json.loads(line)
    child = os.fork()
    if not child:
        os.chdir(folder)
        file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, 1)
        os.dup2(file, 2)
        sys.argv = ["snakemake", *arguments]
        snakemake.cli.main(arguments)
    print(os.waitpid(child, 0)[1], flush=True)
"""


@cache
def _planner() -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-B", "-c", _PLANNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def dry_run(folder: Path, *arguments: str) -> tuple[bool, str]:
    """Whether `snakemake -n` succeeds in a folder, and what it prints. Quick for many plans."""
    output = folder / f"plan-{os.getpid()}.txt"  # a worker's own: they share a folder
    planner = _planner()
    planner.stdin.write(json.dumps([str(folder), str(output), ["--cores", "2", "-n", *arguments]]) + "\n")
    planner.stdin.flush()
    return planner.stdout.readline() == "0\n", output.read_text()


def plan(folder: Path, *arguments: str) -> dict[str, int]:
    """Jobs by rule that `snakemake -n` plans in a folder."""
    succeeded, output = dry_run(folder, *arguments)
    assert succeeded, output[-5000:]
    return planned(output)


def planned(output: str) -> dict[str, int]:
    """Jobs by rule from the table that `snakemake -n` prints; empty where nothing is to be done."""
    jobs = re.findall(r"^([a-z_0-9]+) +(\d+)$", output, flags=re.MULTILINE)
    return {rule: int(count) for rule, count in jobs if rule != "total"}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(dropwhile(lambda line: line.startswith("# "), file)))
