"""Memory: keeping it in the process, and what to say when there is none left."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from srlib.errors import InputError

# Parameters of glibc's mallopt(3).
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4


def keep_freed() -> None:
    """Let the C library keep freed memory for the next allocation, where it can be told so (glibc).

    By default every large tensor is mapped anew and its pages are faulted in one by one, which took a
    third of a convolution's time (docs/performance.md).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_MAX, 0)
        mallopt(_TRIM_THRESHOLD, -1)


@contextmanager
def advice() -> Iterator[None]:
    """Turn running out of memory, on a GPU or on a CPU, into an InputError that says what to lower."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        out = isinstance(error, torch.OutOfMemoryError | MemoryError)
        if not out and "can't allocate memory" not in str(error):
            raise
        reason = (str(error) or "MemoryError").partition("\n")[0]
        raise InputError(
            f"out of memory ({reason}); lower training.batch, or set training.crop to train on parts of "
            "the images"
        ) from None
