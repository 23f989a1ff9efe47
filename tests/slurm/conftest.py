"""A real SLURM cluster of one node, for as long as the tests run."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster import SCRIPT, start_cluster

DAEMONS = ["munged", "mariadbd", "slurmdbd", "slurmctld", "slurmd", "sbatch"]
SEARCH = f"{os.environ['PATH']}:/usr/sbin:/sbin"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = [name for name in DAEMONS if not shutil.which(name, path=SEARCH)]
    reason = "SLURM's daemons need root" if os.geteuid() else f"not installed: {', '.join(missing)}"
    if os.geteuid() or missing:
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def cluster() -> Iterator[Path]:
    """The folder of a running cluster with 8 CPUs and one GPU on its books; its commands are on PATH."""
    folder = Path(tempfile.mkdtemp(prefix="slurm"))  # a short path: sockets are in it
    start_cluster(folder)
    path = os.environ["PATH"]
    os.environ["PATH"] = f"{folder / 'bin'}:{path}"
    yield folder
    subprocess.run([SCRIPT, "stop", folder], check=True)
    os.environ["PATH"] = path
    shutil.rmtree(folder, ignore_errors=True)
