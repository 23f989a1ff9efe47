"""The perception-distortion plane: PSNR against metrics that follow the eye more closely."""

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from srlib.evaluation.metrics import METRICS, scored
from srlib.figures import style
from srlib.tables import read_frame


@style.paper
def draw(table: str | Path, png: str | Path, pdf: str | Path) -> None:
    """Every model of table.csv at its mean PSNR and each perceptual metric, with their 95 % intervals.

    The axis of a metric of which less is better is reversed: better lies to the upper right. Blau &
    Michaeli 2018 give the plane's meaning: beyond some point, one can only be had at the other's expense.
    """
    models = read_frame(table, ["model", "label"], ["psnr", "psnr_low", "psnr_high"]).dropna(subset=["psnr"])
    figure = style.new(style.PAGE, 2.6)
    perceptual = {name: metric for name, metric in scored(models).items() if metric.perceptual}
    panels = figure.subplots(1, len(perceptual))
    for axes, (name, metric) in zip(panels, perceptual.items(), strict=True):
        for i, (_, model) in enumerate(models.iterrows()):
            _draw_model(axes, model, name, i)
        axes.set_xlabel(METRICS["psnr"].heading)
        axes.set_ylabel(metric.heading)
        axes.grid()
        if not metric.larger_is_better:
            axes.invert_yaxis()
            axes.set_ylabel(f"{metric.heading} (axis reversed)")
    style.legend(figure, *panels[0].get_legend_handles_labels())
    style.save(figure, png, pdf)


def _draw_model(axes: Axes, model: pd.Series, metric: str, i: int) -> None:
    def reach(column: str) -> list[list[float]]:
        return [[model[column] - model[f"{column}_low"]], [model[f"{column}_high"] - model[column]]]

    axes.errorbar(
        model["psnr"],
        model[metric],
        xerr=reach("psnr"),
        yerr=reach(metric),
        fmt=style.marker(i),
        color=style.colour(i),
        markeredgecolor="black",
        markeredgewidth=0.4,
        markersize=5,
        elinewidth=0.7,
        label=model["label"],
    )
