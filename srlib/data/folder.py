"""A folder of pictures as people have them: what is in it, and what has become of it."""

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

from srlib.data.names import SUFFIXES, is_dicom, picture_name, release_patient
from srlib.errors import InputError
from srlib.files import sha256

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
    root, found = str(folder), {}
    try:
        for path in files(root):
            inside = path[len(root) + 1 :]
            name = picture_name(inside)
            other = found.setdefault(name, inside)
            if other != inside and not _is_copy(root, other, inside):
                raise InputError(
                    f"{path} and {root}/{other}: two pictures of one name, {name}; remove or rename one"
                )
    except OSError as error:
        raise InputError(
            f"{error.filename}: cannot be read ({error.strerror}); grant access to it or move it away"
        ) from error
    if not found:
        raise InputError(f"{folder}: no pictures in it, at any depth; correct dataset.source")
    return found


def files(root: str) -> Iterator[str]:
    """The picture files below a folder, each real folder once, however many links lead there.

    Which they are, `index` says. Raises OSError for one that cannot be read.
    """
    waiting, seen = deque([root]), set()
    while waiting:
        folder = waiting.popleft()
        status = Path(folder).stat()
        if (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        if folder != root and any(entry.name == ".lock" for entry in found):
            continue  # results of this workflow: srlib.lock
        folders = [entry for entry in found if entry.is_dir() and not _is_left_out(entry.name)]
        yield from (entry.path for entry in found if entry.is_file() and _is_picture(entry.path, entry.name))
        # Links last: a picture's own place names it.
        waiting.extendleft(entry.path for entry in reversed(folders) if not entry.is_symlink())
        waiting.extend(entry.path for entry in folders if entry.is_symlink())


def _is_left_out(folder: str) -> bool:
    return folder.startswith((".", "@__")) or folder.casefold() in _SYSTEM_FOLDERS


def _is_picture(path: str, name: str) -> bool:
    if name.startswith("."):  # macOS leaves a hidden file beside each
        return False
    if name.lower().endswith(tuple(SUFFIXES)):
        return True
    with Path(path).open("rb") as file:
        return is_dicom(file.read(132))


def _is_copy(root: str, first: str, second: str) -> bool:
    """Whether two paths are the same image of the NIH release, which keeps its name wherever it lies."""
    is_release = release_patient(first.rpartition("/")[2]) is not None
    return is_release and Path(root, first).read_bytes() == Path(root, second).read_bytes()


def names_digest(folder: str | Path) -> str:
    """sha256 of the names of a folder's pictures: another one as soon as a picture comes, goes or moves."""
    return hashlib.sha256("\n".join(sorted(index(folder))).encode()).hexdigest()


def digests(archives: Mapping[str, str]) -> Callable[[str, str], str | None]:
    """sha256 of an image by archive and name, if it is a picture in a folder; else None."""
    found = {archive: index(place) for archive, place in archives.items() if Path(place).is_dir()}

    @cache
    def digest(archive: str, image: str) -> str | None:
        path = found.get(archive, {}).get(image)
        return sha256(Path(archives[archive], path)) if path else None

    return digest


def raw_name(name: str, path: str) -> str:
    """A picture's name with the suffix of its file: the extracted bytes are not always a PNG's."""
    suffix = Path(path).suffix
    return name.removesuffix(".png") + (suffix if suffix.lower() in SUFFIXES else "")
