"""A copy of the workflow to run in, and one demo run that the tests share."""

import os
import shutil
from pathlib import Path

import pytest
from runs import SMALL, copy_workflow, snakemake

from srlib import lock


@pytest.fixture
def workflow(tmp_path: Path) -> Path:
    return copy_workflow(tmp_path)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the workflow and its finished demo run in results/demo. Leave it as it is.

    Workers of pytest-xdist share it: the first to ask makes it, the others wait.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "demo"
    with lock.acquire(shared / "demo.lock", "running the demo", wait=True):
        if not folder.exists():
            making = shared / "making"
            making.mkdir()
            snakemake(copy_workflow(making), *SMALL)
            making.rename(folder)
    return folder


@pytest.fixture
def demo_copy(demo: Path, tmp_path: Path) -> Path:
    """A copy of the finished demo run, to break and to edit."""
    folder = tmp_path / "copy"
    shutil.copytree(demo, folder, symlinks=True)
    return folder
