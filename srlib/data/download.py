"""Fetching files over a network that cuts, stalls, lies and gives up; what arrives is checked.

Only GET is used, and always of the address as given: the NIH's server answers HEAD with 404, and
redirects to addresses that live for minutes. Credentials are neither asked for nor sent.
"""

import hashlib
import itertools
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests
from requests.exceptions import InvalidSchema, InvalidURL
from tqdm import tqdm

from srlib.errors import InputError

TIMEOUT = (20.0, 60.0)  # seconds to connect, and between two bytes
ATTEMPTS = 7  # in a row that bring nothing new; then it is given up
LONGEST_PAUSE = 120.0  # seconds
_CHUNK = 2**14  # bytes; a connection that is cut loses the piece that is under way
_MAX_REDIRECTS = 10
_TRANSIENT = {408, 425, 429, 500, 502, 503, 504}


class _Again(Exception):
    """An attempt failed in a way that the next may not.

    pause: seconds that the server asks for; restart: what has come is not to be gone on with.
    """

    def __init__(self, reason: str, pause: float = 0.0, restart: bool = False) -> None:
        super().__init__(reason)
        self.pause, self.restart = pause, restart


class _Mismatch(Exception):
    """All bytes have come, and they are not those of the file."""


def download(
    url: str, path: str | Path, *, size: int | None = None, md5: str | None = None, sha256: str | None = None
) -> None:
    """Fetch `url` to `path`, which appears only whole and with the given size (bytes) and checksums.

    What has come is kept as `path`.part: the next attempt goes on from there, and so does the next
    call if a checksum will tell whether the pieces fit together. Tries again with growing pauses
    while network or server fail. Raises InputError when that does not help, when the server says
    no, or when the file is not the expected one, such as an HTML page with status 200.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    sums = {name: value for name, value in (("md5", md5), ("sha256", sha256)) if value}
    if not sums:
        part.unlink(missing_ok=True)
    most, failures, mismatches = _size(part), 0, 0
    while True:
        try:
            _fetch_rest(url, part, size)
            _check(part, url, size, sums)
            part.replace(path)
            return
        except _Mismatch as mismatch:
            part.unlink()
            mismatches += 1
            if mismatches == 2:  # not the network's fault
                raise InputError(f"{mismatch}; run the same command again later") from None
        except _Again as failure:
            failures = 1 if _size(part) > most else failures + 1
            most = max(most, _size(part))
            if failure.restart:
                part.unlink(missing_ok=True)
            if failures == ATTEMPTS:
                raise InputError(
                    f"{url}: {failure}, {failures} times in a row; check the network, then run the same "
                    "command again"
                ) from failure
            pause = min(max(2.0 ** (failures - 1), failure.pause), LONGEST_PAUSE)
            tqdm.write(f"{path.name}: {failure}; trying again in {pause:.0f} s")
            time.sleep(pause)


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _check(part: Path, url: str, size: int | None, sums: dict[str, str]) -> None:
    if size is not None and _size(part) != size:
        raise _Mismatch(f"{url}: {_size(part)} bytes came, {size} were expected")
    for name, expected in sums.items():
        with part.open("rb") as file:
            found = hashlib.file_digest(file, name).hexdigest()
        if found != expected:
            raise _Mismatch(f"{url}: the file that came has {name} {found}, {expected} was expected")


def _fetch_rest(url: str, part: Path, size: int | None) -> None:
    """One attempt to append to `part` what is missing of the file."""
    have = _size(part)
    if size is not None and have >= size:
        return
    with _answer(url, have) as response:
        start, total = _span(response, have)
        if None not in (size, total) and size != total:
            raise _Again(f"the server offers a file of {total} bytes, not of {size}", restart=True)
        total = total or size
        chunks = response.iter_content(_CHUNK)
        first = next(chunks, b"")
        if start == 0 and _is_page(response, first):
            raise InputError(
                f"{url}: an HTML page came in place of the file; the address has changed: "
                "fetch the file by hand, and give its folder as dataset.source"
            )
        with (
            part.open("ab" if start else "wb") as file,
            tqdm(total=total, initial=start, unit="B", unit_scale=True, desc=part.stem) as bar,
        ):
            for chunk in itertools.chain([first], chunks):
                file.write(chunk)
                bar.update(len(chunk))
    if total is not None and _size(part) < total:
        raise _Again(f"the connection ended {total - _size(part)} bytes early")


@contextmanager
def _answer(url: str, have: int) -> Iterator[requests.Response]:
    """The server's answer with the bytes from `have` on, or, if it cannot do that, with all of them."""
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        with open_session() as session:
            place = url
            for _ in range(_MAX_REDIRECTS):
                response = session.get(
                    place, headers=headers, stream=True, timeout=TIMEOUT, allow_redirects=False
                )
                if not response.is_redirect:
                    break
                response.close()
                place = redirected(place, response.headers["Location"], url)
            else:
                raise _Again(f"more than {_MAX_REDIRECTS} redirects")
            _check_status(response, url, expires=place != url)
            yield response
    except (InvalidURL, InvalidSchema) as error:
        raise InputError(f"{url}: no address to fetch from ({error}); correct it") from error
    except requests.RequestException as error:
        raise _Again(f"the connection failed ({error})") from error


def open_session() -> requests.Session:
    """A session that sends no credentials: neither of a .netrc file nor of an address."""
    session = requests.Session()
    session.auth = lambda request: request
    return session


def redirected(place: str, location: str, url: str) -> str:
    """Where a redirect from `place` leads. Raises InputError if that is not http, or no longer https."""
    target = urljoin(place, location)
    allowed = ("https",) if urlsplit(place).scheme == "https" else ("http", "https")
    if urlsplit(target).scheme not in allowed:
        raise InputError(f"{url}: it redirects to {target}, which is refused; check the address")
    return target


def _check_status(response: requests.Response, url: str, expires: bool) -> None:
    status = response.status_code
    if status in (200, 206):
        return
    answer = f"the server answers {status} {response.reason}".rstrip()
    if status == 416:
        raise _Again(answer, restart=True)
    if status in _TRANSIENT:
        raise _Again(answer, pause=_seconds(response.headers.get("Retry-After", "")))
    if expires:  # a short-lived address; the next attempt is given a new one
        raise _Again(answer)
    raise InputError(f"{url}: {answer}; check the address, or fetch the file by hand")


def _seconds(retry_after: str) -> float:
    """Seconds of a Retry-After header; a date, which no server here sends, counts as none."""
    return float(retry_after) if retry_after.isdecimal() else 0.0


def _span(response: requests.Response, have: int) -> tuple[int, int | None]:
    """Where in the file the body starts, and how long the file is, as far as the server says."""
    if response.status_code == 200:
        length = response.headers.get("Content-Length", "")
        return 0, int(length) if length.isdecimal() else None
    span = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    if not span or int(span[1]) != have:
        raise _Again("the server sends another piece than asked for", restart=True)
    return have, int(span[2]) if span[2] != "*" else None


def _is_page(response: requests.Response, first: bytes) -> bool:
    kind = response.headers.get("Content-Type", "")
    return kind.startswith("text/html") or first.lstrip()[:9].lower().startswith((b"<!doctype", b"<html"))
