"""docs/extending.md, followed to the letter in a copy of the tree, with a finished run where there is one."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from runs import ROOT, SMALL, plan, rows, snakemake

PAGE = (ROOT / "docs/extending.md").read_text()
STEP = re.compile(
    r"(new file|new entry in|at the end of|last in the table `(\w+)` of) `([^`]+)`:\n\n```\w+\n(.*?)^```",
    re.DOTALL | re.IGNORECASE | re.MULTILINE,
)
# What comes before models, and before scores.
PICTURES = {"make_phantom_labels", "make_phantom_archive", "sample", "extract", "resize", "degrade"}


def follow(folder: Path, kind: str) -> None:
    """Do what the section of this kind says; config entries go into mine.yaml."""
    section = PAGE.split(f"\n## {kind}\n")[1].split("\n## ")[0]
    steps = STEP.findall(section)
    assert len(steps) == section.count("```") / 2
    for where, table, file, text in steps:
        path = folder / ("mine.yaml" if "entry" in where else file)
        before = path.read_text() if path.exists() else ""
        if where.lower().startswith("new"):
            assert not before
            after = text
        elif table:
            end = before.index("\n}", before.index(f"\n{table} = {{")) + 1
            after = before[:end] + text + before[end:]
        else:
            after = f"{before}\n\n{text}"
        path.write_text(after)


def new_jobs(folder: Path) -> dict[str, int]:
    mine = ["mine.yaml"] if (folder / "mine.yaml").exists() else []
    return plan(folder, *SMALL, *mine)


def passing(folder: Path, file: str, name: str) -> int:
    """How many of the project's tests of a kind take up the new one by themselves; all of them pass."""
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        f"tests/unit/{file}",
        "-k",
        name,
    ]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
    return int(re.search(r"(\d+) passed", done.stdout)[1])


@pytest.mark.parametrize(
    ("kind", "tests", "name"),
    [
        ("A model", "networks/test_networks.py", "mynet"),
        ("An objective", "objectives/test_objectives.py", "charbonnier"),
    ],
)
def test_a_model_or_an_objective_trains_alone(demo_copy, kind, tests, name):
    follow(demo_copy, kind)
    jobs = new_jobs(demo_copy)
    assert (jobs["train"], jobs["infer"], jobs["score"], jobs["summarise"]) == (1, 1, 1, 1)
    assert not jobs.keys() & PICTURES
    assert passing(demo_copy, tests, name) >= 2


def test_a_metric_scores_anew_and_makes_no_picture(demo_copy):
    follow(demo_copy, "A metric")
    jobs, runs = new_jobs(demo_copy), len(list(demo_copy.glob("results/demo/models/*/*/scores.csv")))
    assert (jobs["score"], jobs["summarise"], jobs["build_viewer"]) == (runs, 1, 1)
    assert not jobs.keys() & (PICTURES | {"train", "infer"})
    assert passing(demo_copy, "evaluation/test_metrics.py", "mae") >= 2


def test_a_figure_is_drawn_alone(demo_copy):
    follow(demo_copy, "A figure")
    assert new_jobs(demo_copy) == {"draw_ranks": 1, "all": 1}
    snakemake(demo_copy, *SMALL)
    with Image.open(demo_copy / "results/demo/figures/ranks.png") as image:
        assert image.width > 600
    assert passing(demo_copy, "figures/test_figures.py", "ranks") >= 1


def test_a_label_table_of_another_form_is_found_and_read(workflow):
    follow(workflow, "A data set")
    folder = workflow / "clinic"
    folder.mkdir()
    names = [f"{patient}/{picture}.png" for patient in "abcdefghij" for picture in range(2)]
    for i, name in enumerate(names):
        (folder / name).parent.mkdir(exist_ok=True)
        Image.fromarray(np.full((512, 512), i, np.uint8)).save(folder / name)
    table = [f"{name},{name[0]},pa,Mass;Effusion" for name in names]
    (folder / "table.csv").write_text("\n".join(["file,person,projection,diagnoses", *table]))
    (workflow / "mine.yaml").write_text(
        "dataset: {source: clinic, train: 4, test: 3, validation: 1, findings: [Mass]}"
    )
    snakemake(workflow, "sample", "--configfile", "mine.yaml")
    sampled = rows(workflow / "results/split.csv")
    assert {row["patient"] for row in sampled} <= set("abcdefghij")
    assert {(row["view"], row["findings"]) for row in sampled} == {("PA", "Mass|Effusion")}
    assert passing(workflow, "data/test_labels.py", "clinic") >= 1
