"""The radiologists' boxes of the NIH release: where a finding is, on 880 of its images."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from srlib.data.geometry import axes, read_sizes
from srlib.data.names import picture_name, release_patient
from srlib.errors import InputError
from srlib.files import replacing
from srlib.tables import read_rows

# The release's images, and with them the boxes' coordinates, are 1024 pixels wide and high.
BOX_SIDE = 1024
_TINY = 1e-6  # pixels: less than any box is off, more than rounding adds


class Box(NamedTuple):
    """A finding, and where it is on a picture: pixels from its upper left corner."""

    image: str
    finding: str
    x: float
    y: float
    width: float
    height: float


def place_boxes(
    box_list: str | Path, sizes: str | Path, path: str | Path, size: int, side: int, fit: str
) -> None:
    """Write where the boxes lie on the HR pictures: of size x size pixels the first `side` rows and columns.

    box_list: BBox_List_2017.csv, or a list of that form of one's own. A box is in pixels of its image; of a
    square image that is called as one of the release, in pixels of 1024, however far it was shrunk since.
    sizes: what the images were before they were resized, see `geometry`. Boxes of other images, and what
    `fit` or `side` has cut off, are left out.

    Raises InputError naming the line that is no box, or a box outside its image.
    """
    shapes = read_sizes(sizes)
    boxes = [
        part
        for where, box in _read_list(box_list)
        if box.image in shapes and (part := _on_hr(box, where, *shapes[box.image], size, side, fit))
    ]
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([Box._fields, *boxes])


def read_boxes(path: str | Path) -> list[Box]:
    """What `place_boxes` wrote: boxes in pixels of the HR pictures."""
    types = (str, str, *[float] * (len(Box._fields) - 2))
    return [Box(**row) for row in read_rows(path, dict(zip(Box._fields, types, strict=True)))]


def _read_list(path: str | Path) -> Iterator[tuple[str, Box]]:
    """Place in the list and box: image, finding, x, y, width, height, under a header of its own kind."""
    with Path(path).open(newline="", encoding="utf-8") as file:
        for number, line in enumerate(csv.reader(file), start=1):
            if number > 1 and line:
                yield f"{path}, line {number}", _box(line, f"{path}, line {number}")


def _box(line: list[str], where: str) -> Box:
    try:
        box = Box(picture_name(line[0]), line[1], *map(float, line[2:6]))
    except (IndexError, TypeError, ValueError):
        raise InputError(f"{where}: not image, finding, x, y, width, height; fetch the file again") from None
    if not (min(box.x, box.y) >= 0 and min(box.width, box.height) > 0 and math.isfinite(sum(box[2:]))):
        raise InputError(f"{where}: no box inside an image; correct it, or fetch the file again")
    return box


def _on_hr(box: Box, where: str, height: int, width: int, size: int, side: int, fit: str) -> Box | None:
    """The part of a box that is on the HR picture of an image of height x width pixels; None for none."""
    is_release = height == width and release_patient(box.image)
    across, along = (BOX_SIDE, BOX_SIDE) if is_release else (width, height)
    if box.x + box.width > across + _TINY or box.y + box.height > along + _TINY:
        raise InputError(
            f"{where}: box outside the {across} x {along} pixels of {box.image}; correct it, or fetch the "
            "file again"
        )
    (down, top), (right, left) = axes(height, width, size, fit)
    x, x_end = (_clip(right * width / across * x + left, side) for x in (box.x, box.x + box.width))
    y, y_end = (_clip(down * height / along * y + top, side) for y in (box.y, box.y + box.height))
    if x_end - x < _TINY or y_end - y < _TINY:
        return None
    return Box(box.image, box.finding, x, y, x_end - x, y_end - y)


def _clip(position: float, side: int) -> float:
    return min(max(position, 0), side)


def crop(box: Box, size: int, scale: int) -> tuple[slice, slice]:
    """Rows and columns of a box on an HR picture of size x size pixels: all LR pixels that it touches.

    scale: HR side / LR side, the grid on which a crop has an LR picture of its own.
    """
    return _span(box.y, box.height, size, scale), _span(box.x, box.width, size, scale)


def _span(start: float, length: float, size: int, scale: int) -> slice:
    first, last = math.floor((start + _TINY) / scale), math.ceil((start + length - _TINY) / scale)
    return slice(scale * first, min(size, scale * last))
