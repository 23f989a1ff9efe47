"""Servers that are hostile, or too slow."""

import threading

import pytest
from fetching import DATA, HEAD, KNOWN, UNKNOWN, chunked, fetch, ranges, refused
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from server import serving

from srlib.data import download as module
from srlib.data import web
from srlib.data.download import download
from srlib.data.web import ATTEMPTS, PIECE
from srlib.data.wire import Patience
from srlib.errors import InputError

pytestmark = pytest.mark.usefixtures("pauses")


@pytest.mark.parametrize(
    ("at_once", "dripped"),
    [
        (HEAD, DATA),
        (b"", HEAD + DATA),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0" * 1000),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    ],
    ids=["body", "header", "chunk size", "continue"],
)
def test_a_server_that_drips_a_byte_now_and_then_is_given_up(tmp_path, pauses, at_once, dripped):
    """No byte comes later than the time-out between two bytes allows."""

    def answer(request, n):
        request.wfile.write(at_once)
        request.drip(dripped)

    patience = Patience(window=0.2, slowest=5000)
    seen = refused(
        answer, tmp_path / "a.gz", r"\d+ bytes a second, less than 5000, 7 times", patience=patience
    )
    assert len(seen) == ATTEMPTS


def test_a_drip_that_brings_a_little_each_time_is_given_up_too(tmp_path):
    def answer(request, n):
        start = request.start()
        request.wfile.write(b"HTTP/1.1 206 OK\r\nContent-Range: bytes %d-299999/300000\r\n\r\n" % start)
        request.wfile.write(DATA[start : start + 1000])
        request.drip(DATA[start + 1000 :])

    patience = Patience(window=0.2, slowest=20_000)
    seen = refused(answer, tmp_path / "a.gz", "less than 20000, 7 times", patience=patience, **KNOWN)
    assert len(seen) == ATTEMPTS


def test_a_drip_is_cut_off_and_gone_on_with(tmp_path):
    def answer(request, n):
        if n == 1:
            request.wfile.write(HEAD + DATA[: 2 * PIECE])
            request.drip(DATA[2 * PIECE :])
        else:
            request.serve(DATA)

    seen = fetch(answer, tmp_path / "a.gz", patience=Patience(window=0.3, slowest=10**6), **KNOWN)
    assert len(seen) == 2
    assert 2 * PIECE <= int(ranges(seen)[1][6:-1]) < 3 * PIECE


def test_a_drip_through_a_proxy_is_given_up_too(tmp_path, monkeypatch):
    with serving(lambda r, n: r.drip(HEAD + DATA)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/file"))
        monkeypatch.setenv("no_proxy", "")
        with pytest.raises(InputError, match="less than 5000, 7 times"):
            download("http://127.0.0.2/x", tmp_path / "a", patience=Patience(window=0.2, slowest=5000))
    assert {path for path, _ in proxy.seen} == {"http://127.0.0.2/x"}


def test_a_slow_reader_is_no_slow_server(tmp_path, monkeypatch):
    """A disk that takes its time, or a laptop that sleeps, is not held against the server."""
    monkeypatch.setattr(module.tqdm, "update", lambda *_: threading.Event().wait(0.05))
    patience = Patience(window=0.3, slowest=10**6)
    assert len(fetch(lambda r, n: r.serve(DATA), tmp_path / "a.gz", patience=patience, **KNOWN)) == 1


HOSTILE = {
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
    "range": b"HTTP/1.1 206 OK\r\nContent-Range: bytes 0-" + b"9" * 5000 + b"/" + b"9" * 5000 + b"\r\n\r\nx",
    "pause": b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: " + b"9" * 5000 + b"\r\n\r\n",
    "negative": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nx",
    "status": b"HTTP/1.1 9999999 OK\r\n\r\n",
    "reason": b"HTTP/1.1 503 \x1b[2J" + b"x" * 50_000 + b"\r\n\r\n",
    "headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
    "long header": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
    "continue": b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000,
    "negative chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n" + bytes(100_000),
    "long chunk size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"0" * 200_000,
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "nothing": b"",
    "tag": b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nETag: "\xff\xfe\x01"\r\n\r\nx',
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("known", [KNOWN, UNKNOWN], ids=["known", "unknown"])
def test_a_hostile_answer_ends_in_one_clear_line(tmp_path, raw, known):
    with serving(lambda r, n: r.send(raw)) as server, pytest.raises(InputError) as error:
        download(server.url, tmp_path / "a.gz", **known)
    assert str(error.value).startswith(server.url)
    assert str(error.value).isprintable() and len(str(error.value)) < 600


ANSWERS = [HEAD + DATA[:2000], chunked([DATA[:2000], b"x" * 10, b""]), *HOSTILE.values()]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_a_server_sends_ends_in_one_clear_line(tmp_path_factory, data):
    raw = bytearray(data.draw(st.sampled_from(ANSWERS))[:3000])
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, len(raw)))
        raw[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    path = tmp_path_factory.mktemp("fuzz") / "a.gz"
    with (
        serving(lambda r, n: r.send(bytes(raw))) as server,
        pytest.MonkeyPatch.context() as patch,
        pytest.raises(InputError) as error,
    ):
        patch.setattr(web, "ATTEMPTS", 2)
        download(server.url, path, **KNOWN)
    assert str(error.value).isprintable()
    assert not path.exists()
