"""The demo run, from synthetic archives to table and figures."""

import hashlib
import itertools
import json
import math
import re
import shutil
import subprocess
import sys

import pytest
from PIL import Image
from runs import SMALL, planned, rows, snakemake

from srlib.evaluation.metrics import available

MODELS = ["bicubic", "lanczos", "linear", "vdsr", "srgan", "hybrid"]


def test_table_has_every_model_with_finite_figures(demo):
    table = rows(demo / "results/demo/table.csv")
    assert [row["model"] for row in table] == MODELS
    for row in table:
        assert row["n"] == "4"
        assert all(
            math.isfinite(float(row[metric])) for metric in ("psnr", "ssim", "ms_ssim", "uqi", "uqi_sewar")
        )


def test_table_says_that_the_images_are_synthetic(demo):
    assert "synthetic" in (demo / "results/demo/table.md").read_text().lower()


def test_split_has_the_asked_counts_and_shares_no_patient(demo):
    split = rows(demo / "results/demo/split.csv")
    patients = {name: {row["patient"] for row in split if row["split"] == name} for name in ("train", "test")}
    assert sum(row["split"] == "train" for row in split) == 8
    assert sum(row["split"] == "test" for row in split) == 4
    assert not patients["train"] & patients["test"]


@pytest.mark.parametrize("model", MODELS)
def test_every_test_image_is_restored_at_hr_size_and_scored(demo, model):
    run = demo / f"results/demo/models/{model}/seed0"
    tested = {row["image"] for row in rows(demo / "results/demo/split.csv") if row["split"] == "test"}
    pictures = list((run / "sr").glob("*.png"))
    assert {picture.name for picture in pictures} == tested
    for picture in pictures:
        with Image.open(picture) as image:
            assert (image.size, image.mode) == ((176, 176), "L")
    assert {row["image"] for row in rows(run / "scores.csv")} == tested


@pytest.mark.parametrize("model", MODELS)
def test_what_is_trained_has_a_card_beside_its_weights(demo, model):
    run = demo / f"results/demo/models/{model}/seed0"
    assert (run / "model.md").exists() == (run / "weights.safetensors").exists()
    if (run / "model.md").exists():
        digest = hashlib.sha256((run / "weights.safetensors").read_bytes()).hexdigest()
        text = (run / "model.md").read_text()
        assert digest in text and "SYNTHETIC" in text and "## CLAIM 2024" in text


@pytest.mark.parametrize("name", ["comparison", "metrics", "perception", "spectrum", "errors", "curves"])
def test_figures_are_drawn(demo, name):
    with Image.open(demo / f"results/demo/figures/{name}.png") as image:
        assert image.width > 600
        assert len(image.convert("L").getcolors(256)) > 20
    assert (demo / f"results/demo/figures/{name}.pdf").read_bytes().startswith(b"%PDF")


def test_the_table_follows_from_the_scores_alone(demo, tmp_path):
    results, published = demo / "results/demo", tmp_path / "published"
    needed = [
        results / "config.yaml",
        results / "hr/test.manifest.csv",
        *results.glob("models/*/*/scores.csv"),
    ]
    for path in needed:
        copy = published / path.relative_to(results)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    command = [sys.executable, "-m", "srlib", "table", published, "--output", tmp_path / "again"]
    subprocess.run(command, cwd=demo, check=True)
    for name in ("table.csv", "tests.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (results / name).read_bytes()


def test_every_two_models_are_compared_by_every_metric(demo):
    tests = rows(demo / "results/demo/tests.csv")
    assert {(row["a"], row["b"]) for row in tests} == set(itertools.combinations(MODELS, 2))
    assert {row["metric"] for row in tests} == set(available([]))
    assert all(0 <= float(row["p"]) <= float(row["p_holm"]) <= 1 for row in tests)


def test_scores_by_view_count_every_test_image_once(demo):
    bicubic = [row for row in rows(demo / "results/demo/subgroups.csv") if row["model"] == "bicubic"]
    counts = {row["value"]: int(row["n"]) for row in bicubic}
    assert counts.pop("all") == sum(counts.values()) == 4
    assert {row["kind"] for row in bicubic} == {
        "view",
        "images",
    }  # synthetic X-rays have no radiologist's boxes


def test_the_page_to_look_at_shows_every_test_image_of_every_model(demo):
    page = (demo / "results/demo/viewer.html").read_text()
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])
    tested = [row["image"] for row in rows(demo / "results/demo/split.csv") if row["split"] == "test"]
    assert [image["name"] for image in data["images"]] == tested
    assert len(data["sr"]) == len(MODELS)
    assert all(len(pictures) == len(tested) for pictures in (data["lr"], data["hr"], *data["sr"]))
    assert "SYNTHETIC" in data["caption"]


def test_a_second_run_does_nothing(demo):
    assert planned(snakemake(demo, *SMALL, "-n").stdout) == {}


def report_of(folder):
    """What `make report` makes of a run: by its own config alone."""
    options = ["--configfile", "results/demo/config.yaml", "--config", "results=results/demo"]
    snakemake(folder, *options, "--report", "report.html")
    return (folder / "report.html").read_text()


def test_report_shows_the_table_first_and_holds_the_rest(demo_copy, browser):
    report = report_of(demo_copy)
    page = browser.new_page(viewport={"width": 1300, "height": 850})
    page.goto((demo_copy / "report.html").as_uri())
    table = page.frame_locator("iframe").locator("table")
    table.wait_for()
    assert table.locator("tbody tr").count() == len(MODELS)
    table.locator("thead button").nth(1).click()  # PSNR, best first
    first = table.locator("tbody td").first.inner_text().split()[0]
    best = max(float(row["psnr"]) for row in rows(demo_copy / "results/demo/table.csv"))
    assert float(first) == pytest.approx(best, abs=0.005)
    page.close()
    for part in ("table.csv", "tests.csv", "subgroups.csv", "comparison.png", "spectrum.png", "viewer.html"):
        assert part in report


def test_report_of_a_run_that_was_moved_or_stopped_shows_what_there_is(demo_copy):
    results = demo_copy / "results/demo"
    for name in ("figures/spectrum.png", "table.html", "models/srgan/seed0/weights.safetensors"):
        (results / name).unlink()
    shutil.rmtree(demo_copy / ".snakemake")
    report = report_of(demo_copy)
    assert "comparison.png" in report
    assert "spectrum.png" not in report
    assert "This run has no table yet" in report


def test_an_altered_picture_is_named_with_the_remedy(demo_copy):
    results = demo_copy / "results/demo"
    picture = sorted((results / "hr/test").glob("*.png"))[0]
    picture.write_bytes(b"no picture")
    scores = results / "models/bicubic/seed0/scores.csv"
    scores.unlink()
    done = snakemake(demo_copy, *SMALL, check=False)
    assert done.returncode != 0
    assert f"{picture.relative_to(demo_copy)}: altered" in done.stdout
    assert "delete results/demo/hr/test.manifest.csv and run snakemake again" in done.stdout
    assert not scores.exists()
    (results / "hr/test.manifest.csv").unlink()
    snakemake(demo_copy, *SMALL)
    assert scores.exists()
