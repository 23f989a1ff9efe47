"""Single images out of the release's zip mirror, by range requests: 0.4 MB an image, not 4 GB an archive.

The mirror is a copy by a third party; that its bytes are the NIH's is likely but unproven, so tables
made from it say where the images came from.
"""

import io
import queue
import struct
import time
import zipfile
import zlib
from contextlib import ExitStack, closing
from pathlib import Path, PurePosixPath

from tqdm import tqdm

from srlib.ahead import ahead
from srlib.data import web
from srlib.data.extract import Files, Wanted, write_raw
from srlib.data.images import folder_of
from srlib.data.limits import MAX_BYTES
from srlib.data.wire import PATIENCE, Again, Patience
from srlib.errors import InputError, shown
from srlib.files import unfinished

CONNECTIONS = 4
_TAIL = 2**17  # bytes; the directory of a zip is at its end
_LARGEST_DIRECTORY = 2**24  # bytes; that of the largest archive takes 3 MB
_MARGIN = 2**10  # bytes; a member's own header, before its data
# What zipfile raises for a damaged archive: by its checks, or by what the damage leads it to.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    OverflowError,
    NotImplementedError,
)
_REMEDY = "use dataset.source: nih"


def extract_remote(url: str, images: Wanted, manifest: str | Path, *, patience: Patience = PATIENCE) -> None:
    """Write the asked (image, patient) pairs of a zip at `url` into the manifest's folder, bytes unchanged.

    Each image is checked by the zip's CRC-32 and decoded. Those that an earlier call got, before it was
    stopped, are not fetched again.

    Raises InputError, and writes no manifest, if the server cannot send ranges or stays away, or if an image
    is missing or damaged.
    """
    patients = dict(images)
    kept = unfinished(folder_of(manifest))
    write_raw(_fetch_all(url, patients, kept, patience), manifest)


def _fetch_all(url: str, patients: dict[str, str], kept: Path, patience: Patience) -> Files:
    names = sorted(patients)
    mirrors = [_Mirror(url, set(names), kept, patience) for _ in range(CONNECTIONS)]
    free: queue.SimpleQueue[_Mirror] = queue.SimpleQueue()

    def fetch(name: str) -> bytes:
        mirror = free.get()
        try:
            return mirror.fetch(name)
        finally:
            free.put(mirror)

    with ExitStack() as stack, tqdm(total=len(names), unit="image", desc=PurePosixPath(url).name) as bar:
        for mirror in mirrors:
            stack.callback(mirror.close)
            free.put(mirror)
        fetched = stack.enter_context(closing(ahead(fetch, names, CONNECTIONS)))
        for name, data in zip(names, fetched, strict=True):
            bar.update()
            yield name, patients[name], data, f"{url}: {name}"


class _Mirror:
    """The zip at `url` over one connection, opened anew after each fault."""

    def __init__(self, url: str, wanted: set[str], kept: Path, patience: Patience) -> None:
        self._url, self._wanted, self._kept, self._patience = url, wanted, kept, patience
        self._archive: _Archive | None = None

    def fetch(self, name: str) -> bytes:
        """The bytes of one of the wanted images."""
        for failures in range(1, web.ATTEMPTS + 1):
            try:
                if self._archive is None:
                    self._archive = _Archive(self._url, self._wanted, self._patience)
                return self._archive.read(name, self._kept / name)
            except (Again, *_DAMAGE) as error:
                self.close()
                failure = error
            if failures < web.ATTEMPTS:
                time.sleep(web.pause(failures, getattr(failure, "pause", 0.0)))
        raise InputError(
            f"{self._url}: {shown(failure)}, {failures} times in a row; check the network, then run the "
            f"same command again, or {_REMEDY}"
        ) from failure

    def close(self) -> None:
        if self._archive is not None:
            self._archive.close()
        self._archive = None


class _Archive:
    """The directory of a zip at `url`, and its wanted members by base name, in whatever folder they lie."""

    def __init__(self, url: str, wanted: set[str], patience: Patience) -> None:
        self._url, self._session = url, web.Session(patience)
        try:
            self._file = _Remote(self._session, url)
            self._zip = zipfile.ZipFile(self._file)
            self._members = self._find(wanted)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._session.close()

    def _find(self, wanted: set[str]) -> dict[str, zipfile.ZipInfo]:
        members: dict[str, zipfile.ZipInfo] = {}
        for info in self._zip.infolist():
            name = PurePosixPath(info.filename).name
            if name in members:
                raise InputError(f"{self._url}: holds {name} twice; {_REMEDY}")
            if name in wanted:
                members[name] = info
        return members

    def read(self, name: str, kept: Path) -> bytes:
        """The bytes of a wanted image, of the file `kept` if they are there already.

        Raises InputError if the archive lacks it, or if it is none that can be read.
        """
        if name not in self._members:
            raise InputError(f"{self._url}: lacks {name}, which the split asks for; {_REMEDY}")
        info = self._members[name]
        if fault := _fault(info):
            raise InputError(f"{self._url}: {name} {fault}; {_REMEDY}")
        if kept.is_file() and _is_whole(data := kept.read_bytes(), info):
            return data
        self._file.fetch(info.header_offset, info.header_offset + _MARGIN + info.compress_size)
        with self._zip.open(info) as member:
            return member.read(info.file_size)  # not read(): that unpacks a bomb first, then cuts it


def _fault(info: zipfile.ZipInfo) -> str | None:
    """What keeps a member from being read, by the directory alone."""
    if max(info.file_size, info.compress_size) > MAX_BYTES:
        return f"claims {max(info.file_size, info.compress_size)} bytes, more than any radiograph"
    if info.flag_bits & 0x41:
        return "is encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return f"is compressed by method {info.compress_type}, not by deflate"
    return None


def _is_whole(data: bytes, info: zipfile.ZipInfo) -> bool:
    return len(data) == info.file_size and zlib.crc32(data) == info.CRC


class _Remote:
    """The file at `url`, to be read by zipfile: one window of its bytes is held, the rest is fetched."""

    def __init__(self, session: web.Session, url: str) -> None:
        self._session, self._url, self._position = session, url, 0
        self._data, self._start, self._size = self._get(f"-{_TAIL}", _TAIL)

    def _get(self, asked: str, most: int) -> tuple[bytes, int, int]:
        """Some bytes, where they start, and the file's size."""
        with web.answering(self._session, self._url, {"Range": f"bytes={asked}"}) as response:
            if response.status_code != 206:
                raise InputError(f"{self._url}: the server sends no single ranges; {_REMEDY}")
            first, last, total = web.span(response)
            if last - first >= most or total is None:
                raise Again("the server sends another piece than asked for")
            data = b"".join(web.body(response, last - first + 1))
        if len(data) <= last - first:
            raise Again("the connection ended early")
        return data, first, total

    def fetch(self, start: int, stop: int) -> None:
        """Hold the bytes from start to stop, or to the file's end."""
        stop = min(stop, self._size)
        if not 0 <= start < stop:
            raise zipfile.BadZipFile("its directory leads out of the file")
        data, first, _ = self._get(f"{start}-{stop - 1}", stop - start)
        if first != start or len(data) < stop - start:
            raise Again("the server sends another piece than asked for")
        self._data, self._start = data, start

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = base + offset
        return self._position

    def read(self, count: int = -1) -> bytes:
        stop = self._size if count < 0 else min(self._position + count, self._size)
        if self._position >= stop:
            return b""
        if not self._start <= self._position <= stop <= self._start + len(self._data):
            if stop - self._position > _LARGEST_DIRECTORY:
                raise zipfile.BadZipFile("its directory is larger than any")
            self.fetch(self._position, max(stop, self._position + _TAIL))
        data = self._data[self._position - self._start : stop - self._start]
        self._position = stop
        return data
