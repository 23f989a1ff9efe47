"""The visual comparison: LR, every model and HR side by side, a zoomed crop, and the error."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from matplotlib.patches import Rectangle
from scipy.ndimage import uniform_filter

from srlib.data.boxes import Box, crop, read_boxes
from srlib.data.images import read_pictures
from srlib.data.resample import resize
from srlib.errors import InputError
from srlib.figures import style
from srlib.tables import read_frame

FRAME = "#E69F00"


class Choice(NamedTuple):
    """Why an image is drawn, its name, and the box to zoom into; None: where the error is largest."""

    reason: str
    image: str
    box: Box | None


class Example(NamedTuple):
    """One test image: why it was picked, what to zoom into, its pictures as uint8 (H, W), its scores."""

    title: str
    zoom: tuple[slice, slice]
    lr: np.ndarray
    hr: np.ndarray
    sr: dict[str, np.ndarray]
    scores: dict[str, pd.Series]


class Tile(NamedTuple):
    """One column of an example: its heading, uint8 (H, W), and for a model its error map."""

    heading: str
    picture: np.ndarray
    error: np.ndarray | None = None


@style.paper
def draw(
    hr_manifest: str | Path,
    lr_manifest: str | Path,
    sr_manifests: Mapping[str, str | Path],
    scores: Mapping[str, str | Path],
    reference: str,
    boxes: str | Path | None,
    png: str | Path,
    pdf: str | Path,
) -> None:
    """Draw the test images on which the model `reference` has its best, median and worst PSNR.

    sr_manifests, scores: display label -> manifest of its SR pictures, its scores.csv. boxes: from
    `boxes.place_boxes`, if there are any: of the images that have one, the one of median PSNR is
    drawn too, zoomed into its box.

    Three rows per image: the whole picture; a crop, the quarter-size window where `reference` errs
    most; the absolute error |SR - HR|. All gray tiles of one image have one gray window, all error maps of
    the figure one scale.
    """
    tables = {
        label: read_frame(path, ["image"], ["psnr"]).set_index("image") for label, path in scores.items()
    }
    if reference not in tables:
        raise InputError(f"figure comparison: no model {reference!r}; there are {', '.join(tables)}")
    choices = _choose(tables[reference]["psnr"], reference, boxes)
    names = {choice.image for choice in choices}
    hr, lr = _read(hr_manifest, names), _read(lr_manifest, names)
    sr = {label: _read(path, names) for label, path in sr_manifests.items()}
    examples = []
    for choice in choices:
        name = choice.image
        if choice.box:
            zoom = square(choice.box, len(hr[name]), len(hr[name]) // len(lr[name]))
            finding = f" ({choice.box.finding})"
        else:
            zoom, finding = crop_of_largest_error(sr[reference][name], hr[name]), ""
        pictures = {label: pictures[name] for label, pictures in sr.items()}
        rows = {label: table.loc[name] for label, table in tables.items()}
        examples.append(
            Example(f"{choice.reason}: {name}{finding}", zoom, lr[name], hr[name], pictures, rows)
        )
    scale = max(np.percentile(_error(sr, e.hr), 98) for e in examples for sr in e.sr.values())
    columns = len(sr_manifests) + 2
    side = style.PAGE / columns
    figure = style.new(style.PAGE, len(examples) * (3 * side + 0.42))
    figure.get_layout_engine().set(w_pad=0.01, h_pad=0.01, wspace=0.02, hspace=0.02)
    parts = np.atleast_1d(figure.subfigures(len(examples), 1))
    for part, example in zip(parts, examples, strict=True):
        _draw_example(part, example, scale)
    style.save(figure, png, pdf)


def _choose(psnr: pd.Series, reference: str, boxes: str | Path | None) -> list[Choice]:
    """The images to draw. psnr: of `reference` by image name."""
    choices = [Choice(f"{rule} PSNR of {reference}", name, None) for rule, name in pick(psnr).items()]
    boxed = {box.image: box for box in (read_boxes(boxes) if boxes else []) if box.image in psnr.index}
    if boxed:
        name = median(psnr[list(boxed)])
        choices.append(Choice(f"Median PSNR of {reference} among images with a box", name, boxed[name]))
    return choices


def pick(psnr: pd.Series) -> dict[str, str]:
    """Image names by rule, "Best", "Median" and "Worst", fewer where there are fewer images.

    psnr: image name -> PSNR. Ties: the lower name first.
    """
    ordered = _best_first(psnr)
    rules = {"Best": ordered[0], "Median": median(psnr), "Worst": ordered[-1]}
    seen: set[str] = set()
    return {rule: name for rule, name in rules.items() if not (name in seen or seen.add(name))}


def median(psnr: pd.Series) -> str:
    """Name of the image in the middle; of two middle ones the worse."""
    return _best_first(psnr)[len(psnr) // 2]


def _best_first(psnr: pd.Series) -> list[str]:
    return list(psnr.sort_index().sort_values(ascending=False, kind="stable").index)


def square(box: Box, size: int, scale: int) -> tuple[slice, slice]:
    """The smallest square around a box on a picture of size x size pixels, moved inside the picture."""
    rows, columns = crop(box, size, scale)
    side = min(max(rows.stop - rows.start, columns.stop - columns.start), size)

    def around(span: slice) -> slice:
        start = min(max((span.start + span.stop - side) // 2, 0), size - side)
        return slice(start, start + side)

    return around(rows), around(columns)


def crop_of_largest_error(sr: np.ndarray, hr: np.ndarray) -> tuple[slice, slice]:
    """The window of a quarter of the sides with the largest mean absolute error.

    It keeps an eighth of the sides away from the borders: there, lead markers and the collimator's
    edge would win over the anatomy.
    """
    height, width = hr.shape[0] // 4, hr.shape[1] // 4
    means = uniform_filter(_error(sr, hr), (height, width))
    rows, columns = (range(side // 8, side - side // 8 - side // 4 + 1) for side in hr.shape)
    # The filter's value at a pixel is the mean over the window that begins half a window before it.
    inside = means[np.ix_([r + height // 2 for r in rows], [c + width // 2 for c in columns])]
    row, column = np.unravel_index(np.argmax(inside), inside.shape)
    row, column = rows[row], columns[column]
    return slice(row, row + height), slice(column, column + width)


def _read(manifest: str | Path, names: set[str]) -> dict[str, np.ndarray]:
    return {picture.name: picture.pixels for picture in read_pictures(manifest, only=names)}


def _error(sr: np.ndarray, hr: np.ndarray) -> np.ndarray:
    return np.abs(sr.astype(np.float64) - hr)


def _draw_example(part: SubFigure, example: Example, scale: float) -> None:
    hr = example.hr
    width = style.PAGE / (len(example.sr) + 2)
    lr = Tile("LR\n", resize(example.lr, *hr.shape, filter=0))
    models = [
        Tile(_heading(label, example.scores[label], width), picture, _error(picture, hr))
        for label, picture in example.sr.items()
    ]
    pictures = [lr, *models, Tile("HR\n", hr)]
    low, high = np.percentile(hr, [0.1, 99.9])
    part.suptitle(example.title, x=0.003, ha="left", fontweight="bold", fontsize=7)
    tiles = part.subplots(3, len(pictures))
    for column, tile in zip(tiles.T, pictures, strict=True):
        column[0].set_title(tile.heading, pad=2, fontsize=6.5)
        column[0].imshow(tile.picture, cmap="gray", vmin=low, vmax=high)
        _frame(column[0], example.zoom)
        column[1].imshow(tile.picture[example.zoom], cmap="gray", vmin=low, vmax=high)
        if tile.error is not None:
            error_map = column[2].imshow(tile.error, cmap="magma", vmin=0, vmax=scale)
        for axes in column:
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
    bar = tiles[2, -1].inset_axes((0.08, 0.05, 0.12, 0.9))
    part.colorbar(error_map, cax=bar, extend="max", label="|SR - HR|\n(gray levels)").outline.set_visible(
        False
    )


def _heading(label: str, scores: pd.Series, width: float) -> str:
    return f"{style.wrapped(label, width)}\n{scores['psnr']:.2f} dB, {scores['ssim']:.3f}"


def _frame(axes: Axes, zoom: tuple[slice, slice]) -> None:
    rows, columns = zoom
    size = columns.stop - columns.start, rows.stop - rows.start
    axes.add_patch(
        Rectangle((columns.start - 0.5, rows.start - 0.5), *size, fill=False, edgecolor=FRAME, linewidth=0.8)
    )
