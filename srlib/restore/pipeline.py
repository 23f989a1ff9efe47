"""Files through a model: decoding, computing and encoding at the same time, with few pictures in memory."""

import os
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import NamedTuple

import numpy as np

from srlib import device as devices
from srlib.ahead import ahead
from srlib.data.limits import MAX_BYTES
from srlib.errors import InputError
from srlib.files import replacing
from srlib.restore.model import Model, restore
from srlib.restore.picture import Source, read
from srlib.restore.plan import Job
from srlib.restore.writers import encode

# LR pixels that keep a GPU busy; pictures of fewer go through it together. A CPU is faster one by one.
_BUSY = 2**18
_THREADS = min(4, len(os.sched_getaffinity(0)))  # that decode, and as many that encode


class Work(NamedTuple):
    """A job on its way: its source once it was read, its SR picture once there is one, or what went wrong."""

    job: Job
    source: Source | None = None
    sr: np.ndarray | None = None
    fault: str | None = None


class Done(NamedTuple):
    """What became of a job: megapixels of its SR picture, notes for the person, and what went wrong."""

    job: Job
    megapixels: float
    notes: tuple[str, ...]
    fault: str | None


def run(
    jobs: Iterable[Job],
    model: Model,
    *,
    tile: int | None,
    anonymise: bool = False,
    tell: Callable[[float], object] = lambda pictures: None,
) -> Iterator[Done]:
    """Restore files, in their order, and tell of each when it is written. A bad one stops no other.

    tell: is called with the pictures, or parts of one, that went through the network since.
    Raises OSError where a file cannot be written (a full disk).
    """

    @_unless_faulty
    def write(work: Work) -> Work:
        data = encode(work.source, work.sr, model.note, anonymise=anonymise)
        try:
            with replacing(work.job.output) as temporary:
                temporary.write_bytes(data)
        except (IsADirectoryError, NotADirectoryError, FileExistsError) as error:
            place = error.filename or work.job.output
            raise InputError(f"{work.job.source}: {place}: {error.strerror}; move it away") from error
        return work

    busy = _BUSY if devices.of(model.network).type == "cuda" else 1
    read_ahead = ahead(_read, map(Work, jobs), _THREADS)
    restored = (work for batch in batches(read_ahead, busy) for work in _restored(batch, model, tile, tell))
    for work in ahead(write, restored, _THREADS):
        pixels = work.sr.size if work.fault is None else 0
        yield Done(work.job, pixels / 1e6, work.source.notes if work.source else (), work.fault)


def _unless_faulty(step: Callable[[Work], Work]) -> Callable[[Work], Work]:
    """The step, but for what has failed before; what fails in it is told of the picture alone."""

    @wraps(step)
    def guarded(work: Work) -> Work:
        try:
            return work if work.fault else step(work)
        except InputError as error:
            return work._replace(fault=str(error))

    return guarded


@_unless_faulty
def _read(work: Work) -> Work:
    path = work.job.source
    try:
        if (size := path.stat().st_size) > MAX_BYTES:
            raise InputError(f"{path}: {size} bytes, more than any radiograph; shrink or remove it")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    return work._replace(source=read(data, str(path)))


def batches(works: Iterable[Work], busy: int) -> Iterator[list[Work]]:
    """Neighbours of one size and depth together while they have no more than `busy` pixels; others alone."""
    batch: list[Work] = []
    for work in works:
        if batch and (_shape(work) != _shape(batch[0]) or (len(batch) + 1) * _pixels(work) > busy):
            yield batch
            batch = []
        batch.append(work)
    if batch:
        yield batch


def _shape(work: Work) -> tuple[int, ...] | None:
    return None if work.source is None else (*work.source.gray.shape, work.source.bits)


def _pixels(work: Work) -> int:
    return 0 if work.source is None else work.source.gray.size


def _restored(
    batch: list[Work], model: Model, tile: int | None, tell: Callable[[float], object]
) -> list[Work]:
    """The works of a batch with their SR pictures, or with what went wrong with each."""
    if batch[0].fault:
        tell(len(batch))
        return batch
    try:
        grays = np.stack([work.source.gray for work in batch])
        chosen = model if batch[0].source.bits == 8 else model._replace(precision="float32")
        srs = restore(chosen, grays, tile, lambda share: tell(share * len(batch)))
        return [work._replace(sr=sr) for work, sr in zip(batch, srs, strict=True)]
    except InputError as error:
        if len(batch) > 1:
            return [work for alone in batch for work in _restored([alone], model, tile, lambda _: None)]
        return [batch[0]._replace(fault=f"{batch[0].job.source}: {error}")]
