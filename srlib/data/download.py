"""Fetching files over a network that cuts, stalls, lies and gives up; what arrives is checked."""

import dataclasses
import hashlib
import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import requests
from tqdm import tqdm

from srlib.data import web
from srlib.data.wire import PATIENCE, Again, Patience
from srlib.errors import InputError
from srlib.files import naming

LARGEST_UNKNOWN = 2**28  # bytes of a file whose size nobody knows; a label table has 8 MB


class _Mismatch(Exception):
    """All bytes have come, and they are not those of the file."""


@dataclasses.dataclass
class _File:
    """What is known of a file: its size in bytes and its checksums, by name of the algorithm.

    version: what the server calls the version of which a part has come, None where it does not say.
    """

    url: str
    size: int | None
    sums: dict[str, str]
    version: str | None = None


def download(
    url: str,
    path: str | Path,
    *,
    size: int | None = None,
    md5: str | None = None,
    sha256: str | None = None,
    patience: Patience = PATIENCE,
) -> None:
    """Fetch `url` to `path`, which appears only whole and with the given size (bytes) and checksums.

    What has come is kept as `path`.part. The next attempt resumes there if a checksum will tell
    whether the pieces fit together, or if the server says that they are of one version; the next
    call does only with a checksum. Tries again with growing pauses while network or server fail.
    Raises InputError when that does not help, when the server says no, or when the file is not the
    expected one, such as an HTML page with status 200.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    file = _File(url, size, {name: sum for name, sum in (("md5", md5), ("sha256", sha256)) if sum})
    if not file.sums:
        part.unlink(missing_ok=True)
    most, failures, mismatches = _size(part), 0, 0
    while True:
        try:
            _fetch_rest(file, part, patience)
            _check(file, part)
            part.replace(path)
            return
        except _Mismatch as mismatch:
            part.unlink()
            mismatches += 1
            if mismatches == 2:  # not the network's fault
                raise InputError(f"{mismatch}; run the same command again later") from None
        except Again as failure:
            failures = 1 if _size(part) > most and not failure.slow else failures + 1
            most = max(most, _size(part))
            if failure.restart:
                part.unlink(missing_ok=True)
            if failures == web.ATTEMPTS:
                raise InputError(
                    f"{url}: {failure}, {failures} times in a row; check the network, then run the same "
                    "command again"
                ) from failure
            pause = web.pause(failures, failure.pause)
            tqdm.write(f"{path.name}: {failure}; trying again in {pause:.0f} s")
            time.sleep(pause)


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _check(file: _File, part: Path) -> None:
    if file.size is not None and _size(part) != file.size:
        raise _Mismatch(f"{file.url}: {_size(part)} bytes came, {file.size} were expected")
    for name, expected in file.sums.items():
        with part.open("rb") as content:
            found = hashlib.file_digest(content, name).hexdigest()
        if found != expected:
            raise _Mismatch(f"{file.url}: the file that came has {name} {found}, {expected} was expected")


def _fetch_rest(file: _File, part: Path, patience: Patience) -> None:
    """One attempt to append to `part` what is missing of the file."""
    have = _size(part) if file.sums or file.version else 0
    if file.size is not None and have >= file.size:
        return
    headers = {"Range": f"bytes={have}-"} if have else {}
    if have and not file.sums:
        headers["If-Range"] = file.version
    with web.Session(patience) as session, web.answering(session, file.url, headers) as response:
        start, total = _placed(response, file, have)
        pieces = web.body(response, (LARGEST_UNKNOWN + 1 if total is None else total) - start)
        first = _first(pieces)
        if start == 0 and _is_page(response, first):
            raise InputError(
                f"{file.url}: an HTML page came in place of the file; the address has changed: "
                "fetch the file by hand, and give its folder as dataset.source"
            )
        _append(part, itertools.chain([first], pieces), start, total)
    if total is not None and _size(part) < total:
        raise Again(f"the connection ended {total - _size(part)} bytes early")
    _check_unknown(_size(part), file)


def _placed(response: requests.Response, file: _File, have: int) -> tuple[int, int | None]:
    """Where in the file the body starts, and the file's length; None if only the body's end will tell."""
    sent = web.span(response)
    if sent.first not in (0, have):
        raise Again("the server sends another piece than asked for", restart=True)
    if file.size is not None and sent.total not in (None, file.size):
        raise Again(f"the server offers a file of {sent.total} bytes, not of {file.size}", restart=True)
    version = _version(response)
    if sent.first and not file.sums and version != file.version:
        raise Again("the server has another version of the file by now", restart=True)
    file.version = version
    total = sent.total if file.size is None else file.size
    if total is not None:
        _check_unknown(total, file)
    elif response.headers.get("Transfer-Encoding", "").lower() != "chunked":
        raise Again("the server does not say where the file ends", restart=True)
    if not file.sums and response.headers.get("Content-Encoding", "identity") != "identity":
        raise Again("the server sends the file compressed, which it was asked not to do", restart=True)
    return sent.first, total


def _check_unknown(size: int, file: _File) -> None:
    """What a file whose size the caller does not know can have; Raises Again or InputError otherwise."""
    if size == 0:
        raise Again("the server sends an empty file")
    if file.size is None and size > LARGEST_UNKNOWN:
        raise InputError(
            f"{file.url}: the server sends more than {LARGEST_UNKNOWN} bytes; check the address, "
            "or fetch the file by hand"
        )


def _version(response: requests.Response) -> str | None:
    """What tells versions of a file apart (RFC 9110, section 13.1.5); a weak ETag does not."""
    tag = response.headers.get("ETag", "")
    return tag if tag.startswith('"') else response.headers.get("Last-Modified")


def _append(part: Path, pieces: Iterator[bytes], start: int, total: int | None) -> None:
    with (
        naming(part),
        part.open("ab" if start else "wb") as content,
        tqdm(total=total, initial=start, unit="B", unit_scale=True, desc=part.stem) as bar,
    ):
        for piece in pieces:
            content.write(piece)
            bar.update(len(piece))


def _first(pieces: Iterator[bytes]) -> bytes:
    """Enough of a body to know a web page by; a server may send it byte by byte."""
    first = b""
    for piece in pieces:
        first += piece
        if len(first) >= 512:
            break
    return first


def _is_page(response: requests.Response, first: bytes) -> bool:
    kind = response.headers.get("Content-Type", "").lower()
    start = first.removeprefix(b"\xef\xbb\xbf").lstrip()[:9].lower()
    return kind.startswith("text/html") or start.startswith((b"<!doctype", b"<html"))
