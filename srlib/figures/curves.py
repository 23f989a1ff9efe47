"""Training curves: validation PSNR of all models, and each model's losses, by epoch."""

import math
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from srlib.errors import InputError
from srlib.figures import style

PER_ROW = 3
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
NAMES = {"d_real": "D(real)", "d_fake": "D(fake)"}


@style.paper
def draw(histories: Mapping[str, str | Path], png: str | Path, pdf: str | Path) -> None:
    """Draw history.csv files. histories: display label -> file with `epoch` and what was recorded.

    First panel: `validation_psnr` of every model that has it. Then one panel per model: its loss
    terms, on a logarithmic axis where all are positive, and D(real) and D(fake) where they exist.
    """
    tables = {label: _read(path) for label, path in histories.items()}
    panels = [("Validation PSNR (dB)", {k: t["validation_psnr"] for k, t in tables.items() if _has_psnr(t)})]
    for label, table in tables.items():
        panels.append((f"{label}: losses", _columns(table, set(table) - NO_LOSS)))
        panels.append((f"{label}: discriminator", _columns(table, {"d_real", "d_fake"})))
    panels = [(title, lines) for title, lines in panels if lines]
    rows = math.ceil(len(panels) / PER_ROW)
    figure = style.new(style.PAGE, rows * 1.9)
    axes = figure.subplots(rows, PER_ROW, squeeze=False).ravel()
    for panel, (title, lines) in zip(axes, panels, strict=False):
        _draw_lines(panel, lines)
        panel.set_title(title)
        if title.endswith("losses") and all((line > 0).all() for line in lines.values()):
            panel.set_yscale("log")
        if title.endswith("discriminator"):
            panel.set_ylim(-0.05, 1.05)
    for panel in axes[len(panels) :]:
        panel.set_axis_off()
    style.save(figure, png, pdf)


def _read(path: str | Path) -> pd.DataFrame:
    table = pd.read_csv(path)
    if "epoch" not in table:
        raise InputError(f"{path}: no column epoch; delete it and run snakemake again")
    return table.set_index("epoch", drop=False)


def _has_psnr(table: pd.DataFrame) -> bool:
    return "validation_psnr" in table and table["validation_psnr"].notna().any()


def _columns(table: pd.DataFrame, wanted: set[str]) -> dict[str, pd.Series]:
    return {name: table[name] for name in table if name in wanted and table[name].notna().any()}


def _draw_lines(axes: Axes, lines: Mapping[str, pd.Series]) -> None:
    for i, (label, line) in enumerate(lines.items()):
        axes.plot(
            line.index,
            line,
            label=NAMES.get(label, label),
            color=style.colour(i),
            linestyle=style.LINES[i % len(style.LINES)],
            marker=style.MARKERS[i % len(style.MARKERS)],
        )
    epochs = [epoch for line in lines.values() for epoch in line.index]
    axes.set(xlabel="epoch", xlim=(min(epochs) - 0.5, max(epochs) + 0.5))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.grid()
    axes.legend()
