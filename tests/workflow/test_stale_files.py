"""What is deleted, altered or forgotten of a finished run, and what then runs again: plans."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import yaml
from runs import SMALL, dry_run, plan
from stale import edited, retrained, since, without


def test_new_time_stamps_alone_run_nothing(finished):
    parts = ["Snakefile", "config.yaml", "environment.yaml", "rules", "srlib", "workflow_scripts", "report"]
    paths = [path for part in parts for path in [finished / part, *(finished / part).rglob("*")]]
    times = {path: path.stat() for path in paths}
    for path in paths:
        path.touch()
    assert plan(finished, *SMALL) == {}
    for path, before in times.items():
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_picture_deleted_inside_a_folder_runs_nothing_by_itself(finished):
    picture = next((finished / "results/demo/hr/test").glob("*.png"))
    content = picture.read_bytes()
    picture.unlink()
    assert plan(finished, *SMALL) == {}  # its readers name it: test_demo.py
    picture.write_bytes(content)


def test_an_altered_manifest_runs_what_reads_it(finished):
    manifest = finished / "results/demo/lr/down4_up2/test.manifest.csv"
    with edited(manifest, lambda text: text.replace(",", ", ", 1)):
        assert plan(finished, *SMALL) == since("infer", infer=1, score=1, write_card=1)


DELETED = {
    "models/vdsr/seed0/weights.safetensors": retrained(1),
    "models/vdsr/seed0/history.csv": retrained(1),
    "models/vdsr/seed0/sr": since("infer", infer=1, score=1, write_card=1),
    "tests.csv": since("summarise"),
    "subgroups.csv": since("summarise_subgroups"),
    "models/vdsr/seed0/model.md": since("write_card", write_card=1),
}


@pytest.mark.parametrize("name", DELETED)
def test_what_is_deleted_is_made_again(finished, name):
    with without(finished / "results/demo" / name):
        assert plan(finished, *SMALL) == DELETED[name]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("raw/images_001", "extract"),
        ("hr/test", "resize"),
        ("hr/test.sizes.csv", "resize"),
        ("lr/down4/test", "degrade"),
    ],
)
def test_what_is_deleted_early_in_the_chain_is_made_again(finished, name, rule):
    with without(finished / "results/demo" / name):
        assert plan(finished, *SMALL)[rule] >= 1


@contextmanager
def lost_metadata(folder: Path) -> Iterator[None]:
    with without(folder / ".snakemake"):
        try:
            yield
        finally:
            shutil.rmtree(folder / ".snakemake", ignore_errors=True)


def test_lost_metadata_runs_nothing(finished):
    with lost_metadata(finished):
        assert plan(finished, *SMALL) == {}


@pytest.mark.parametrize(
    ("overlay", "named"),
    [
        ({"training": {"epochs": 2}}, "vdsr/seed0/weights.safetensors: epochs 1, not 2"),
        ({"dataset": {"size": 192}}, "hr/test.manifest.csv: size 176, not 192"),
        ({"dataset": {"seed": 1}}, "split.csv: seed 0, not 1"),
        ({"dataset": {"test": 3}}, "split.csv: test 4, not 3"),
        ({"dataset": {"train": 9}}, "release/labels.csv: images 14, not 15"),
        (
            {"models": {"bicubic": {"network": "lanczos"}}},
            'sr.manifest.csv: network "bicubic", not "lanczos"',
        ),
        ({"models": {"bicubic": {"label": "Keys"}}}, 'table.csv: label "Bicubic", not "Keys"'),
        ({"reference": "srgan"}, 'figures/comparison.png: reference "VDSR", not "SRGAN"'),
    ],
)
def test_with_lost_metadata_other_settings_are_refused_with_the_remedy(finished, overlay, named):
    (finished / "overlay.yaml").write_text(yaml.safe_dump(overlay))
    with lost_metadata(finished):
        succeeded, said = dry_run(finished, *SMALL, "overlay.yaml")
        assert not succeeded
        assert named in said
        assert "Traceback (most" not in said
        remedy = re.search(r"To have them made anew: rm (.*)", said)[1].split()
        with ExitStack() as stack:
            for path in remedy:
                stack.enter_context(without(finished / path))
            assert plan(finished, *SMALL, "overlay.yaml")
