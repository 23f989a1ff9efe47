"""What a folder of pictures held when it was restored: restored.csv, and what tells that it has changed."""

import csv
import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from srlib.data.folder import files
from srlib.data.names import as_utf8
from srlib.errors import InputError
from srlib.files import replacing, sha256
from srlib.restore.plan import Job
from srlib.tables import read_rows

_COLUMNS = {"picture": str, "sha256": str, "bytes": int, "modified_ns": int}


def write(jobs: Sequence[Job], folder: str | Path, table: str | Path) -> None:
    """List the pictures of a folder that were restored: path inside it, and what each source holds."""
    rows = [
        [as_utf8(str(job.source.relative_to(folder))), sha256(job.source), *_age(job.source)] for job in jobs
    ]
    with replacing(table) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([list(_COLUMNS), *sorted(rows)])


def digest(folder: str | Path, table: str | Path) -> str:
    """What changes when a picture of the folder comes, goes, moves or holds something else.

    Pictures that have kept size and time since the table was written are not read again; there need be none.
    Raises InputError if the folder holds no pictures or cannot be read.
    """
    known = {}
    with suppress(InputError):
        rows = read_rows(table, _COLUMNS)
        known = {row["picture"]: (row["sha256"], row["bytes"], row["modified_ns"]) for row in rows}
    try:
        paths = sorted(map(Path, files(str(folder))))
        lines = [_line(path, as_utf8(str(path.relative_to(folder))), known) for path in paths]
    except OSError as error:
        raise InputError(
            f"{error.filename}: cannot be read ({error.strerror}); grant access to it or move it away"
        ) from error
    if not lines:
        raise InputError(f"{folder}: no pictures in it, at any depth")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _line(path: Path, name: str, known: dict[str, tuple[str, int, int]]) -> str:
    content, *age = known.get(name, ("", 0, 0))
    return f"{content if tuple(age) == _age(path) else sha256(path)} {name}"


def _age(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns
