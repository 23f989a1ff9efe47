"""The bytes of a connection, read only while they come fast enough and in lines and pieces of a sane size.

A socket's time-out is one between two bytes: a server that sends a byte now and then is never cut
off by it, neither in its header nor in its body. So this stands between socket and http.client,
where all bytes of an answer pass.
"""

import io
import time
from functools import partial
from http.client import HTTPResponse
from typing import Any, NamedTuple

from urllib3 import PoolManager
from urllib3.connectionpool import HTTPConnectionPool

_LONGEST_HEADER = 2**20  # bytes, all answers "100 Continue" before it included
_LONGEST_ANSWER = 2**36  # bytes, above any archive; chunks and trailers could go on for ever


class Patience(NamedTuple):
    """How long to wait for a server.

    connect: seconds. window: seconds without any byte, and seconds of waiting over which the speed
    is taken. slowest: bytes per second below which a connection is given up.
    """

    connect: float = 20.0
    window: float = 60.0
    slowest: float = 1000.0


PATIENCE = Patience()


class Again(Exception):
    """An attempt failed in a way that the next may not.

    pause: seconds that the server asks for. restart: what has come is not to be gone on with.
    slow: that something came is no reason for more patience.
    """

    def __init__(self, reason: str, pause: float = 0.0, restart: bool = False, slow: bool = False) -> None:
        super().__init__(reason)
        self.pause, self.restart, self.slow = pause, restart, slow


def meter(manager: PoolManager, patience: Patience) -> PoolManager:
    """Have all connections of a manager read through this module. Changes `manager` and gives it back."""
    answer = partial(_Answer, patience=patience)
    manager.pool_classes_by_scheme = {
        scheme: _metered(pool, answer) for scheme, pool in manager.pool_classes_by_scheme.items()
    }
    return manager


def _metered(pool: type[HTTPConnectionPool], answer: Any) -> type[HTTPConnectionPool]:
    connection = type("Connection", (pool.ConnectionCls,), {"response_class": answer})
    return type("Pool", (pool,), {"ConnectionCls": connection})


class _Answer(HTTPResponse):
    def __init__(self, *args: Any, patience: Patience, **options: Any) -> None:
        super().__init__(*args, **options)
        self._meter = _Meter(self.fp.detach(), patience)
        self.fp = _Wire(self._meter)

    def begin(self) -> None:
        super().begin()
        self._meter.left = _LONGEST_ANSWER


class _Meter(io.RawIOBase):
    """Raises Again when the bytes come too slowly, or do not end; only time spent waiting counts."""

    def __init__(self, raw: io.RawIOBase, patience: Patience) -> None:
        self._raw, self._patience = raw, patience
        self._waited, self._came, self.left = 0.0, 0, _LONGEST_HEADER

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        before = time.monotonic()
        count = self._raw.readinto(buffer)
        self._waited += time.monotonic() - before
        self._came += count or 0
        self.left -= count or 0
        if self.left < 0:
            raise Again("the server's answer does not end")
        if self._waited >= self._patience.window:
            if self._came < self._patience.slowest * self._waited:
                raise Again(
                    f"the server sends {self._came / self._waited:.0f} bytes a second, "
                    f"less than {self._patience.slowest:.0f}",
                    slow=True,
                )
            self._waited, self._came = 0.0, 0
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Wire(io.BufferedReader):
    def read(self, size: int | None = -1, /) -> bytes:
        """As ever, but never all there is: http.client does that where a chunk's size is -1."""
        if size is None or size < 0:
            raise Again("the server sends a piece of negative length")
        return super().read(size)
