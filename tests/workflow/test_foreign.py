"""Networks of other projects in a run: as they are, and trained further."""

import re

import pytest
import yaml
from restoring import random_pixels
from runs import SMALL, dry_run, plan, rows, snakemake

from srlib.data.images import encode_png
from srlib.networks.header import header

pytest.importorskip("spandrel")
from foreign import compact, written

MINE = [*SMALL, "mine.yaml"]
TRAINING = {
    "network": "spandrel",
    "lr": "small",
    "objective": "l1",
    "optimizer": {"name": "adam", "learning_rate": 1e-4},
    "schedule": "constant",
}


@pytest.fixture
def foreign(workflow):
    """A config with a network of another project's file: as it is, trained further, and further again."""
    written(workflow / "x.pth", compact())
    (workflow / "own").mkdir()
    (workflow / "own" / "a.png").write_bytes(encode_png(random_pixels((21, 30))))
    models = dict.fromkeys(["lanczos", "linear", "vdsr", "srgan", "hybrid"]) | {
        "plain": {"network": "spandrel", "arguments": {"file": "x.pth"}, "lr": "small"},
        "tuned": TRAINING | {"initial": "x.pth"},
        "again": TRAINING | {"initial": {"model": "tuned"}},
    }
    config = {
        "models": models,
        "reference": "bicubic",
        "dataset": {"train": 4, "test": 2, "validation": 1},
        "restore": {"pictures": "own", "model": "plain"},
    }
    (workflow / "mine.yaml").write_text(yaml.safe_dump(config))
    return workflow


def test_it_is_planned_with_its_file_as_an_input(foreign):
    jobs = plan(foreign, *MINE)
    assert (jobs["train"], jobs["infer"], jobs["restore"]) == (2, 4, 1)
    for rule in ("train", "infer", "restore"):
        file = foreign / "rules" / f"{rule}.smk"
        file.write_text(re.sub(r" +message:\n.*\n", "", file.read_text()))  # a plan says all of it then
    _, said = dry_run(foreign, *MINE)
    found = re.findall(r"rule (train|infer|restore):\n +input: (.*)\n +output: \S+?/models/(\w+)/", said)
    last = {(rule, model): files.split(", ")[-1] for rule, files, model in found}
    assert last[("train", "tuned")] == last[("infer", "plain")] == last[("restore", "plain")] == "x.pth"
    weights = "results/demo/models/{}/seed0/weights.safetensors".format
    assert last[("train", "again")] == last[("infer", "tuned")] == weights("tuned")
    assert last[("infer", "again")] == weights("again")
    assert len(re.findall(r"resources: .*\bgpu=1\b", said)) == 6  # all but the interpolation


def test_it_trains_and_restores(foreign):
    models = "results/demo/models"
    wanted = [f"{models}/again/seed0/scores.csv", f"{models}/tuned/seed0/model.md"]
    wanted += [f"{models}/plain/seed0/{name}" for name in ("scores.csv", "restored.csv")]
    snakemake(foreign, *wanted, *MINE)
    assert header(foreign / models / "again/seed0/weights.safetensors")["arguments"] == {"scale": 4}
    assert "starts from x.pth (sha256 " in (foreign / models / "tuned/seed0/model.md").read_text()
    psnr = {
        model: [float(row["psnr"]) for row in rows(foreign / models / model / "seed0/scores.csv")]
        for model in ("plain", "tuned", "again")
    }
    assert sum(psnr["plain"]) < sum(psnr["tuned"]) < sum(psnr["again"])
    assert (foreign / models / "plain/seed0/restored/a.png").exists()
    assert "restore" not in plan(foreign, *wanted, *MINE)
