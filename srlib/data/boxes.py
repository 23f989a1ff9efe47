"""The radiologists' boxes of the NIH release: where a finding is, on 880 of its images."""

import csv
import math
from pathlib import Path
from typing import NamedTuple

from srlib.errors import InputError

# The release's images, and with them the boxes' coordinates, are 1024 pixels wide and high.
BOX_SIDE = 1024
# HR pixels to an LR pixel: a crop on this grid has an LR picture of its own.
GRID = 4


class Box(NamedTuple):
    """A finding, and where it is on the image: pixels of 1024 from the upper left corner."""

    image: str
    finding: str
    x: float
    y: float
    width: float
    height: float


def read_boxes(path: str | Path) -> list[Box]:
    """Read BBox_List_2017.csv: image, finding, x, y, width, height, under a header of its own kind.

    Raises InputError naming the line that is no box.
    """
    with Path(path).open(newline="") as file:
        lines = list(csv.reader(file))[1:]
    return [_box(line, f"{path}, line {number}") for number, line in enumerate(lines, start=2) if line]


def _box(line: list[str], where: str) -> Box:
    try:
        box = Box(line[0], line[1], *map(float, line[2:6]))
    except (IndexError, TypeError, ValueError):
        raise InputError(f"{where}: not image, finding, x, y, width, height; fetch the file again") from None
    inside = min(box.x, box.y) >= 0 and max(box.x + box.width, box.y + box.height) <= BOX_SIDE
    if not (inside and min(box.width, box.height) > 0):  # also where one is not a number
        raise InputError(f"{where}: box outside the {BOX_SIDE} pixels of the image; fetch the file again")
    return box


def crop(box: Box, height: int, width: int) -> tuple[slice, slice]:
    """Rows and columns of the box on an HR picture of this size: all LR pixels that it touches."""
    return _span(box.y, box.height, height), _span(box.x, box.width, width)


def _span(start: float, length: float, side: int) -> slice:
    pixels = side / BOX_SIDE / GRID
    return slice(GRID * math.floor(start * pixels), min(side, GRID * math.ceil((start + length) * pixels)))
