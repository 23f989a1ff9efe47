"""A copy of the workflow to run in, and one demo run that the tests share."""

import shutil
from pathlib import Path

import pytest
from runs import SMALL, copy_workflow, snakemake


@pytest.fixture
def workflow(tmp_path: Path) -> Path:
    return copy_workflow(tmp_path)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the workflow and its finished demo run in results/demo. Leave it as it is."""
    folder = copy_workflow(tmp_path_factory.mktemp("demo"))
    snakemake(folder, *SMALL)
    return folder


@pytest.fixture
def demo_copy(demo: Path, tmp_path: Path) -> Path:
    """A copy of the finished demo run, to break and to edit."""
    folder = tmp_path / "copy"
    shutil.copytree(demo, folder, symlinks=True)
    return folder
