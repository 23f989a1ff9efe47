"""Where it matters: the scores by view, and inside the radiologists' boxes by finding."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from srlib.data.sampling import read_split
from srlib.evaluation.columns import COLUMNS, read_scores
from srlib.evaluation.markdown import pipe_table
from srlib.files import replacing

SHOWN = ["psnr", "ssim", "haarpsi"]  # in subgroups.md; subgroups.csv has every metric
NOTES = {
    "view": "Mean {metric} by view position; n images.",
    "finding": "Mean {metric} inside the radiologists' boxes, by finding; n boxes (all that a box touches "
    "of the LR grid, cut out of SR and HR).",
}


def write(
    scores: Mapping[str, Sequence[str | Path]],
    box_scores: Mapping[str, Sequence[str | Path]],
    labels: Mapping[str, str],
    split: str | Path,
    csv_path: str | Path,
    md_path: str | Path,
) -> None:
    """Write subgroups.csv and subgroups.md.

    scores, box_scores: model -> files of its seeds as `scores.score` and `scores.score_boxes` write
    them; no box_scores where the source has no boxes. split: split.csv, which tells the views.

    subgroups.csv: `kind` (view or finding), `value`, model, label, `n` (images or boxes), the mean of
    each metric, and in `n_*` over how many images or boxes: a metric that needs a larger picture
    than a box has no value there, and an infinite PSNR is left out.
    """
    views = read_split(split).set_index("image")["view"].replace("", "unknown")
    rows = []
    for model, paths in scores.items():
        run = read_scores(paths)
        rows += _rows("view", run["image"].map(views), run, model, labels[model])
    for model, paths in box_scores.items():
        run = pd.concat([pd.read_csv(path).assign(seed=seed) for seed, path in enumerate(paths)])
        rows += _rows("finding", run["finding"], run, model, labels[model])
    table = pd.DataFrame(rows)
    with replacing(csv_path) as temporary:
        table.to_csv(temporary, index=False, float_format="%.6g")
    with replacing(md_path) as temporary:
        temporary.write_text(_page(table))


def _rows(kind: str, values: pd.Series, run: pd.DataFrame, model: str, label: str) -> list[dict[str, object]]:
    """One row per value, and one for all of them together."""
    rows = []
    groups = list(run.groupby(values.to_numpy()))
    for value, group in [*groups, ("all", run)]:
        finite = group[list(COLUMNS)].replace(math.inf, math.nan)
        seeds = max(run["seed"].nunique(), 1)
        row = {"kind": kind, "value": value, "model": model, "label": label, "n": len(group) // seeds}
        counts = (finite.notna().sum() // seeds).add_prefix("n_")
        rows.append(row | finite.mean().to_dict() | counts.to_dict())
    return rows


def _page(table: pd.DataFrame) -> str:
    parts = []
    for kind, group in table.groupby("kind", sort=False):
        for metric in SHOWN:
            heading = COLUMNS[metric].heading
            parts += [_table(group, kind, metric), NOTES[kind].format(metric=heading)]
    return "\n\n".join(parts) + "\n"


def _table(group: pd.DataFrame, kind: str, metric: str) -> str:
    means = group.pivot(index="value", columns="label", values=metric)
    counts = group.groupby("value")["n"].first()
    values = [value for value in means.index if value != "all"] + ["all"]
    models = list(dict.fromkeys(group["label"]))
    body = [
        [value, str(counts[value]), *(_figure(means.loc[value, model], metric) for model in models)]
        for value in values
    ]
    return pipe_table([kind.capitalize(), "n", *models], body)


def _figure(value: float, metric: str) -> str:
    return "-" if math.isnan(value) else f"{value:.{COLUMNS[metric].decimals}f}"
