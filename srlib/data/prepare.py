"""Folders of HR pictures, made from the extracted ones."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from srlib.data.convert import converted
from srlib.data.decode import decode_gray
from srlib.data.geometry import axes, is_enlarged, write_sizes
from srlib.data.gray import NARROW
from srlib.data.images import Picture, encode_png, read_manifest, write_files
from srlib.data.names import png_name
from srlib.data.resample import resize
from srlib.data.split import read_split
from srlib.errors import InputError


class Before(NamedTuple):
    """A picture before it became an HR picture: its file, pixels, and whether it shows next to nothing."""

    name: str
    height: int
    width: int
    is_narrow: bool


def resize_split(
    split_table: str | Path,
    split: str,
    raw: Sequence[str],
    manifest: str | Path,
    sizes: str | Path,
    *,
    size: int,
    side: int,
    fit: str,
    enlarge: bool,
    threads: int = 1,
) -> None:
    """Write the images of one split as side x side pictures, and in the table `sizes` what they were before.

    They are resized to size x size pixels, of which the first `side` rows and columns are kept.
    raw: the manifests of the extracted archives; fit: `crop`, `pad` or `squeeze`, what becomes of a picture
    that is not square; enlarge: take pictures too that have fewer pixels than an HR picture. Pictures that
    are not square, or show next to nothing, are counted and named on stderr.

    Raises InputError if one of the split's images is in none of the archives, or too small.
    """
    wanted, before = _wanted(split_table, split, raw), []
    squares = _squares(wanted, before, threads, size=size, side=side, fit=fit, enlarge=enlarge)
    write_files(squares, manifest)
    write_sizes({png_name(name): (height, width) for name, height, width, _ in before}, sizes)
    _tell(before, fit)


def _wanted(split_table: str | Path, split: str, raw: Sequence[str]) -> dict[str, set[str]]:
    """The images of a split by the manifest of their archive, in which all of them are."""
    table = read_split(split_table)
    table = table[table["split"] == split]
    wanted, missing = {}, set(table["image"])
    for manifest in raw:
        archive = Path(manifest).name.removesuffix(".manifest.csv")
        wanted[manifest] = set(table["image"][table["archive"] == archive])
        missing -= wanted[manifest] & {png_name(row["name"]) for row in read_manifest(manifest)}
    if missing:
        raise InputError(
            f"{split_table}: {len(missing)} images of the {split} split are in no extracted archive: "
            f"{_first(sorted(missing))}; delete {Path(raw[0]).parent} and run snakemake again"
        )
    return wanted


def _squares(
    wanted: Mapping[str, set[str]],
    before: list[Before],
    threads: int,
    *,
    size: int,
    side: int,
    fit: str,
    enlarge: bool,
) -> Iterator[tuple[str, str, bytes]]:
    """The HR pictures one by one, since all at once could be more than fits into memory."""

    def square(picture: Picture) -> tuple[Before, tuple[str, str, bytes]]:
        name, patient, pixels = picture
        hr = encode_png(to_square(pixels, size, fit)[:side, :side])
        return Before(name, *pixels.shape, int(np.ptp(pixels)) < 256 * NARROW), (png_name(name), patient, hr)

    for archive, names in wanted.items():
        for seen, file in converted(archive, square, threads, only=names, decode=decode_gray):
            before.append(seen)
            yield file
    small = [b for b in before if is_enlarged(b.height, b.width, size, fit)]
    if small and not enlarge:
        raise InputError(
            f"{small[0].name}: {small[0].width} x {small[0].height} pixels, too few for {size} x {size} HR "
            f"pixels (config key dataset.size), as are {len(small) - 1} other images of the sample: a model "
            "would be measured by detail that nobody took. Take these images out of the source, or set "
            "dataset.enlarge to true"
        )


def to_square(pixels: np.ndarray, size: int, fit: str) -> np.ndarray:
    """The HR picture of uint8 gray (H, W): uint8 (size, size), bicubic with antialiasing."""
    height, width = pixels.shape
    if fit == "crop":
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        return resize(pixels[top : top + side, left : left + side], size, size)
    (down, top), (right, left) = axes(height, width, size, fit)
    inner = resize(pixels, round(down * height), round(right * width))
    square = np.zeros((size, size), np.uint8)
    square[int(top) : int(top) + len(inner), int(left) : int(left) + inner.shape[1]] = inner
    return square


def _tell(before: list[Before], fit: str) -> None:
    odd = [b.name for b in before if b.height != b.width]
    narrow = [b.name for b in before if b.is_narrow]
    if odd:
        print(
            f"Note: not square, so changed by config key dataset.fit ({fit}): {len(odd)} of {len(before)} "
            f"images, {_first(odd)}",
            file=sys.stderr,
        )
    if narrow:
        print(
            f"Warning: of one gray, or within 1/8 of the grays that the file can hold, as 12-bit values in a "
            f"16-bit file are: {len(narrow)} of {len(before)} images, {_first(narrow)}. Their scores will be "
            "too good: export them with all of their range, or take them out of the source",
            file=sys.stderr,
        )


def _first(names: list[str]) -> str:
    return f"{', '.join(names[:5])}{', ...' if len(names) > 5 else ''}"
