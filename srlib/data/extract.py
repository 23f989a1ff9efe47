"""Taking the sampled images out of the release's archives, or of a folder of pictures, as published.

Nothing of an archive is trusted: no path in it decides where anything is written, only regular
files of a sane size are read, and each image is decoded before it is kept.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from srlib.data import tar
from srlib.data.decode import decode_gray
from srlib.data.folder import index, raw_name
from srlib.data.images import folder_of, write_files
from srlib.data.limits import MAX_BYTES
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
            name = tar.base_name(member, archive)
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


def _others(missing: set[str]) -> str:
    return f" and {len(missing) - 1} other images" if len(missing) > 1 else ""


def extract_loose(folder: str | Path, images: Wanted, manifest: str | Path) -> None:
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
        os.utime(folder_of(manifest) / raw_name(name, found[name]), ns=(times.st_atime_ns, times.st_mtime_ns))


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
        yield raw_name(name, found[name]), patient, data
