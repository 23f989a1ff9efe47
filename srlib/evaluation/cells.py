"""The table's cells, before any medium: figures as text, and each model's rank by each metric."""

import math
from typing import NamedTuple

import pandas as pd

from srlib.evaluation.metrics import METRICS


class Cell(NamedTuple):
    """One model by one metric: mean, interval and the paper's own figure as text, "" where there is none.

    rank: 1 best, 2 second, 0 any other, and everywhere if there is nothing to rank.
    """

    mean: str
    interval: str
    paper: str
    rank: int


def cell(table: pd.DataFrame, i: int, name: str) -> Cell:
    """Of row i of table.csv (see `summary.summarise`) and one metric."""
    row, metric = table.loc[i], METRICS[name]
    if math.isnan(row[name]):
        return Cell("", "", "", 0)
    published = row[f"paper_{metric.paper}"] if metric.paper else math.nan
    ranks = ranking(table, name)[:2] if metric.ranked and len(table) > 2 else []
    return Cell(
        figure(row[name], name),
        f"[{figure(row[f'{name}_low'], name)}, {figure(row[f'{name}_high'], name)}]",
        "" if math.isnan(published) else f"{published:.{min(metric.decimals, 3)}f}",
        ranks.index(i) + 1 if i in ranks else 0,
    )


def ranking(table: pd.DataFrame, name: str) -> list[int]:
    """Row numbers of the models that have a mean, best first."""
    ordered = table[name].dropna().sort_values(ascending=not METRICS[name].larger_is_better, kind="stable")
    return list(ordered.index)


def figure(value: float, name: str) -> str:
    """A score with the metric's decimals; "-" for none."""
    return "-" if math.isnan(value) else f"{value:.{METRICS[name].decimals}f}"
