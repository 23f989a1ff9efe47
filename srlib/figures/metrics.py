"""Box plots of every metric over the test images, model beside model."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from srlib.evaluation.metrics import scored
from srlib.evaluation.runs import read_all
from srlib.figures import style

PER_ROW = 4


@style.paper
def draw(scores: Mapping[str, str | Path], png: str | Path, pdf: str | Path) -> None:
    """One panel per metric. scores: display label -> scores.csv.

    Box: quartiles and median; whiskers: 5th and 95th percentile; circle: mean; dots: the images
    outside the whiskers. An infinite PSNR is left out.
    """
    tables = read_all({label: [path] for label, path in scores.items()})
    metrics = scored(next(iter(tables.values())))
    rows = math.ceil(len(metrics) / PER_ROW)
    figure = style.new(style.PAGE, rows * 1.7 + 0.3)
    panels = figure.subplots(rows, PER_ROW).ravel()
    for axes, (name, metric) in zip(panels, metrics.items(), strict=False):
        boxes = _panel(axes, [table[name] for table in tables.values()])
        axes.set_title(metric.heading)
    for axes in panels[len(metrics) :]:
        axes.set_axis_off()
    style.legend(figure, boxes, list(tables))
    style.save(figure, png, pdf)


def _panel(axes: Axes, values: Sequence[pd.Series]) -> list[Artist]:
    """One box for each model; gives the boxes."""
    boxes = axes.boxplot(
        [series[np.isfinite(series)] for series in values],
        whis=(5, 95),
        widths=0.6,
        patch_artist=True,
        showmeans=True,
        meanprops={"marker": "o", "markerfacecolor": "white", "markeredgecolor": "black", "markersize": 3},
        medianprops={"color": "black", "linewidth": 1},
        flierprops={"marker": ".", "markersize": 2, "markeredgecolor": "0.4", "rasterized": True},
        whiskerprops={"linewidth": 0.6},
        capprops={"linewidth": 0.6},
    )
    for i, box in enumerate(boxes["boxes"]):
        box.set(facecolor=style.colour(i), hatch=style.hatch(i), linewidth=0.6)
    axes.grid(axis="y")
    axes.set_xticks([])
    return boxes["boxes"]
