"""`pip install .` gives the command, with all files of the library."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The project installed into a folder of its own, from a copy, since building writes into the source."""
    folder = tmp_path_factory.mktemp("install")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "srlib", folder / "srlib", ignore=shutil.ignore_patterns("__pycache__"))
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "--quiet"]
    pip = [sys.executable, "-m", "pip", "install", *options]
    subprocess.run([*pip, "--target", folder / "site", folder], check=True)
    return folder / "site"


def test_every_file_of_the_library_is_there(installed):
    files = [path for path in (ROOT / "srlib").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert any(path.suffix == ".html" for path in files)
    assert [path for path in files if not (installed / path.relative_to(ROOT)).is_file()] == []


def test_the_command_runs_from_there(installed, tmp_path):
    done = subprocess.run(
        [sys.executable, installed / "bin" / "cxr-sr", "restore", "--help"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "usage: cxr-sr restore" in done.stdout
    assert "cxr-sr restore --weights" in done.stdout.partition("examples:")[2]
