"""What makes the work on a source stale that file times do not tell: contents, in a few characters."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from srlib.data.folder import index, names_digest, raw_name
from srlib.data.images import folder_of, read_manifest
from srlib.data.labels import catalog
from srlib.data.split import read_split
from srlib.errors import InputError
from srlib.files import sha256


def pool_digest(labels: Iterable[str], archives: Mapping[str, str]) -> str:
    """What changes when a picture of a folder comes, goes or moves, or when its label tables say otherwise.

    An age, or another column that is not read, changes nothing. Without label tables, archives say
    what images there are.
    Raises InputError for a folder without pictures or a table that cannot be read.
    """
    names = [names_digest(place) for place in archives.values() if Path(place).is_dir()]
    if not labels:
        names += [archive_digest(place) for place in archives.values() if Path(place).is_file()]
    return _sha256([*names, *map(repr, sorted(catalog.read(labels)))])


def archive_digest(archive: str | Path) -> str:
    """What changes when an archive holds something else: its size, and gzip's own sum of the content.

    A copy, or a new time stamp, changes nothing; and 45 GB need not be read to see that.
    """
    with Path(archive).open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 8))
        return f"{size} {file.read().hex()}"


def pictures_digest(split: str | Path, archive: str, place: str, manifest: str | Path) -> str | None:
    """What changes when a sampled picture of a folder is replaced; None for an archive, which is one file.

    Pictures that were extracted under `manifest`, and have kept size and time since, are not read again.
    Raises FileNotFoundError if there is no split yet.
    """
    if not Path(place).is_dir():
        return None
    Path(split).stat()
    try:
        drawn = read_split(split)
        return _sha256(contents(place, drawn["image"][drawn["archive"] == archive], manifest))
    except InputError as error:  # which the job that extracts them reports
        return str(error)


def _sha256(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def contents(source: str | Path, names: Iterable[str], manifest: str | Path) -> list[str]:
    """sha256 of the bytes of some of a folder's pictures, in the names' order; "" for one that is gone.

    Pictures that were extracted under `manifest`, and have kept size and time since, are not read again.
    """
    found, known = index(source), _extracted(manifest)
    return [
        _digest(Path(source, found[name]), known.get(raw_name(name, found[name]))) if name in found else ""
        for name in names
    ]


def _extracted(manifest: str | Path) -> dict[str, tuple[Path, str]]:
    """Path and sha256 of each extracted picture, by file name; nothing before the first extraction."""
    with suppress(OSError, InputError):
        raw = folder_of(manifest)
        return {row["name"]: (raw / row["name"], row["sha256"]) for row in read_manifest(manifest)}
    return {}


def _digest(path: Path, known: tuple[Path, str] | None) -> str:
    if known and known[0].is_file():
        now, then = path.stat(), known[0].stat()
        if (now.st_size, now.st_mtime_ns) == (then.st_size, then.st_mtime_ns):
            return known[1]
    return sha256(path)
