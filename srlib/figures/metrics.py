"""Box plots of every metric over the test images, model beside model."""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
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
    figure = style.new(style.PAGE, rows * 2.0)
    panels = figure.subplots(rows, PER_ROW).ravel()
    for axes, (name, metric) in zip(panels, metrics.items(), strict=False):
        _panel(axes, {label: table[name] for label, table in tables.items()})
        axes.set_title(metric.heading)
    for axes in panels[len(metrics) :]:
        axes.set_axis_off()
    style.save(figure, png, pdf)


def _panel(axes: Axes, values: Mapping[str, pd.Series]) -> None:
    boxes = axes.boxplot(
        [series[np.isfinite(series)] for series in values.values()],
        tick_labels=[style.wrapped(label, 0.9) for label in values],
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
        box.set(facecolor=style.colour(i), linewidth=0.6)
    axes.grid(axis="y")
    axes.tick_params(axis="x", rotation=35, length=0)
    for label in axes.get_xticklabels():
        label.set(ha="right", rotation_mode="anchor")
