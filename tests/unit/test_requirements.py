"""The places that name packages agree, and make installs from them what is asked for."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
OPTIONAL = [requirement for extra in EXTRAS.values() for requirement in extra]
FIRST, BEYOND = (tuple(map(int, bound)) for bound in re.findall(r"(\d+)\.(\d+)", PROJECT["requires-python"]))


def pins(file: str) -> dict[str, list[str]]:
    """Versions of each package; more than one where Pythons differ, the newer Pythons' last."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(
        r"^([a-z0-9-]+)==([^ ;\n]+)", (ROOT / file).read_text(), flags=re.MULTILINE
    ):
        found.setdefault(name, []).append(version)
    return found


USERS, DEVELOPERS = pins("requirements.txt"), pins("requirements-dev.txt")


def names(requirements: list[str]) -> set[str]:
    return {re.match(r"[a-z0-9-]+", requirement)[0] for requirement in requirements}


def test_everything_declared_is_pinned():
    assert names(PROJECT["dependencies"]) <= set(USERS)
    assert set(EXTRAS) == {"dev", "onnx", "slurm", "spandrel", "tensorboard"}
    assert names(OPTIONAL) <= set(DEVELOPERS)


def test_users_get_what_developers_tested_and_nothing_that_only_developers_need():
    assert USERS.items() <= DEVELOPERS.items()
    assert not names(OPTIONAL) & set(USERS)


def test_torch_brings_its_own_cuda():
    assert [name for name in DEVELOPERS if re.match("nvidia|cuda|triton", name)] == []


def test_the_conda_environment_has_the_tested_versions():
    environment = yaml.safe_load((ROOT / "environment.yaml").read_text())
    packages = next(entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    assert names(packages) == names(PROJECT["dependencies"])
    assert dict(package.split("==") for package in packages) == {
        name: USERS[name][-1] for name in names(packages)
    }


def test_ranges_admit_the_oldest_torch_supported():
    assert {"torch>=2.11", "torchvision>=0.26"} <= set(PROJECT["dependencies"])


def make(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """Run make in a folder that holds the Makefile and the requirements alone."""
    for file in [ROOT / "Makefile", *ROOT.glob("requirements*.txt")]:
        shutil.copy(file, folder)
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "XDG"))} | environment,
        capture_output=True,
        text=True,
    )


def installs(folder: Path, *arguments: str) -> str:
    """The pip commands that make would run."""
    return "\n".join(re.findall(r".*pip install.*", make(folder, "--dry-run", *arguments).stdout))


def test_make_installs_for_developers_only_where_they_test(tmp_path):
    assert "requirements-dev.txt" not in installs(tmp_path, "demo")
    assert "requirements-dev.txt" in installs(tmp_path, "test")
    assert "download.pytorch.org" not in installs(tmp_path, "demo")
    assert "--extra-index-url https://download.pytorch.org/whl/cpu" in installs(tmp_path, "demo", "TORCH=cpu")


@pytest.mark.parametrize("version", [(FIRST[0], FIRST[1] - 1), BEYOND])
def test_make_names_the_pythons_that_it_needs(tmp_path, version):
    python = tmp_path / "python"
    python.write_text(f"#!{sys.executable}\nimport sys\nsys.version_info = {version}\nexec(sys.argv[2])\n")
    python.chmod(0o755)
    done = make(tmp_path, "demo", f"PYTHON={python}")
    assert done.returncode != 0
    assert "Python 3.11, 3.12 or 3.13 is needed" in done.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize(("home", "cache"), [("/dev/null/none", "{folder}/.snakemake/cache"), ("/tmp", "")])
def test_a_home_that_cannot_be_written_is_not_needed(tmp_path, home, cache):
    said = make(tmp_path, "--eval", "show: ; @echo [$$XDG_CACHE_HOME]", "show", HOME=home).stdout
    assert said.strip() == f"[{cache.format(folder=tmp_path)}]"
