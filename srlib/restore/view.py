"""viewer.html of restored pictures: what went in and what came out, side by side, to look into."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from srlib.data import limits
from srlib.data.decode import decode_gray
from srlib.data.resample import resize
from srlib.errors import InputError
from srlib.files import replacing
from srlib.viewer.embed import MAX_PIXELS, filled, picture_url

# Pixels of the longest side that is shown; more are shrunk, for a browser's sake.
MAX_SIDE = 2048
_READ_PIXELS = 16 * limits.MAX_PIXELS  # the largest radiograph, restored
_CAPTION = (
    "NOT FOR DIAGNOSIS: restored detail is estimated, not measured. On this page, not in the restored files, "
    "every picture has 8 bits."
)


def write_viewer(pairs: Sequence[tuple[Path, Path]], path: Path) -> None:
    """Write one HTML file that shows each input file beside its restored file, without a network.

    pairs: input, output. The page says which pictures it shrinks to `MAX_SIDE`, and what it leaves out:
    files that cannot be read, and what comes after the first `MAX_PIXELS` pixels.
    Raises InputError if none is left.
    """
    images, inputs, outputs, faults, pixels = [], [], [], [], 0
    for source, restored in pairs:
        name = str(restored.relative_to(path.parent) if restored.is_relative_to(path.parent) else restored)
        try:
            before, after = _read(source, source.name), _read(restored, name)
        except InputError as error:
            faults.append(str(error))
            continue
        seen = shrunk(before), shrunk(after)
        pixels += seen[0].size + seen[1].size
        if images and pixels > MAX_PIXELS:
            break
        images.append({"name": name, "remark": _remark(before, after, seen[1])})
        inputs.append(picture_url(seen[0]))
        outputs.append(picture_url(seen[1]))
    if not images:
        raise InputError(f"{path}: no picture to show{': ' if faults else ''}{'; '.join(faults)}")
    data = {
        "caption": " ".join([_CAPTION, *_left_out(len(images), len(pairs) - len(faults), faults)]),
        "lr_label": "Input",
        "models": ["Restored"],
        "left": "lr",
        "right": 0,
        "images": images,
        "lr": inputs,
        "sr": [outputs],
    }
    with replacing(path) as temporary:
        temporary.write_text(filled(data), encoding="utf-8")


def shrunk(picture: np.ndarray) -> np.ndarray:
    """A picture, uint8 (H, W), with no side longer than `MAX_SIDE`; the aspect ratio is kept."""
    share = MAX_SIDE / max(picture.shape)
    if share >= 1:
        return picture
    height, width = (max(1, round(share * side)) for side in picture.shape)
    return resize(picture, height, width)


def _read(file: Path, name: str) -> np.ndarray:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"{name}: cannot be read ({error.strerror})") from error
    return decode_gray(data, name, _READ_PIXELS)


def _remark(before: np.ndarray, after: np.ndarray, seen: np.ndarray) -> str:
    sizes = [f"{width} x {height}" for height, width in (before.shape, after.shape, seen.shape)]
    told = f"{sizes[0]} pixels, restored {sizes[1]}"
    return told if seen.shape == after.shape else f"{told}, here shrunk to {sizes[2]}"


def _left_out(shown: int, total: int, faults: Sequence[str]) -> list[str]:
    """What to say where not all pictures are shown."""
    told = [] if shown == total else [f"This page shows the first {shown} of {total} pictures."]
    return [*told, f"Not shown: {'; '.join(faults)}."] if faults else told
