"""The results in numbers: each model's mean scores, and the comparison of every two models."""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from srlib.data.images import read_manifest
from srlib.errors import InputError
from srlib.evaluation import markdown, statistics, webpage
from srlib.evaluation.metrics import METRICS, scored
from srlib.evaluation.runs import read_all
from srlib.files import replacing

TEST_COLUMNS = ["metric", "a", "b", "difference", "low", "high", "p", "effect", "patients", "p_holm"]
# The columns of the paper's Table 1.
PAPER_METRICS = [metric.paper for metric in METRICS.values() if metric.paper]


def summarise(
    scores: Mapping[str, Sequence[str | Path]],
    labels: Mapping[str, str],
    paper: Mapping[str, Mapping[str, float]],
    hr_manifest: str | Path,
    caption: str,
    csv_path: str | Path,
    tests_path: str | Path,
    md_path: str | Path,
    html_path: str | Path,
) -> None:
    """Write table.csv, tests.csv, table.md and table.html.

    scores: model -> its scores.csv files, one per seed. labels: model -> name in the table.
    paper: model -> the paper's `psnr`, `ssim`, `ms_ssim`, `uqi`, for the models that it has.
    hr_manifest: tells each image's patient.
    caption: what the numbers were measured on, and with which settings.

    table.csv: mean of each metric over images and seeds, its 95 % interval `*_low` and `*_high`. An
    infinite PSNR (a picture without any error) is kept out of the mean and counted in
    `infinite_psnr`. tests.csv: every two models by every metric, `statistics.Comparison` of the
    scores averaged over seeds, with the interval of the difference; `p_holm` is corrected over the
    pairs of models of one metric.
    """
    runs = read_all(scores)
    patients = _patients(hr_manifest, runs)
    means = {model: image_means(run) for model, run in runs.items()}
    bounds = statistics.intervals(pd.concat(means, axis=1), patients)
    table = pd.DataFrame(
        [
            _row(model, labels[model], run, means[model], bounds.loc[model], patients, paper.get(model) or {})
            for model, run in runs.items()
        ]
    )
    tests = _tests(means, patients)
    for frame, path in ((table, csv_path), (tests, tests_path)):
        with replacing(path) as temporary:
            frame.to_csv(temporary, index=False, float_format="%.6g")
    for page, path in ((markdown.table_page, md_path), (webpage.table_page, html_path)):
        with replacing(path) as temporary:
            temporary.write_text(page(table, tests, caption), encoding="utf-8")


def _patients(hr_manifest: str | Path, runs: Mapping[str, pd.DataFrame]) -> pd.Series:
    """Image name -> patient. Raises InputError if an image that is scored is not in the manifest."""
    patients = pd.Series({row["name"]: row["patient"] for row in read_manifest(hr_manifest)})
    for run in runs.values():
        if odd := sorted(set(run["image"]) - set(patients.index)):
            raise InputError(
                f"{odd[0]}: scored, but not in {hr_manifest} ({len(odd)} such images); "
                "delete the models' scores.csv and run snakemake again"
            )
    return patients


def image_means(run: pd.DataFrame) -> pd.DataFrame:
    """Scores by image, averaged over seeds; an infinite value is left out, nan where all are."""
    return run.replace(math.inf, math.nan).groupby("image")[list(scored(run))].mean()


def _row(
    model: str,
    label: str,
    run: pd.DataFrame,
    means: pd.DataFrame,
    bounds: pd.DataFrame,
    patients: pd.Series,
    paper: Mapping[str, float],
) -> dict[str, object]:
    """The model's row of table.csv. means: by image and metric; bounds: `low` and `high` by metric."""
    row = {
        "model": model,
        "label": label,
        "n": len(means),
        "patients": patients.loc[means.index].nunique(),
        "seeds": run["seed"].nunique(),
    }
    for metric in means:
        low, high = bounds.loc[metric, ["low", "high"]]
        row |= {metric: means[metric].mean(), f"{metric}_low": low, f"{metric}_high": high}
    row["infinite_psnr"] = int((run["psnr"] == math.inf).sum())
    return row | {f"paper_{metric}": paper.get(metric, math.nan) for metric in PAPER_METRICS}


def _tests(means: Mapping[str, pd.DataFrame], patients: pd.Series) -> pd.DataFrame:
    """The rows of tests.csv: every two models by every metric."""
    differences = {(a, b): means[a] - means[b] for a, b in combinations(means, 2)}
    if not differences:
        return pd.DataFrame(columns=TEST_COLUMNS)
    bounds = statistics.intervals(pd.concat(differences, axis=1), patients)
    rows = []
    for metric in next(iter(means.values())):
        pairs = [
            {"metric": metric, "a": a, "b": b}
            | statistics.compare(difference[metric], patients)._asdict()
            | bounds.loc[(a, b, metric)].to_dict()
            for (a, b), difference in differences.items()
        ]
        corrected = statistics.holm(np.array([pair["p"] for pair in pairs]))
        rows += [pair | {"p_holm": p} for pair, p in zip(pairs, corrected, strict=True)]
    return pd.DataFrame(rows)[TEST_COLUMNS]
