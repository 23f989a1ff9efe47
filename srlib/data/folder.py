"""A folder of pictures as people have them: what is in it, and the sampled ones taken out of it."""

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from srlib.data.gray import MAX_BYTES
from srlib.data.images import decode_gray, folder_of, is_dicom, read_manifest, write_files
from srlib.data.names import SUFFIXES, picture_name, release_patient
from srlib.errors import InputError

# Folders of the system, of a NAS or of a file manager, beside all hidden ones.
_SYSTEM_FOLDERS = {
    "@eadir",
    "@recycle",
    "#recycle",
    "#snapshot",
    "$recycle.bin",
    "__macosx",
    "lost+found",
} | {
    "system volume information",
    "__pycache__",
}


def index(folder: str | Path) -> dict[str, str]:
    """The pictures of a folder, at any depth: name -> path inside the folder.

    PNG, JPEG, TIFF and DICOM files by their suffix, and DICOM files without one. Linked sub-folders are
    followed; hidden files, the system's folders and the results of this workflow are left out.

    Raises InputError if there are none, if a file or sub-folder cannot be read, or if two pictures would
    have one name.
    """
    root, found = Path(folder), {}
    try:
        for path in _files(root):
            inside = path.relative_to(root).as_posix()
            name = picture_name(inside)
            other = root / found.setdefault(name, inside)
            if other != path and not (release_patient(path.name) and _same(path, other)):
                raise InputError(
                    f"{path} and {other}: two pictures of one name, {name}; remove or rename one"
                )
    except OSError as error:
        raise InputError(
            f"{error.filename}: cannot be read ({error.strerror}); grant access to it or move it away"
        ) from error
    if not found:
        raise InputError(f"{folder}: no pictures in it, at any depth; correct dataset.source")
    return found


def _files(root: Path) -> Iterator[Path]:
    """The picture files below a folder, each real folder once, however many links lead there."""
    waiting, seen = deque([root]), set()
    while waiting:
        folder = waiting.popleft()
        if (real := os.path.realpath(folder)) in seen or (folder != root and _is_left_out(folder)):
            continue
        seen.add(real)
        real_folders = []
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                path = folder / entry.name
                if entry.is_dir():
                    (waiting if entry.is_symlink() else real_folders).append(path)
                elif entry.is_file() and _is_picture(path):
                    yield path
        waiting.extendleft(reversed(real_folders))  # links last: a picture's own place names it


def _is_left_out(folder: Path) -> bool:
    hidden = folder.name.startswith((".", "@__")) or folder.name.casefold() in _SYSTEM_FOLDERS
    return hidden or (folder / ".lock").is_file()  # results of this workflow: srlib.lock


def _is_picture(path: Path) -> bool:
    if path.name.startswith("."):  # macOS leaves a hidden file beside each
        return False
    if path.suffix.lower() in SUFFIXES:
        return True
    with path.open("rb") as file:
        return is_dicom(file.read(132))


def _same(path: Path, other: Path) -> bool:
    return path.read_bytes() == other.read_bytes()


def names_digest(folder: str | Path) -> str:
    """sha256 of the names of a folder's pictures: another one as soon as a picture comes, goes or moves."""
    return hashlib.sha256("\n".join(sorted(index(folder))).encode()).hexdigest()


def sha256(path: str | Path) -> str:
    """sha256 of a file's bytes."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def contents(folder: str | Path, names: Iterable[str], manifest: str | Path) -> list[str]:
    """sha256 of the bytes of some of a folder's pictures, in the names' order; "" for one that is gone.

    Pictures that were extracted under `manifest`, and have kept size and time since, are not read again.
    """
    found, known = index(folder), _extracted(manifest)
    return [
        _digest(Path(folder, found[name]), known.get(_raw_name(name, found[name]))) if name in found else ""
        for name in names
    ]


def digests(archives: Mapping[str, str]) -> Callable[[str, str], str | None]:
    """sha256 of an image by archive and name: of a picture in a folder; None where an archive is a file."""
    found = {archive: index(place) for archive, place in archives.items() if Path(place).is_dir()}

    @cache
    def digest(archive: str, image: str) -> str | None:
        return sha256(Path(archives[archive], found[archive][image])) if archive in found else None

    return digest


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


def extract_loose(folder: str | Path, images: Iterable[tuple[str, str]], manifest: str | Path) -> None:
    """Copy the asked (name, patient) pairs from a folder of pictures, bytes and times unchanged.

    Raises InputError, and writes no manifest, if a picture is missing, cannot be decoded, or is the same
    as one of another patient.
    """
    found, images = index(folder), list(images)
    if missing := [name for name, _ in images if name not in found]:
        raise InputError(
            f"{folder}: lacks {missing[0]} and {len(missing) - 1} more pictures that the split asks for; put "
            "them back, or delete split.csv to draw a new split"
        )
    write_files(_loose(Path(folder), found, images), manifest)
    for name, _ in images:
        path = Path(folder, found[name])
        times = path.stat()
        os.utime(
            folder_of(manifest) / _raw_name(name, found[name]), ns=(times.st_atime_ns, times.st_mtime_ns)
        )


def _loose(
    folder: Path, found: dict[str, str], images: list[tuple[str, str]]
) -> Iterator[tuple[str, str, bytes]]:
    for name, patient in images:
        path = folder / found[name]
        try:
            if (size := path.stat().st_size) > MAX_BYTES:
                raise InputError(f"{path}: {size} bytes, more than any radiograph; remove it from the source")
            data = path.read_bytes()
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror}); grant access to it") from error
        decode_gray(data, str(path))
        yield _raw_name(name, found[name]), patient, data


def _raw_name(name: str, path: str) -> str:
    """A picture's name with the suffix of its file: the extracted bytes are not always a PNG's."""
    suffix = Path(path).suffix
    return name.removesuffix(".png") + (suffix if suffix.lower() in SUFFIXES else "")
