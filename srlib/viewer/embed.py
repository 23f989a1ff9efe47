"""page.html with its style, its scripts and its data put into it: one file that shows all it holds."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

PARTS = Path(__file__).parent
# In the order in which they run; each by what it is about.
SCRIPTS = ("state", "list", "panes", "window", "input", "start")
# Pixels of all pictures together; at a third of a byte each, a page that a browser still opens at once.
MAX_PIXELS = 256_000_000


def filled(data: dict[str, Any]) -> str:
    """The page that shows `data`, for which page.state.js is the place to look."""
    parts = {
        "style": (PARTS / "page.css").read_text(encoding="utf-8"),
        "script": "\n".join((PARTS / f"page.{name}.js").read_text(encoding="utf-8") for name in SCRIPTS),
        # "<" only ever stands inside strings; escaped, no name can end the element that holds the data
        "data": json.dumps(data, allow_nan=False).replace("<", "\\u003c"),
    }
    page = (PARTS / "page.html").read_text(encoding="utf-8")
    for name, text in parts.items():
        page = page.replace(f"{{{{{name}}}}}", text, 1)
    return page


def picture_url(pixels: np.ndarray) -> str:
    """A URL that holds a picture, uint8 (H, W), without loss."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="WEBP", lossless=True, quality=50, method=2)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
