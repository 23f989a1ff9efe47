"""Writes viewer.html: page.html with its style, its script and the pictures put into it."""

import base64
import io
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from PIL import Image

from srlib.data.images import read_pictures
from srlib.evaluation.columns import COLUMNS
from srlib.files import replacing

PARTS = Path(__file__).parent
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
    pictures are. Pictures are lossless WebP, so that the page's error maps are exact.
    """
    folders = {"LR": lr_manifest, **sr_manifests, "HR": hr_manifest}
    pictures: dict[str, dict[str, str]] = {}
    for label, manifest in folders.items():
        for picture in read_pictures(manifest):
            pictures.setdefault(picture.name, {})[label] = _data_url(picture.pixels)
    tables = {label: pd.read_csv(table, index_col="image") for label, table in scores.items()}
    data = {
        "caption": caption,
        "columns": {name: column._asdict() for name, column in COLUMNS.items()},
        "models": list(sr_manifests),
        "left": next((label for label in sr_manifests if label != reference), "HR"),
        "right": reference,
        "colours": _colours(),
        "error_scale": ERROR_SCALE,
        "images": [
            {
                "name": name,
                "pictures": shown,
                "scores": {label: _finite(table.loc[name]) for label, table in tables.items()},
            }
            for name, shown in pictures.items()
        ],
    }
    with replacing(path) as temporary:
        temporary.write_text(_page(data), encoding="utf-8")


def _page(data: dict[str, Any]) -> str:
    """page.html with its three parts in place of `{{style}}`, `{{data}}` and `{{script}}`."""
    parts = {
        "style": (PARTS / "page.css").read_text(encoding="utf-8"),
        "script": (PARTS / "page.js").read_text(encoding="utf-8"),
        # "<" only ever stands inside strings; escaped, no name can end the element that holds the data
        "data": json.dumps(data, allow_nan=False).replace("<", "\\u003c"),
    }
    page = (PARTS / "page.html").read_text(encoding="utf-8")
    for name, text in parts.items():
        page = page.replace(f"{{{{{name}}}}}", text, 1)
    return page


def _data_url(pixels: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="WEBP", lossless=True, quality=50, method=2)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def _finite(row: pd.Series) -> dict[str, float | None]:
    """Scores for JSON, which knows no infinity: null stands for it."""
    return {name: float(row[name]) if math.isfinite(row[name]) else None for name in COLUMNS}


def _colours() -> list[list[int]]:
    """The 256 colours of the error maps, the same as in the figures, as [red, green, blue]."""
    return matplotlib.colormaps["magma"](np.arange(256), bytes=True)[:, :3].tolist()
