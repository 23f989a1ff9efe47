"""Folders of pictures made from others, by threads."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np

from srlib.ahead import ahead
from srlib.data.images import Picture, decode_png, read_pictures

R = TypeVar("R")


def converted(
    manifest: str | Path,
    convert: Callable[[Picture], R],
    threads: int,
    *,
    only: set[str] | None = None,
    decode: Callable[[bytes, str], np.ndarray] = decode_png,
) -> Iterator[R]:
    """What `convert` makes of the pictures of a manifest, in its order; `only`, `decode` as `read_pictures`.

    As many are decoded and converted at a time as there are threads; one more is held, as its file's bytes.
    """

    def work(undecoded: Picture) -> R:
        return convert(undecoded._replace(pixels=decode(*undecoded.pixels)))

    # What is read has no pixels yet, but the arguments of `decode`.
    return ahead(work, read_pictures(manifest, only, lambda data, name: (data, name)), threads)
