"""The quick run on real X-rays: a folder in the NIH release's layout, named by NIH_DIR."""

import json
import math
import os
from pathlib import Path

import pytest
from runs import planned, rows, snakemake

NIH_DIR = os.environ.get("NIH_DIR")
pytestmark = pytest.mark.skipif(not NIH_DIR, reason="NIH_DIR names no folder of the NIH release")


def test_quick_run_on_real_images(workflow):
    source = json.dumps({"source": str(Path(NIH_DIR).resolve())})
    quick = ["--configfile", "config/quick.yaml", "--config", f"dataset={source}"]
    snakemake(workflow, *quick)
    results = workflow / "results/quick"
    table = {row["model"]: row for row in rows(results / "table.csv")}
    assert set(table) == {"bicubic", "lanczos", "linear", "vdsr", "srgan", "hybrid"}
    assert all(
        math.isfinite(float(row[m])) for row in table.values() for m in ("psnr", "ssim", "ms_ssim", "uqi")
    )
    # 33.2 (sd 2.9) on 200 real images: the mean of 12 lies well within
    psnr = {model: float(row["psnr"]) for model, row in table.items()}
    assert 30 < psnr["bicubic"] < 37
    middle = (psnr["bicubic"] + psnr["linear"]) / 2
    assert all(middle < psnr[model] for model in ("vdsr", "srgan", "hybrid"))  # nearly at the linear filters
    assert all(len(list((results / f"models/{model}/seed0/sr").glob("*.png"))) == 12 for model in table)
    where = rows(results / "subgroups.csv")
    views = {
        row["value"]: int(row["n"])
        for row in where
        if row["kind"] in ("view", "images") and row["model"] == "vdsr"
    }
    assert views.pop("all") == sum(views.values()) == 12
    if (Path(NIH_DIR) / "BBox_List_2017.csv").is_file():
        assert {row["model"] for row in where if row["kind"] == "finding"} == set(table)
    assert planned(snakemake(workflow, *quick, "-n").stdout) == {}
