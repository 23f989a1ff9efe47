"""The metric columns of scores.csv: what tables and figures call them, and which way is better."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from srlib.errors import InputError


class Column(NamedTuple):
    """Heading, decimals to print, and whether larger is better."""

    heading: str
    decimals: int
    larger_is_better: bool = True


COLUMNS = {
    "psnr": Column("PSNR (dB)", 2),
    "ssim": Column("SSIM", 4),
    "ms_ssim": Column("MS-SSIM", 4),
    "uqi": Column("UQI", 4),
    "haarpsi": Column("HaarPSI", 4),
    "gmsd": Column("GMSD", 4, larger_is_better=False),
    "lr_psnr": Column("LR consistency (dB)", 2),
    "uqi_sewar": Column("UQI (sewar)", 4),
}


def read_scores(paths: Sequence[str | Path]) -> pd.DataFrame:
    """The rows of one model's scores.csv files, with a column `seed` that counts the files from 0.

    Raises InputError if a column is missing or the files score different images.
    """
    frames = [pd.read_csv(path) for path in paths]
    for path, frame in zip(paths, frames, strict=True):
        if missing := [column for column in ("image", *COLUMNS) if column not in frame]:
            raise InputError(f"{path}: no column {missing[0]}; delete it and run snakemake again")
        if list(frame["image"]) != list(frames[0]["image"]):
            raise InputError(f"{path}: other images than in {paths[0]}; delete both and run snakemake again")
    return pd.concat([frame.assign(seed=seed) for seed, frame in enumerate(frames)], ignore_index=True)
