"""Training curves: validation PSNR of all models, and each model's losses, by epoch."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogFormatter, MaxNLocator

from srlib.figures import style
from srlib.tables import read_frame

PER_ROW = 3
WIDTH = 0.85 * style.PAGE / PER_ROW  # of a panel without its axis, in inches
# Columns of history.csv that are no loss; every other one is.
NO_LOSS = {
    "epoch",
    "learning_rate",
    "d_real",
    "d_fake",
    "gradient_norm",
    "discriminator_gradient_norm",
    "validation_psnr",
    "images_per_second",
}
DISCRIMINATOR = {"d_real", "d_fake"}
NAMES = {"d_real": "D(real)", "d_fake": "D(fake)"}


class PlainLogFormatter(LogFormatter):
    """Labels the ticks that Matplotlib would, but as 0.01, not as a formula."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return f"{x:g}" if super().__call__(x, pos) else ""


class Panel(NamedTuple):
    """Lines by name, and their axis: logarithmic, or of a probability, or as it comes."""

    title: str
    lines: dict[str, pd.Series]
    logarithmic: bool = False
    probability: bool = False


@style.paper
def draw(histories: Mapping[str, str | Path], png: str | Path, pdf: str | Path) -> None:
    """Draw history.csv files. histories: display label -> file with `epoch` and what was recorded.

    First panel: `validation_psnr` of every model that has it. Then the panels of each model: its loss
    terms, on a logarithmic axis where all are positive, and D(real) and D(fake) where they exist.
    """
    tables = {label: _read(path) for label, path in histories.items()}
    panels = [panel for panel in _panels(tables) if panel.lines]
    rows = math.ceil(len(panels) / PER_ROW)
    figure = style.new(style.PAGE, rows * 1.9)
    axes = figure.subplots(rows, PER_ROW, squeeze=False).ravel()
    for place, panel in zip(axes, panels, strict=False):
        _draw_panel(place, panel)
    for place in axes[len(panels) :]:
        place.set_axis_off()
    style.save(figure, png, pdf)


def _panels(tables: Mapping[str, pd.DataFrame]) -> Iterator[Panel]:
    """The panels in their order; one without lines has nothing to show."""
    yield Panel(
        "Validation PSNR (dB)", {label: t["validation_psnr"] for label, t in tables.items() if _has_psnr(t)}
    )
    for label, table in tables.items():
        losses = _columns(table, set(table) - NO_LOSS)
        positive = all((line > 0).all() for line in losses.values())
        yield Panel(f"{label}: losses", losses, logarithmic=positive)
        yield Panel(f"{label}: discriminator", _columns(table, DISCRIMINATOR), probability=True)


def _read(path: str | Path) -> pd.DataFrame:
    return read_frame(path, [], ["epoch"]).set_index("epoch", drop=False)


def _has_psnr(table: pd.DataFrame) -> bool:
    return "validation_psnr" in table and table["validation_psnr"].notna().any()


def _columns(table: pd.DataFrame, wanted: set[str]) -> dict[str, pd.Series]:
    return {name: table[name] for name in table if name in wanted and table[name].notna().any()}


def _draw_panel(axes: Axes, panel: Panel) -> None:
    for i, (label, line) in enumerate(panel.lines.items()):
        axes.plot(
            line.index,
            line,
            label=style.wrapped(NAMES.get(label, label), WIDTH / 2),
            color=style.colour(i),
            linestyle=style.line(i),
            marker=style.marker(i),
        )
    axes.set_title(style.wrapped(panel.title, WIDTH))
    if panel.logarithmic:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(PlainLogFormatter())
        axes.yaxis.set_minor_formatter(PlainLogFormatter())
    if panel.probability:
        axes.set_ylim(-0.05, 1.05)
    epochs = [epoch for line in panel.lines.values() for epoch in line.index]
    axes.set(xlabel="epoch", xlim=(min(epochs) - 0.5, max(epochs) + 0.5))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.grid()
    axes.legend()
