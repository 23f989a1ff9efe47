"""A folder of pictures restored as a stage of the workflow: all, or an error that keeps what is done."""

import hashlib
import shutil
from pathlib import Path

from srlib.errors import InputError
from srlib.files import sha256
from srlib.restore import files, model, tracking
from srlib.restore.plan import Job, plan


def restore(
    pictures: str | Path,
    folder: str | Path,
    table: str | Path,
    *,
    weights: str | Path,
    device: str,
    precision: str,
    code: str,
    lr: str | None = None,
) -> None:
    """Restore the pictures of a folder, at any depth, into `folder`, and list them in `table` (restored.csv).

    lr: folder of the LR variant that another project's model takes.
    What is restored already by the same weights, precision and code (its digest) is not restored again when
    the job was stopped, or when a picture was bad: until all are done they lie in a hidden folder beside it.
    Raises InputError if a picture cannot be restored, when the others are.
    """
    folder = Path(folder)
    made_by = hashlib.sha256(f"{sha256(weights)} {precision} {code}".encode()).hexdigest()[:16]
    unfinished = folder.with_name(f".{folder.name}.unfinished-{made_by}")
    jobs = plan([pictures], unfinished)
    todo = [job for job in jobs if not _is_done(job)]
    faults = files.restore(todo, model.load(weights, device, precision, lr))
    if faults:
        raise InputError(
            f"{pictures}: {len(faults)} of {len(jobs)} pictures were not restored, as said above; replace "
            "them or take them out, then run the same command again, which restores what is still missing"
        )
    _remove_others(unfinished, jobs)
    tracking.write(jobs, pictures, table)
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.replace(folder)
    for left in folder.parent.glob(f".{folder.name}.unfinished-*"):
        shutil.rmtree(left)


def _is_done(job: Job) -> bool:
    """Whether the source has not been touched since: its change time, which no copy brings with it."""
    return job.output.is_file() and job.source.stat().st_ctime_ns < job.output.stat().st_mtime_ns


def _remove_others(folder: Path, jobs: list[Job]) -> None:
    """Remove what an earlier, stopped run made of pictures that are gone, or half."""
    wanted = {job.output for job in jobs}
    for path in folder.rglob("*"):
        if path.is_file() and path not in wanted:
            path.unlink()
