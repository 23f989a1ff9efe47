"""How a picture of any shape becomes a square HR picture, and where its pixels come to lie on it.

`crop` keeps the middle square and `pad` the whole picture between black bars; neither changes the aspect
ratio. `squeeze` does. A square picture is the same by each.
"""

import csv
from collections.abc import Mapping
from pathlib import Path

from srlib.files import replacing
from srlib.tables import read_rows

SIZE_COLUMNS = ["image", "height", "width"]

Axis = tuple[float, float]  # position on the HR picture = first * position on the picture + second, in pixels


def axes(height: int, width: int, size: int, fit: str) -> tuple[Axis, Axis]:
    """Where the rows and columns of a picture lie on its HR picture of size x size pixels."""
    return _axis(height, width, size, fit), _axis(width, height, size, fit)


def _axis(length: int, other: int, size: int, fit: str) -> Axis:
    if fit == "squeeze":
        return size / length, 0
    if fit == "pad":
        scaled = max(1, round(size * length / max(length, other)))
        return scaled / length, (size - scaled) // 2
    side = min(length, other)
    return size / side, -((length - side) // 2) * size / side


def is_enlarged(height: int, width: int, size: int, fit: str) -> bool:
    """Whether the HR picture would have more pixels than the picture has: detail that nobody took."""
    return any(factor > 1 for factor, _ in axes(height, width, size, fit))


def write_sizes(shapes: Mapping[str, tuple[int, int]], path: str | Path) -> None:
    """Write the height and width that each image had before it was resized, in pixels."""
    rows = sorted([image, height, width] for image, (height, width) in shapes.items())
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([SIZE_COLUMNS, *rows])


def read_sizes(path: str | Path) -> dict[str, tuple[int, int]]:
    """What `write_sizes` wrote: image -> height and width."""
    rows = read_rows(path, dict(zip(SIZE_COLUMNS, (str, int, int), strict=True)))
    return {row["image"]: (row["height"], row["width"]) for row in rows}
