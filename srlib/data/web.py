"""GET requests to servers that cut, stall, drip, lie and lead astray.

Only GET is used, and always of the address as given: the NIH's server answers HEAD with 404, and
redirects to addresses that live for minutes. Credentials are neither asked for nor sent. No answer,
however it is made, ends in anything but InputError or Again, runs for ever or fills the memory.
"""

import ipaddress
import re
import socket
import string
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

import requests
from requests.exceptions import InvalidSchema, InvalidURL, MissingSchema
from urllib3 import PoolManager
from urllib3.exceptions import HTTPError

from srlib.data.wire import PATIENCE, Again, Patience, meter
from srlib.errors import InputError, shown

ATTEMPTS = 7  # in a row that bring nothing new; then it is given up
LONGEST_PAUSE = 120.0  # seconds
PIECE = 2**14  # bytes; a connection that is cut loses the piece that is under way
_MAX_REDIRECTS = 10
_TRANSIENT = {408, 425, 429, 500, 502, 503, 504}


class Session(requests.Session):
    """Connections that end when a server is too slow, and that send no credentials.

    Neither those of a .netrc file, nor those of an address.
    """

    def __init__(self, patience: Patience = PATIENCE) -> None:
        super().__init__()
        self.patience = patience
        self.auth = lambda request: request
        for scheme in ("https://", "http://"):
            self.mount(scheme, _Adapter(patience))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: `answering` follows redirects, since requests reads their bodies, of any length."""


class _Adapter(requests.adapters.HTTPAdapter):
    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        meter(self.poolmanager, self._patience)

    def proxy_manager_for(self, proxy: str, **options: Any) -> PoolManager:
        is_new = proxy not in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **options)
        return meter(manager, self._patience) if is_new else manager


@contextmanager
def answering(session: Session, url: str, headers: dict[str, str]) -> Iterator[requests.Response]:
    """The server's answer, of status 200 or 206, to a GET of `url`; its body is still to be read.

    Raises, then and while the body is read, Again for what may be better next time, and InputError
    for what will not.
    """
    patience = session.patience
    options = {"stream": True, "timeout": (patience.connect, patience.window), "allow_redirects": False}
    try:
        place = url
        for _ in range(_MAX_REDIRECTS):
            response = session.get(place, headers={"Accept-Encoding": "identity"} | headers, **options)
            if not response.is_redirect:
                break
            response.close()
            place = redirected(place, response.headers["Location"], url)
        else:
            raise Again(f"more than {_MAX_REDIRECTS} redirects")
        with response:
            _check_status(response, url, expires=place != url)
            yield response
    except (InvalidURL, InvalidSchema, MissingSchema) as error:
        raise InputError(f"{url}: no address to fetch from ({shown(error)}); correct it") from error
    except (requests.RequestException, HTTPError) as error:
        raise Again(f"the connection failed ({_reason(error)})") from error


def _reason(error: Exception) -> str:
    """What happened, without what two libraries wrap around it."""
    first = error.args[0] if error.args else error
    return shown(getattr(first, "reason", first))


def body(response: requests.Response, most: int) -> Iterator[bytes]:
    """The first `most` bytes of an answer's body, as they are sent, in pieces."""
    for piece in response.raw.stream(PIECE, decode_content=False):
        yield piece[:most]
        most -= len(piece)
        if most <= 0:  # what a server sends beyond is not even read
            return


def redirected(place: str, location: str, url: str) -> str:
    """Where a redirect from `place` leads, on the way to `url`.

    Raises InputError if that is no address, not http, no longer https, or in a network nearer to
    this machine than `place` is: a public server has no business with what runs in here.
    """
    try:
        # A header's bytes; any that is not ASCII stands for itself (RFC 3986, section 2.1).
        target = urljoin(place, quote(location.encode("latin-1"), safe=string.punctuation))
        parts, _ = urlsplit(target), urlsplit(target).port
    except ValueError as error:
        raise InputError(
            f"{url}: it redirects to {shown(location)}, which is no address ({shown(error)}); "
            "check the address, or fetch the file by hand"
        ) from error
    allowed = ("https",) if urlsplit(place).scheme == "https" else ("http", "https")
    if parts.scheme not in allowed or not re.fullmatch("[a-z0-9._:-]+", parts.hostname or ""):
        raise InputError(f"{url}: it redirects to {shown(target)}, which is refused; check the address")
    if nearer := networks(parts.hostname) - networks(urlsplit(place).hostname or ""):
        raise InputError(
            f"{url}: it redirects to {shown(target)}, a {min(nearer)} address, which is refused; "
            "check the address"
        )
    return target


def networks(host: str) -> set[str]:
    """Which networks that are not public a host is in, by all addresses of its name."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # what asks it will say so; a proxy may know it
        return set()
    return {_network(ipaddress.ip_address(info[4][0])) for info in found} - {"public"}


def _network(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_loopback or address.is_unspecified:  # 0.0.0.0 leads to this machine
        return "loopback"
    if address.is_link_local:
        return "link-local"
    return "public" if address.is_global else "private"


def _check_status(response: requests.Response, url: str, expires: bool) -> None:
    status = response.status_code
    if status in (200, 206):
        return
    answer = f"the server answers {status} {shown(response.reason or '')}".rstrip()
    if status == 416:
        raise Again(answer, restart=True)
    if status in _TRANSIENT:
        raise Again(answer, pause=float(number(response.headers.get("Retry-After", "")) or 0))
    if expires:  # a short-lived address; the next attempt is given a new one
        raise Again(answer)
    raise InputError(f"{url}: {answer}; check the address, or fetch the file by hand")


class Span(NamedTuple):
    """Which bytes of a file an answer holds: first to last, of `total`; None where it does not say."""

    first: int
    last: int | None
    total: int | None


def span(response: requests.Response) -> Span:
    """Which bytes of the file come, as far as the server says. Raises Again if it says nonsense."""
    if response.status_code == 200:
        length = number(response.headers.get("Content-Length", ""))
        return Span(0, None if length is None else length - 1, length)
    said = re.fullmatch(r"bytes ([0-9]+)-([0-9]+)/([0-9]+|\*)", response.headers.get("Content-Range", ""))
    first, last, total = map(number, said.groups()) if said else (None, None, None)
    if first is None or last is None or last < first or (total is not None and total <= last):
        raise Again("the server does not say which piece it sends", restart=True)
    return Span(first, last, total)


def number(text: str) -> int | None:
    """A whole number of a header; None where it is none, or too large for any file."""
    return int(text) if re.fullmatch("[0-9]{1,18}", text) else None


def pause(failures: int, asked: float = 0.0) -> float:
    """Seconds to wait after so many failures in a row: ever longer, and as long as a server asks for."""
    return min(max(2.0 ** (failures - 1), asked), LONGEST_PAUSE)
