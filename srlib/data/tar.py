"""The members of a tar.gz, one after the other, of an archive that may be damaged or hostile.

Not by tarfile.open: it reads extended headers and sparse maps of any length into memory, follows
chains of them by recursion, and keeps every member that it has passed. Only single headers, of 512
bytes, are left to it. Format: POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar's long names.
"""

import gzip
import re
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tarfile import BLOCKSIZE, TarError, TarInfo

from srlib.data.limits import MAX_BYTES
from srlib.errors import InputError, shown

REMEDY = "delete it and fetch it again"
_LONGEST_HEADER = 2**16  # bytes of an extended header, which holds little more than a name
_LARGEST_RATIO = 100  # of what gzip makes of pictures, which are compressed already
_PAX = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)
_NO_DATA = (
    *(tarfile.DIRTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.FIFOTYPE),
    tarfile.CHRTYPE,
    tarfile.BLKTYPE,
)


class Stream:
    """What a gzip file unpacks to, of which no more than `most` bytes are read."""

    def __init__(self, file: gzip.GzipFile, most: int) -> None:
        self._file, self._most, self.position = file, most, 0

    def read(self, count: int) -> bytes:
        """The next `count` bytes, fewer only at the end."""
        data = self._file.read(count)
        self.position += len(data)
        if self.position > self._most:
            raise TarError(f"it unpacks to more than {self._most} bytes")
        return data

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        data = self.read(count)
        if len(data) < count:
            raise TarError("it ends early")
        return data

    def skip_to(self, position: int) -> None:
        while self.position < position:
            self.take(min(position - self.position, 2**20))


@contextmanager
def opened(archive: Path) -> Iterator[Stream]:
    """A tar.gz as a stream, which is read to its end when the block has done with it.

    To the end of the file, even behind the end of the tar, so that gzip's own checksum has been seen
    to hold. Raises InputError if the archive is missing, or turns out to be damaged.
    """
    try:
        with gzip.open(archive) as file:
            stream = Stream(file, _LARGEST_RATIO * (archive.stat().st_size + 2**20))
            yield stream
            while stream.read(2**20):
                pass
    except FileNotFoundError:
        raise InputError(
            f"{archive}: no such archive; fetch it, or take it out of dataset.archives"
        ) from None
    except (OSError, EOFError, zlib.error, TarError) as error:
        if getattr(error, "errno", None) is not None:  # of the disk, not of the archive
            raise
        raise InputError(f"{archive}: damaged, or no tar.gz archive ({shown(error)}); {REMEDY}") from error


def members(stream: Stream) -> Iterator[TarInfo]:
    """Each member's header; its `size` bytes may be taken from the stream before the next is asked for."""
    while (member := _next(stream)) is not None:
        start = stream.position
        yield member
        if member.type not in _NO_DATA:
            stream.skip_to(start + _padded(member.size))


def _next(stream: Stream) -> TarInfo | None:
    """The next header, with what the extended headers before it say of it; None at the archive's end."""
    records: dict[bytes, bytes] = {}
    while block := stream.read(BLOCKSIZE):
        try:
            member = TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.EOFHeaderError:
            return None
        if member.type in _PAX:
            records |= _pax_records(_extended(stream, member))
        elif member.type == tarfile.GNUTYPE_LONGNAME:
            records[b"path"] = _extended(stream, member).partition(b"\0")[0]
        elif member.type in (tarfile.XGLTYPE, tarfile.GNUTYPE_LONGLINK):
            _extended(stream, member)  # of all members, or of a link, which is refused in any case
        else:
            return _amended(member, records)
    if stream.position == 0:
        raise TarError("it is empty")
    return None


def _extended(stream: Stream, member: TarInfo) -> bytes:
    if not 0 <= member.size <= _LONGEST_HEADER:
        raise TarError(f"an extended header claims {member.size} bytes")
    return stream.take(_padded(member.size))[: member.size]


def _padded(size: int) -> int:
    return -(-size // BLOCKSIZE) * BLOCKSIZE


def _pax_records(data: bytes) -> dict[bytes, bytes]:
    """Records "LENGTH KEY=VALUE\\n", where the length counts all of the record."""
    records = {}
    while data:
        head = re.match(rb"([0-9]{1,6}) ([^=]+)=", data)
        length = int(head[1]) if head else 0
        if not head or not head.end() < length <= len(data) or data[length - 1 : length] != b"\n":
            raise TarError("an extended header that is none")
        records[head[2]] = data[head.end() : length - 1]
        data = data[length:]
    return records


def _amended(member: TarInfo, records: dict[bytes, bytes]) -> TarInfo:
    if b"path" in records:
        member.name = records[b"path"].decode("utf-8", "surrogateescape").rstrip("/")
    if b"size" in records:
        member.size = int(records[b"size"]) if re.fullmatch(rb"[0-9]{1,18}", records[b"size"]) else -1
    if member.type == tarfile.GNUTYPE_SPARSE or any(key.startswith(b"GNU.sparse") for key in records):
        raise TarError(f"{member.name!r} is a sparse file")
    if not 0 <= member.size <= MAX_BYTES:
        raise TarError(f"{member.name!r} claims {member.size} bytes, more than any radiograph")
    return member


def base_name(member: TarInfo, archive: Path) -> str:
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
    """Base names of the pictures in a tar.gz, sorted. Raises InputError if it is damaged or hostile."""
    with opened(Path(archive)) as stream:
        names = (base_name(member, Path(archive)) for member in members(stream))
        return sorted(name for name in names if Path(name).suffix.lower() == ".png" and name[0] != ".")
