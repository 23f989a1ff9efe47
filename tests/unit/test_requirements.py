"""The three places that name packages agree."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PINS = dict(
    re.findall(r"^([a-z0-9-]+)==([^ ;\n]+)", (ROOT / "requirements.txt").read_text(), flags=re.MULTILINE)
)


def name(requirement: str) -> str:
    return re.match(r"[a-z0-9-]+", requirement)[0]


def test_everything_declared_is_pinned():
    declared = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]
    assert declared
    assert {name(requirement) for requirement in declared} <= set(PINS)


def test_the_conda_environment_has_the_tested_versions():
    environment = yaml.safe_load((ROOT / "environment.yaml").read_text())
    packages = next(entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    assert {name(package) for package in packages} == {name(package) for package in PROJECT["dependencies"]}
    # where a version differs by Python version, the last pin is the one for the newer Pythons
    assert dict(package.split("==") for package in packages).items() <= PINS.items()


def test_ranges_admit_the_oldest_torch_supported():
    assert {"torch>=2.11", "torchvision>=0.26"} <= set(PROJECT["dependencies"])
