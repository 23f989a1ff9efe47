"""Taking the sampled images out of the release's archives, or out of a folder, as published.

Nothing of an archive is trusted: no path in it decides where anything is written, only regular
files of a sane size are read, and each image is decoded before it is kept.
"""

import hashlib
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from srlib.data import tar
from srlib.data.images import SUFFIXES, decode_gray, is_dicom, png_name, write_files
from srlib.errors import InputError, shown
from srlib.files import plain_name

Wanted = Iterable[tuple[str, str]]  # (image name, patient)


def extract(archive: str | Path, images: Wanted, manifest: str | Path) -> None:
    """Write the asked (image, patient) pairs of a tar.gz into the manifest's folder, bytes unchanged.

    A member is found by its base name. The archive is read once and to its end, even when all
    images are found, so that gzip's own checksum has been seen to hold.

    Raises InputError, and writes no manifest, if the archive is missing, damaged or hostile, lacks
    an image, or holds one that cannot be decoded.
    """
    write_files(_members(Path(archive), dict(images)), manifest)


def _members(archive: Path, patients: dict[str, str]) -> Iterator[tuple[str, str, bytes]]:
    if not patients:
        return
    missing = set(patients)
    with tar.opened(archive) as stream:
        for member in tar.members(stream):
            name = _safe_name(member, archive)
            if name not in patients:
                continue
            if name not in missing:
                raise InputError(f"{archive}: holds {name} twice; {tar.REMEDY}")
            missing.remove(name)
            data = stream.take(member.size)
            decode_gray(data, f"{archive}: {shown(member.name)}")
            yield name, patients[name], data
    if missing:
        raise InputError(
            f"{archive}: lacks {min(missing)}{_others(missing)}, which the split asks for; fetch the archive "
            "again, or give a label table of the images that are there"
        )


def _safe_name(member: tarfile.TarInfo, archive: Path) -> str:
    """Base name of a member; InputError for a member that no honest archive of images has."""
    path = PurePosixPath(member.name)
    fault = None
    if path.is_absolute() or ".." in path.parts:
        fault = "would be written outside the folder"
    elif not (member.isfile() or member.isdir()):
        fault = "is a link or a device, no image"
    if fault:
        raise InputError(
            f"{archive}: member {shown(repr(member.name))} {fault}; do not use this archive, fetch it again"
        )
    return path.name if member.isfile() else ""


def list_members(archive: str | Path) -> list[str]:
    """Base names of the pictures in a tar.gz, sorted. Raises InputError as `extract` does."""
    with tar.opened(Path(archive)) as stream:
        names = (_safe_name(member, Path(archive)) for member in tar.members(stream))
        return sorted(name for name in names if Path(name).suffix.lower() == ".png" and name[0] != ".")


def index_loose(folder: str | Path) -> dict[str, Path]:
    """The pictures of a folder, at any depth: file name -> path.

    PNG, JPEG, TIFF and DICOM files by their suffix, and DICOM files without one. Raises InputError
    if there are none, or if two of one name differ in content.
    """
    found: dict[str, Path] = {}
    for path in sorted(Path(folder).rglob("*")):
        if path.name.startswith(".") or not path.is_file() or not _is_picture(path):
            continue  # macOS leaves a hidden file beside each
        other = found.setdefault(path.name, path)
        if other is not path and other.read_bytes() != path.read_bytes():
            raise InputError(f"{path} and {other}: two pictures of one name; remove or rename one")
    if not found:
        raise InputError(f"{folder}: no pictures in it, at any depth; correct dataset.source")
    _check_names(folder, found)
    return found


def names_digest(folder: str | Path) -> str:
    """sha256 of the names of a folder's pictures: another one as soon as a picture comes or goes."""
    return hashlib.sha256("\n".join(sorted(index_loose(folder))).encode()).hexdigest()


def _is_picture(path: Path) -> bool:
    if path.suffix.lower() in SUFFIXES:
        return True
    with path.open("rb") as file:
        return is_dicom(file.read(132))


def _check_names(folder: str | Path, found: dict[str, Path]) -> None:
    """Names must be fit for files, and must stay apart when all become PNGs."""
    by_png: dict[str, str] = {}
    for name in found:
        plain_name(name, str(folder))
        other = by_png.setdefault(png_name(name), name)
        if other != name:
            raise InputError(f"{folder}: {name} and {other} differ only in format; remove or rename one")


def extract_loose(folder: str | Path, images: Wanted, manifest: str | Path) -> None:
    """Copy the asked (image, patient) pairs from a folder of pictures, at any depth, bytes unchanged."""
    found = index_loose(folder)
    write_files(_loose(Path(folder), found, images), manifest)


def _loose(folder: Path, found: dict[str, Path], images: Wanted) -> Iterator[tuple[str, str, bytes]]:
    for name, patient in images:
        if name not in found:
            raise InputError(f"{folder}: lacks {name}, which the split asks for; add it, or draw a new split")
        data = found[name].read_bytes()
        decode_gray(data, str(found[name]))
        yield name, patient, data


def _others(missing: set[str]) -> str:
    return f" and {len(missing) - 1} other images" if len(missing) > 1 else ""
