"""Writes viewer.html: the restored test images beside HR and LR, with their scores."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd

from srlib.data.images import read_pictures
from srlib.errors import InputError
from srlib.evaluation.metrics import Metric, scored
from srlib.evaluation.runs import read_all
from srlib.files import replacing
from srlib.viewer.embed import MAX_PIXELS, filled, picture_url

# Gray levels at which the error maps' colours end: one scale for all images and models.
ERROR_SCALE = 40


def build(
    hr_manifest: str | Path,
    lr_manifest: str | Path,
    sr_manifests: Mapping[str, str | Path],
    scores: Mapping[str, str | Path],
    reference: str,
    caption: str,
    path: str | Path,
) -> None:
    """Write one HTML file that opens from disk without a network.

    sr_manifests, scores: display label -> manifest of its SR pictures, its scores.csv.
    reference: the label that is shown first, against the first of the others. caption: what the
    pictures are. Pictures are lossless WebP, so that the page's error maps are exact. Where there are
    more than `MAX_PIXELS`, the page holds a choice of the images, and says so.

    Raises InputError if there is no model `reference`, or if models are scored on other images.
    """
    labels = list(sr_manifests)
    if reference not in labels:
        raise InputError(f"viewer: no model {reference!r}; there are {', '.join(labels)}")
    tables = {
        label: table.set_index("image")
        for label, table in read_all({label: [path] for label, path in scores.items()}).items()
    }
    metrics = scored(tables[reference])
    psnr = tables[reference]["psnr"]
    images = choose(psnr, limit=_limit(hr_manifest, len(labels) + 2))
    first = labels.index(reference)
    data = {
        "caption": " ".join(filter(None, [caption, _choice(len(images), len(psnr), reference)])),
        "lr_label": "LR",
        "metrics": {name: _shown(metric) for name, metric in metrics.items()},
        "models": labels,
        "left": next((i for i in range(len(labels)) if i != first), "hr"),
        "right": first,
        "colours": _colours(),
        "error_scale": ERROR_SCALE,
        "images": [
            {"name": name, "scores": [_finite(tables[label].loc[name], metrics) for label in labels]}
            for name in images
        ],
        # By what a picture is, not by what it is called: a model may be labelled HR.
        "lr": _urls(lr_manifest, images),
        "hr": _urls(hr_manifest, images),
        "sr": [_urls(manifest, images) for manifest in sr_manifests.values()],
    }
    with replacing(path) as temporary:
        temporary.write_text(filled(data), encoding="utf-8")


def choose(psnr: pd.Series, limit: int) -> list[str]:
    """At most `limit` image names, evenly from the best to the worst, both included; by name.

    psnr: image name -> PSNR. Ties: the lower name first.
    """
    ranked = list(psnr.sort_index().sort_values(ascending=False, kind="stable").index)
    count = min(limit, len(ranked))
    places = np.linspace(0, len(ranked) - 1, count).round().astype(int)
    return sorted(ranked[place] for place in places)


def _limit(hr_manifest: str | Path, pictures: int) -> int:
    """How many images fit on the page, at this many pictures of HR size each."""
    pixels = next(read_pictures(hr_manifest)).pixels.size
    return max(1, MAX_PIXELS // (pixels * pictures))


def _choice(shown: int, total: int, reference: str) -> str:
    """What to say where not all images are shown."""
    if shown == total:
        return ""
    return (
        f"This page shows {shown} of the {total} test images, chosen evenly from the best to the worst "
        f"by PSNR of {reference}."
    )


def _shown(metric: Metric) -> dict[str, Any]:
    return {
        "heading": metric.heading,
        "decimals": metric.decimals,
        "larger_is_better": metric.larger_is_better,
        "ranked": metric.ranked,
    }


def _urls(manifest: str | Path, images: list[str]) -> list[str]:
    """The pictures of these images, in this order, as URLs that hold them."""
    pictures = read_pictures(manifest, only=set(images))
    urls = {picture.name: picture_url(picture.pixels) for picture in pictures}
    return [urls[name] for name in images]


def _finite(row: pd.Series, metrics: Iterable[str]) -> dict[str, float | None]:
    """Scores for JSON, which knows no infinity: null stands for it."""
    return {name: float(row[name]) if math.isfinite(row[name]) else None for name in metrics}


def _colours() -> list[list[int]]:
    """The 256 colours of the error maps, the same as in the figures, as [red, green, blue]."""
    return matplotlib.colormaps["magma"](np.arange(256), bytes=True)[:, :3].tolist()
