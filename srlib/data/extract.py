"""Taking the sampled images out of the release's archives, as published.

Nothing of an archive is trusted: no path in it decides where anything is written, only regular
files of a sane size are read, and each image is decoded before it is kept.
"""

import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from srlib.data import tar
from srlib.data.images import decode_gray, write_files
from srlib.errors import InputError, shown

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


def _others(missing: set[str]) -> str:
    return f" and {len(missing) - 1} other images" if len(missing) > 1 else ""
