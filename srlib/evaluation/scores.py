"""Scores of one model's SR pictures: every metric, for every test image and inside every box."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from srlib.data.boxes import crop, read_boxes
from srlib.data.images import read_manifest, read_pictures
from srlib.errors import InputError
from srlib.evaluation import metrics
from srlib.files import replacing

# Column of scores.csv -> metric.
METRICS = {
    "psnr": metrics.psnr,
    "ssim": metrics.ssim,
    "ms_ssim": metrics.ms_ssim,
    "uqi": metrics.uqi,
    "uqi_sewar": metrics.uqi_sewar,
    "haarpsi": metrics.haarpsi,
    "gmsd": metrics.gmsd,
    "lr_psnr": metrics.lr_psnr,
}


def score(sr_manifest: str | Path, hr_manifest: str | Path, path: str | Path) -> None:
    """Write scores.csv: `image` and one column per metric, one row per picture of the HR manifest.

    The pictures are the saved 8-bit PNGs, what a user would look at. Raises InputError if the two
    manifests do not name the same images, or an SR picture has another size than its HR picture.
    """
    rows = [
        [name, *(_text(metric(sr, hr)) for metric in METRICS.values())]
        for name, sr, hr in _pairs(sr_manifest, hr_manifest)
    ]
    _write(path, [["image", *METRICS], *rows])


def score_boxes(
    sr_manifest: str | Path, hr_manifest: str | Path, box_list: str | Path, path: str | Path
) -> None:
    """Write the scores inside each radiologist's box: `image`, `finding` and one column per metric.

    A metric is that of the box cut out of both pictures, empty where the box is smaller than the
    metric needs. Boxes of images that are not in the manifests are left out.
    """
    boxes = read_boxes(box_list)
    rows = []
    for name, sr, hr in _pairs(sr_manifest, hr_manifest):
        for box in (box for box in boxes if box.image == name):
            part = crop(box, *hr.shape)
            rows.append([name, box.finding, *(_inside(metric, sr[part], hr[part]) for metric in METRICS)])
    _write(path, [["image", "finding", *METRICS], *rows])


def _inside(metric: str, sr: np.ndarray, hr: np.ndarray) -> str:
    try:
        return _text(METRICS[metric](sr, hr))
    except InputError:  # the box is too small for it
        return ""


def _pairs(sr_manifest: str | Path, hr_manifest: str | Path) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Name, SR and HR pixels of every picture, in the order of the HR manifest."""
    _check_same_images(sr_manifest, hr_manifest)
    sr_pixels = {picture.name: picture.pixels for picture in read_pictures(sr_manifest)}
    for hr in read_pictures(hr_manifest):
        sr = sr_pixels[hr.name]
        if sr.shape != hr.pixels.shape:
            raise InputError(
                f"{hr.name}: {sr.shape} pixels in {sr_manifest}, {hr.pixels.shape} in {hr_manifest}; "
                f"delete {sr_manifest} and run snakemake again"
            )
        yield hr.name, sr, hr.pixels


def _check_same_images(sr_manifest: str | Path, hr_manifest: str | Path) -> None:
    sr_names = {row["name"] for row in read_manifest(sr_manifest)}
    hr_names = {row["name"] for row in read_manifest(hr_manifest)}
    if odd := sorted(sr_names ^ hr_names):
        raise InputError(
            f"{odd[0]}: named by only one of {sr_manifest} and {hr_manifest} ({len(odd)} such images); "
            f"delete {sr_manifest} and run snakemake again"
        )


def _text(value: float) -> str:
    return f"{value:.6f}"


def _write(path: str | Path, rows: Sequence[Sequence[str]]) -> None:
    with replacing(path) as temporary, temporary.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
