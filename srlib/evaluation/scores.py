"""Scores of one model's SR pictures: every metric, for every test image and inside every box."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from srlib.data.boxes import crop, read_boxes
from srlib.evaluation.metrics import METRICS, available, measure
from srlib.evaluation.pairs import pairs, without_border
from srlib.files import replacing


def score(
    sr_manifest: str | Path,
    hr_manifest: str | Path,
    path: str | Path,
    scale: int,
    crop_border: int = 0,
    files: Mapping[str, str] | None = None,
) -> None:
    """Write scores.csv: `image` and one column per metric, one row per picture of the HR manifest.

    scale: HR side / LR side. crop_border: pixels along each edge that are not scored, a multiple of the
    scale. files: metric -> the file that it needs; without one, it gets no column.
    Raises InputError if the two manifests do not name the same images, or an SR picture has another
    size than its HR picture.
    """
    names = available(files or {})
    rows = []
    for image, *pair in pairs(sr_manifest, hr_manifest):
        sr, hr = (without_border(picture, crop_border) for picture in pair)
        rows.append([image, *(_text(measure(name, sr, hr, scale, files)) for name in names)])
    _write(path, [["image", *names], *rows])


def score_boxes(
    sr_manifest: str | Path,
    hr_manifest: str | Path,
    box_list: str | Path,
    path: str | Path,
    scale: int,
    files: Mapping[str, str] | None = None,
) -> None:
    """Write the scores inside each radiologist's box: `image`, `finding` and one column per metric.

    A metric is that of the box cut out of both pictures, empty where the box is smaller than the
    metric needs. box_list: from `boxes.place_boxes`.
    """
    names = available(files or {})
    boxes = read_boxes(box_list)
    rows = []
    for image, sr, hr in pairs(sr_manifest, hr_manifest):
        for box in (box for box in boxes if box.image == image):
            part = crop(box, len(hr), scale)
            inside = sr[part], hr[part]
            fits = (min(hr[part].shape) >= METRICS[name].smallest for name in names)
            values = [
                _text(measure(name, *inside, scale, files)) if fit else ""
                for name, fit in zip(names, fits, strict=True)
            ]
            rows.append([image, box.finding, *values])
    _write(path, [["image", "finding", *names], *rows])


def _text(value: float) -> str:
    return f"{value:.6f}"


def _write(path: str | Path, rows: Sequence[Sequence[str]]) -> None:
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
