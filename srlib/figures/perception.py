"""The perception-distortion plane: PSNR against metrics that follow the eye more closely."""

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from srlib.evaluation.columns import COLUMNS
from srlib.figures import style

PERCEPTUAL = ["haarpsi", "gmsd"]


@style.paper
def draw(table: str | Path, png: str | Path, pdf: str | Path) -> None:
    """Every model of table.csv at its mean PSNR and perceptual metric, with their 95 % intervals.

    GMSD's axis is turned around: in both panels better lies to the upper right. Blau & Michaeli 2018
    give the plane's meaning: beyond some point, one can only be had at the other's expense.
    """
    models = pd.read_csv(table).dropna(subset=["psnr"])
    figure = style.new(style.PAGE, 2.6)
    panels = figure.subplots(1, len(PERCEPTUAL))
    for axes, metric in zip(panels, PERCEPTUAL, strict=True):
        for i, (_, model) in enumerate(models.iterrows()):
            _draw_model(axes, model, metric, i)
        axes.set_xlabel(COLUMNS["psnr"].heading)
        axes.set_ylabel(COLUMNS[metric].heading)
        axes.grid()
        if not COLUMNS[metric].larger_is_better:
            axes.invert_yaxis()
            axes.set_ylabel(f"{COLUMNS[metric].heading} (axis turned around)")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=len(models))
    style.save(figure, png, pdf)


def _draw_model(axes: Axes, model: pd.Series, metric: str, i: int) -> None:
    def reach(column: str) -> list[list[float]]:
        return [[model[column] - model[f"{column}_low"]], [model[f"{column}_high"] - model[column]]]

    axes.errorbar(
        model["psnr"],
        model[metric],
        xerr=reach("psnr"),
        yerr=reach(metric),
        fmt=style.MARKERS[i % len(style.MARKERS)],
        color=style.colour(i),
        markeredgecolor="black",
        markeredgewidth=0.4,
        markersize=5,
        elinewidth=0.7,
        label=model["label"],
    )
