"""Restoring files, with a bar while it runs and its figures at the end."""

import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence

from tqdm import tqdm

from srlib.errors import InputError
from srlib.restore import pipeline
from srlib.restore.model import Model
from srlib.restore.plan import Job

# Parts of pictures count, so that a large one alone has a time left, too.
_BAR = "{percentage:3.0f} % |{bar}| {n:.1f} of {total} pictures, {elapsed}, {remaining} left"


def restore(
    jobs: Sequence[Job], model: Model, *, tile: int | None = None, anonymise: bool = False
) -> list[str]:
    """Write the restored picture of each job, and say how fast; returns what went wrong, told at the end.

    tile: side of the pieces in pixels that the network takes, None for the best.
    Raises InputError if the network cannot be given pieces, OSError if a file cannot be written.
    """
    if tile and model.network.traits.receptive_field is None:
        raise InputError(
            f"--tile {tile}: network {model.note.model} has global parts, so that pieces would not give the "
            "whole picture; leave the option out"
        )
    faults, notes, megapixels, started = [], defaultdict(list), 0.0, time.perf_counter()
    with tqdm(total=len(jobs), bar_format=_BAR, file=sys.__stderr__, disable=None, dynamic_ncols=True) as bar:
        for done in pipeline.run(jobs, model, tile=tile, anonymise=anonymise, tell=bar.update):
            megapixels += done.megapixels
            for note in done.notes:
                notes[note].append(str(done.job.source))
            if done.fault:
                faults.append(done.fault)
    _tell(notes, faults, len(jobs))
    seconds = time.perf_counter() - started
    print(f"{len(jobs) - len(faults)} restored in {seconds:.1f} s: {megapixels / seconds:.2f} megapixels/s")
    return faults


def _tell(notes: Mapping[str, Sequence[str]], faults: Sequence[str], total: int) -> None:
    for note, names in notes.items():
        more = ", ..." if len(names) > 5 else ""
        print(f"Note: {note}: {len(names)} of {total}, {', '.join(names[:5])}{more}", file=sys.stderr)
    if faults:
        lines = "".join(f"\n  {fault}" for fault in faults)
        print(f"Error: {len(faults)} of {total} were not restored:{lines}", file=sys.stderr)
