"""Where it matters: the scores by view, and inside the radiologists' boxes by finding."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from srlib.data.split import read_split
from srlib.errors import InputError
from srlib.evaluation.cells import figure
from srlib.evaluation.markdown import escape, pipe_table
from srlib.evaluation.metrics import METRICS, scored
from srlib.evaluation.runs import read_all
from srlib.files import replacing
from srlib.tables import read_frame

SHOWN = ["psnr", "ssim", "haarpsi"]  # in subgroups.md; subgroups.csv has every metric
# What is grouped by what -> the sentence below its table.
NOTES = {
    "view": "Mean {metric} by view position; n images.",
    "finding": "Mean {metric} inside the radiologists' boxes, by finding; n boxes (all that a box touches "
    "of the LR grid, cut out of SR and HR).",
}
# The kind of the row over everything that a kind divides: no view or finding can be mistaken for it.
WHOLE = {"view": "images", "finding": "boxes"}


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

    subgroups.csv: `kind` and `value` (a view, a finding; kind `images` or `boxes` and value `all`: all of
    them), model, label, `n` (images or boxes), the mean of each metric, and in `n_*` over how many
    images or boxes: a metric that needs a larger picture than a box has no value there, and an
    infinite PSNR is left out.

    Raises InputError if an image that is scored is not in the split.
    """
    rows = []
    for model, run in read_all(scores).items():
        rows += _rows("view", _views(run["image"], split), run, model, labels[model])
    for model, paths in box_scores.items():
        frames = [read_frame(path, ["image", "finding"], []) for path in paths]
        run = pd.concat([frame.assign(seed=seed) for seed, frame in enumerate(frames)])
        rows += _rows("finding", run["finding"], run, model, labels[model])
    table = pd.DataFrame(rows)
    with replacing(csv_path) as temporary:
        table.to_csv(temporary, index=False, float_format="%.6g")
    with replacing(md_path) as temporary:
        temporary.write_text(_page(table), encoding="utf-8")


def _views(images: pd.Series, split: str | Path) -> pd.Series:
    """The view of each image."""
    table = read_split(split)
    views = table[table["split"] == "test"].set_index("image")["view"].replace("", "unknown")
    if odd := sorted(set(images) - set(views.index)):
        raise InputError(
            f"{odd[0]}: scored, but not in {split} ({len(odd)} such images); the scores are of another "
            "sample: delete the models' scores.csv and run snakemake again"
        )
    return images.map(views)


def _rows(kind: str, values: pd.Series, run: pd.DataFrame, model: str, label: str) -> list[dict[str, object]]:
    """One row per value, and one for all of them together."""
    groups = [(kind, value, group) for value, group in run.groupby(values.to_numpy())]
    seeds = max(run["seed"].nunique(), 1)
    rows = []
    for of, value, group in [*groups, (WHOLE[kind], "all", run)]:
        finite = group[list(scored(run))].replace(math.inf, math.nan)
        row = {"kind": of, "value": value, "model": model, "label": label, "n": len(group) // seeds}
        counts = (finite.notna().sum() // seeds).add_prefix("n_")
        rows.append(row | finite.mean().to_dict() | counts.to_dict())
    return rows


def _page(table: pd.DataFrame) -> str:
    parts = []
    for kind, whole in WHOLE.items():
        group = table[table["kind"].isin([kind, whole])]
        for name in SHOWN if len(group) else []:
            note = NOTES[kind].format(metric=METRICS[name].heading)
            parts += [_table(group, kind, name), note]
    return "\n\n".join(parts) + "\n"


def _table(group: pd.DataFrame, kind: str, name: str) -> str:
    """One line per value in alphabetical order, then the line of all."""
    models = list(dict.fromkeys(group["model"]))
    labels = group.drop_duplicates("model").set_index("model")["label"]
    body = []
    for _, rows in [*group[group["kind"] == kind].groupby("value"), (None, group[group["kind"] != kind])]:
        means = rows.set_index("model")[name]
        first = rows.iloc[0]
        body.append(
            [escape(str(first["value"])), str(first["n"]), *(figure(means[model], name) for model in models)]
        )
    return pipe_table([kind.capitalize(), "n", *(escape(labels[model]) for model in models)], body)
