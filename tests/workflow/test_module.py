"""Another Snakefile can import the workflow."""

import shutil
from pathlib import Path

import pytest
import yaml
from restoring import random_pixels
from runs import dry_run, plan, planned, snakemake

from srlib.data.images import encode_png
from srlib.data.source import BOX_LIST, LABEL_TABLES, LISTS

IMPORTING = """\
configfile: "mine.yaml"

module superresolution:
    snakefile: "elsewhere/Snakefile"
    {options}

use rule * from superresolution as sr_*

rule mine:
    default_target: True
    input: rules.sr_all.input
    output: "mine.txt"
    shell: "touch {{output}}"
"""
CONFIG = 'config: config["superresolution"]'
PREFIX = 'prefix: "made"'
TABLE = """\
Image Index,Finding Labels,Patient ID,View Position
00000001_000.png,No Finding,1,PA
"""
# What differs from config.yaml; of models all that are wanted.
MINE = {
    "results": "out",
    "reference": "bicubic",
    "dataset": {"train": 4, "test": 2, "validation": 0, "size": 176},
    "models": {"bicubic": {"label": "Bicubic", "network": "bicubic", "lr": "small"}},
}


@pytest.fixture
def importing(workflow: Path, tmp_path_factory: pytest.TempPathFactory):
    """Make a folder with a Snakefile that imports the workflow from a folder below."""

    def make(options: list[str], **dataset: object) -> Path:
        folder = tmp_path_factory.mktemp("importing")
        shutil.copytree(workflow, folder / "elsewhere")
        config = MINE | {"dataset": MINE["dataset"] | dataset}
        (folder / "mine.yaml").write_text(yaml.safe_dump({"superresolution": config}))
        (folder / "Snakefile").write_text(IMPORTING.format(options="\n    ".join(options)))
        return folder

    return make


def noise(seed: int) -> bytes:
    return encode_png(random_pixels((176, 176), seed=seed))


def test_its_results_are_made_where_the_importing_workflow_says(importing):
    folder = importing([CONFIG], source="phantom")
    snakemake(folder, "--until", "sr_sample")
    assert (folder / "out/split.csv").is_file()


def test_with_a_prefix_they_are_made_below_it(importing):
    folder = importing([CONFIG, PREFIX], source="phantom", archives=[1])
    snakemake(folder, "--until", "sr_resize")
    assert len(list((folder / "made/out/hr/test").glob("*.png"))) == 2
    snakemake(folder, "sr_verify")
    assert plan(folder).keys() & {"sr_extract", "sr_infer"} == {"sr_infer"}


@pytest.mark.parametrize(("options", "results"), [([], "results"), ([PREFIX], "made/results")])
def test_without_a_config_the_defaults_hold(importing, options, results):
    folder = importing(options)
    _, output = dry_run(folder)
    jobs = planned(output)
    assert (jobs["sr_fetch_archive"], jobs["sr_train"]) == (12, 4)
    assert f" {results}/table.csv" in output


@pytest.mark.parametrize("options", [[CONFIG], [CONFIG, PREFIX]])
def test_the_users_own_files_stay_where_they_are(importing, options):
    folder = importing(options, source="./nih", official=True)
    (folder / "nih").mkdir()
    for name in ("images_001.tar.gz", BOX_LIST, *LISTS.values()):
        (folder / "nih" / name).touch()
    (folder / "nih" / LABEL_TABLES[0]).write_text(TABLE)
    jobs = plan(folder)
    assert jobs["sr_extract"] == jobs["sr_score_boxes"] == 1


def test_with_a_prefix_a_picture_of_a_folder_that_is_replaced_is_extracted_anew(importing):
    folder = importing([CONFIG, PREFIX], source="./scans")
    (folder / "scans").mkdir()
    for number in range(6):
        (folder / "scans" / f"{number}.png").write_bytes(noise(number))
    extracting = ["--until", "sr_extract"]
    assert plan(folder, *extracting) == {"sr_sample": 1, "sr_extract": 1}
    snakemake(folder, *extracting)
    assert plan(folder, *extracting) == {}
    (folder / "scans" / "0.png").write_bytes(noise(6))
    assert plan(folder, *extracting) == {"sr_extract": 1}
