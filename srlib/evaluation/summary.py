"""The results in numbers: each model's mean scores, and the comparison of every two models."""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from srlib.evaluation import statistics
from srlib.evaluation.columns import COLUMNS, read_scores
from srlib.evaluation.markdown import table_page
from srlib.files import replacing

PAPER_METRICS = ["psnr", "ssim", "ms_ssim", "uqi"]


def summarise(
    scores: Mapping[str, Sequence[str | Path]],
    labels: Mapping[str, str],
    paper: Mapping[str, Mapping[str, float]],
    hr_manifest: str | Path,
    caption: str,
    csv_path: str | Path,
    tests_path: str | Path,
    md_path: str | Path,
) -> None:
    """Write table.csv, tests.csv and table.md.

    scores: model -> its scores.csv files, one per seed. labels: model -> name in the table.
    paper: model -> the paper's `psnr`, `ssim`, `ms_ssim`, `uqi`, for the models that it has.
    hr_manifest: tells each image's patient.
    caption: what the numbers were measured on, and with which settings.

    table.csv: mean of each metric over images and seeds, its 95 % interval `*_low` and `*_high`. An
    infinite PSNR (a picture without any error) is kept out of the mean and counted in
    `infinite_psnr`. tests.csv: every two models by every metric, `statistics.Comparison` of the
    scores averaged over seeds; `p_holm` is corrected over the pairs of models of one metric.
    """
    runs = {model: read_scores(paths) for model, paths in scores.items()}
    patients = pd.read_csv(hr_manifest, dtype=str).set_index("name")["patient"]
    table = pd.DataFrame(
        [_row(model, labels[model], run, patients, paper.get(model) or {}) for model, run in runs.items()]
    )
    tests = _tests(runs, patients)
    for frame, path in ((table, csv_path), (tests, tests_path)):
        with replacing(path) as temporary:
            frame.to_csv(temporary, index=False, float_format="%.6g")
    with replacing(md_path) as temporary:
        temporary.write_text(table_page(table, tests, caption))


def image_means(run: pd.DataFrame) -> pd.DataFrame:
    """Scores by image, averaged over seeds; an infinite value is left out, nan where all are."""
    return run.replace(math.inf, math.nan).groupby("image")[list(COLUMNS)].mean()


def _row(
    model: str, label: str, run: pd.DataFrame, patients: pd.Series, paper: Mapping[str, float]
) -> dict[str, object]:
    means = image_means(run)
    row = {
        "model": model,
        "label": label,
        "n": len(means),
        "patients": patients.loc[means.index].nunique(),
        "seeds": run["seed"].nunique(),
    }
    for metric in COLUMNS:
        finite = means[metric].dropna()
        low, high = statistics.interval(finite.to_numpy(), patients.loc[finite.index].to_numpy())
        row |= {metric: finite.mean(), f"{metric}_low": low, f"{metric}_high": high}
    row["infinite_psnr"] = int((run["psnr"] == math.inf).sum())
    return row | {f"paper_{metric}": paper.get(metric, math.nan) for metric in PAPER_METRICS}


def _tests(runs: Mapping[str, pd.DataFrame], patients: pd.Series) -> pd.DataFrame:
    means = {model: image_means(run) for model, run in runs.items()}
    rows = []
    for metric in COLUMNS:
        pairs = [
            {"metric": metric, "a": a, "b": b}
            | statistics.compare(means[a][metric], means[b][metric], patients)._asdict()
            for a, b in combinations(means, 2)
        ]
        corrected = statistics.holm(np.array([pair["p"] for pair in pairs]))
        rows += [pair | {"p_holm": p} for pair, p in zip(pairs, corrected, strict=True)]
    return pd.DataFrame(rows, columns=["metric", "a", "b", *statistics.Comparison._fields, "p_holm"])
