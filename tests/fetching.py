"""What tests of `download` share: a file, and calls that must fetch it or be refused."""

import hashlib

import numpy as np
import pytest
from server import serving

from srlib.data.download import download
from srlib.errors import InputError

DATA = np.random.default_rng(0).bytes(300_000)
KNOWN = {"size": len(DATA), "md5": hashlib.md5(DATA).hexdigest(), "sha256": hashlib.sha256(DATA).hexdigest()}
UNKNOWN = {"size": None}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n"


def fetch(answer, path, **known):
    with serving(answer) as server:
        download(server.url, path, **(known or KNOWN))
    assert path.read_bytes() == DATA
    assert [found.name for found in path.parent.iterdir()] == [path.name]
    return server.seen


def refused(answer, path, said, **known):
    with serving(answer) as server, pytest.raises(InputError, match=said) as error:
        download(server.url, path, **(known or KNOWN))
    assert not path.exists()
    assert server.url in str(error.value)
    return server.seen


def ranges(seen):
    return [headers.get("Range") for _, headers in seen]


def chunked(pieces):
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body
