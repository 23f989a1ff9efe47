"""Taking the sampled images out of the release's archives, or of a folder of pictures, as published.

Nothing of an archive is trusted: no path in it decides where anything is written, only regular
files of a sane size are read, and each image is decoded before it is kept.
"""

import csv
import hashlib
import os
from collections.abc import Generator, Iterable
from contextlib import closing
from pathlib import Path

from srlib.ahead import ahead
from srlib.data import tar
from srlib.data.decode import decode_gray
from srlib.data.folder import index, raw_name
from srlib.data.images import MANIFEST_COLUMNS, folder_of
from srlib.data.limits import MAX_BYTES
from srlib.errors import InputError, shown
from srlib.files import continued_folder, replacing

Wanted = Iterable[tuple[str, str]]  # (image name, patient)
Files = Generator[tuple[str, str, bytes, str], None, None]  # file name, patient, bytes, where they come from


def write_raw(files: Files, manifest: str | Path, threads: int = 1) -> None:
    """Write image files into the manifest's folder, bytes unchanged, and then the manifest, sorted by name.

    As many are decoded and written at a time as there are threads. What is done is kept until all is, however
    the call or its process ends, and the next call goes on from there: a file that is there byte for byte is
    neither decoded nor written again. One that was half written, or is of another archive or sample, differs,
    or is not asked for and goes.

    Raises InputError for the first file that cannot be decoded.
    """
    with continued_folder(folder_of(manifest)) as folder, closing(files):

        def keep(file: tuple[str, str, bytes, str]) -> list[str]:
            name, patient, data, origin = file
            path = folder / name
            if not (path.is_file() and path.read_bytes() == data):
                decode_gray(data, origin)
                path.write_bytes(data)
            return [name, hashlib.sha256(data).hexdigest(), patient]

        rows = sorted(ahead(keep, files, threads))
        for other in {path.name for path in folder.iterdir()} - {name for name, *_ in rows}:
            (folder / other).unlink()
    with replacing(manifest) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([MANIFEST_COLUMNS, *rows])


def extract(archive: str | Path, images: Wanted, manifest: str | Path, threads: int = 1) -> None:
    """Write the asked (image, patient) pairs of a tar.gz into the manifest's folder, bytes unchanged.

    A member is found by its base name. The archive is read once and to its end, even when all
    images are found, so that gzip's own checksum has been seen to hold. A call that goes on from one that
    was killed (`write_raw`) reads it all, too: gzip has no index. That is quick beside decoding.

    Raises InputError, and writes no manifest, if the archive is missing, damaged or hostile, lacks
    an image, or holds one that cannot be decoded.
    """
    write_raw(_members(Path(archive), dict(images)), manifest, threads)


def _members(archive: Path, patients: dict[str, str]) -> Files:
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
            yield name, patients[name], stream.take(member.size), f"{archive}: {shown(member.name)}"
    if missing:
        raise InputError(
            f"{archive}: lacks {min(missing)}{_others(missing)}, which the split asks for; fetch the archive "
            "again, or give a label table of the images that are there"
        )


def _others(missing: set[str]) -> str:
    return f" and {len(missing) - 1} other images" if len(missing) > 1 else ""


def extract_loose(folder: str | Path, images: Wanted, manifest: str | Path, threads: int = 1) -> None:
    """Copy the asked (name, patient) pairs from a folder of pictures, bytes and times unchanged.

    A call goes on from one that was killed (`write_raw`).

    Raises InputError, and writes no manifest, if a picture is missing, cannot be decoded, or is the same
    as one of another patient.
    """
    found, images = index(folder), list(images)
    if missing := [name for name, _ in images if name not in found]:
        raise InputError(
            f"{folder}: lacks {missing[0]} and {len(missing) - 1} more pictures that the split asks for; put "
            "them back, or delete split.csv to draw a new split"
        )
    write_raw(_loose(Path(folder), found, images), manifest, threads)
    for name, _ in images:
        path = Path(folder, found[name])
        times = path.stat()
        os.utime(folder_of(manifest) / raw_name(name, found[name]), ns=(times.st_atime_ns, times.st_mtime_ns))


def _loose(folder: Path, found: dict[str, str], images: list[tuple[str, str]]) -> Files:
    for name, patient in images:
        path = folder / found[name]
        try:
            if (size := path.stat().st_size) > MAX_BYTES:
                raise InputError(f"{path}: {size} bytes, more than any radiograph; remove it")
            data = path.read_bytes()
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror}); grant access to it") from error
        yield raw_name(name, found[name]), patient, data, str(path)
