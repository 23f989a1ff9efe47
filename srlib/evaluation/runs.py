"""The scores of all runs of the models, read back for tables, figures and viewer."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from srlib.errors import InputError
from srlib.evaluation.metrics import available, scored
from srlib.tables import read_frame


def read_scores(paths: Sequence[str | Path]) -> pd.DataFrame:
    """The rows of one model's scores.csv files, with a column `seed` that counts the files from 0.

    Raises InputError if the column of a metric that needs no file is missing, or if the files score
    different images or metrics.
    """
    frames = [read_frame(path, ["image"], list(available([]))) for path in paths]
    for path, frame in zip(paths, frames, strict=True):
        for what, own, first in (
            ("images", frame["image"], frames[0]["image"]),
            ("columns", frame, frames[0]),
        ):
            if list(own) != list(first):
                raise InputError(
                    f"{path}: other {what} than in {paths[0]}; delete both and run snakemake again"
                )
    return pd.concat([frame.assign(seed=seed) for seed, frame in enumerate(frames)], ignore_index=True)


def read_all(scores: Mapping[str, Sequence[str | Path]]) -> dict[str, pd.DataFrame]:
    """`read_scores` of every model.

    Raises InputError also if one model is scored on other images, or by other metrics, than another.
    """
    runs = {model: read_scores(paths) for model, paths in scores.items()}
    first = next(iter(runs))
    for model, run in runs.items():
        if any(what(run) != what(runs[first]) for what in (scored, lambda frame: set(frame["image"]))):
            raise InputError(
                f"{scores[model][0]}: other images or metrics than in {scores[first][0]}; "
                "delete both and run snakemake again"
            )
    return runs
