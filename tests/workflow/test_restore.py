"""The workflow trains, then restores pictures of one's own."""

import re

import numpy as np
import pytest
import yaml
from PIL import Image
from restoring import random_pixels
from runs import SMALL, dry_run, plan, snakemake

from srlib.data.images import encode_png

OWN = [*SMALL, "own.yaml"]


def asks(folder, **restore):
    (folder / "own.yaml").write_text(yaml.safe_dump({"restore": restore}))


@pytest.fixture
def own(finished):
    """Pictures of one's own beside a finished run, which is asked to restore them; one is bad."""
    for name in ("a.png", "p1/b.png"):
        (finished / "own" / name).parent.mkdir(parents=True, exist_ok=True)
        (finished / "own" / name).write_bytes(encode_png(random_pixels((37, 101))))
    asks(finished, pictures="own", model="linear")
    return finished / "own"


def test_one_model_restores_a_folder_and_is_asked_again_by_its_content_alone(own, finished):
    (own / "bad.png").write_bytes(b"none")
    done = snakemake(finished, *OWN, check=False)
    assert done.returncode != 0
    assert (
        "bad.png: not a readable image" in done.stdout and "1 of 3 pictures were not restored" in done.stdout
    )
    (own / "bad.png").unlink()
    assert plan(finished, *OWN) == {"restore": 1, "all": 1}
    assert "0 restored" in snakemake(finished, *OWN).stdout  # the good ones were done
    made = finished / "results/demo/models/linear/seed0/restored"
    assert {path.name for path in made.rglob("*.png")} == {"a.png", "b.png"}
    assert np.asarray(Image.open(made / "p1" / "b.png")).shape == (148, 404)

    (own / "a.png").touch()
    assert plan(finished, *OWN) == {}
    (own / "a.png").write_bytes(encode_png(random_pixels(seed=5)))
    assert plan(finished, *OWN) == {"restore": 1, "all": 1}
    assert plan(finished, *SMALL) == {}


def test_what_cannot_be_restored_is_told_while_planning(own, finished):
    (finished / "none").mkdir(exist_ok=True)
    for restore, key in [
        ({"pictures": "no/such", "model": "linear"}, "restore.pictures"),
        ({"pictures": "none", "model": "linear"}, "restore.pictures"),
        ({"pictures": "own", "model": "bicubic"}, "restore.model"),
        ({"pictures": "own"}, "restore"),
    ]:
        asks(finished, **restore)
        succeeded, said = dry_run(finished, *OWN)
        assert not succeeded and key in said


def test_a_cluster_is_asked_for_time_by_the_count_of_pictures(workflow):
    rule = workflow / "rules" / "restore.smk"
    rule.write_text(re.sub(r" +message:\n.*\n", "", rule.read_text()))  # a plan says all of rules without one
    (workflow / "own").mkdir()
    for number in range(40):
        (workflow / "own" / f"{number}.png").touch()
    asks(workflow, pictures="own", model="srgan")
    succeeded, said = dry_run(workflow, "--configfile", "config/demo.yaml", "own.yaml")
    assert succeeded
    assert re.search(r"rule restore:\n(?: {4}.*\n)*? {4}resources: .*runtime=90\b", said)
