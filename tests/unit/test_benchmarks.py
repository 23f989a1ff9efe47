"""The scripts that print figures: what they read and count, not how fast anything is."""

import re
from pathlib import Path

import pytest

from benchmarks import scale

ROOT = Path(__file__).parents[2]
HEADER = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"


def write(path, seconds, peak):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{HEADER}{seconds}\t0:00:00\t{peak}\t9\t9\t9\t9\t9\t9\t9\n")


def test_the_jobs_of_a_stage_are_summed_and_the_largest_counts(tmp_path):
    write(tmp_path / "resize" / "train.tsv", 2, 100.5)
    write(tmp_path / "resize" / "test.tsv", 3.5, 80)
    write(tmp_path / "infer" / "linear" / "seed0.tsv", 1, 7)
    write(tmp_path / "sample.tsv", 0.25, "NA")  # of a job too short to be looked at
    assert scale.stages(tmp_path) == {"resize": (5.5, 100.5), "infer": (1, 7), "sample": (0.25, 0)}


@pytest.mark.parametrize(("last", "power"), [(30, "1.00"), (300, "2.00"), (3, "0.00"), (0, "")])
def test_growth_is_a_power_of_the_number_of_images(last, power):
    assert scale.growth(3, last, 10) == power


def test_a_table_has_time_an_image_and_growth_side_by_side():
    runs = {10: {"score": scale.Stage(2, 50)}, 100: {"score": scale.Stage(20, 60)}}
    assert scale.table(runs).splitlines()[-1] == ("| score | 2.0 | 200.0 | 50 | 20.0 | 200.0 | 60 | 1.00 |")


def test_every_job_that_makes_something_is_measured():
    for path in (ROOT / "rules").glob("*.smk"):
        text = path.read_text()
        logs = re.findall(r'log:\n +f?"<results>/logs/(.*)\.log"', text)
        measured = re.findall(r'benchmark:\n +f?"<results>/benchmarks/(.*)\.tsv"', text)
        assert measured == (logs if "output:" in text else []), path
