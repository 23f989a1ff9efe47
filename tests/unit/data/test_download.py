import threading

import pytest
from fetching import DATA, KNOWN, fetch, ranges, refused
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from server import serving

from srlib.data import download as module
from srlib.data.download import download
from srlib.data.web import ATTEMPTS, LONGEST_PAUSE, PIECE
from srlib.data.wire import Patience
from srlib.errors import InputError

pytestmark = pytest.mark.usefixtures("pauses")


def test_a_file_is_fetched_by_one_get(tmp_path, pauses):
    assert ranges(fetch(lambda request, n: request.serve(DATA), tmp_path / "a.gz")) == [None]
    assert pauses == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, 200_000), max_size=6))
def test_a_connection_cut_anywhere_goes_on_from_there(tmp_path_factory, cuts):
    def answer(request, n):
        request.serve(DATA, cut=cuts[n - 1] if n <= len(cuts) else None)

    seen = fetch(answer, tmp_path_factory.mktemp("cut") / "a.gz")
    asked = [0 if asked is None else int(asked[6:-1]) for asked in ranges(seen)]
    # Each request goes on where the one before it was cut, less the piece that was under way.
    for start, following, cut in zip(asked, asked[1:], cuts, strict=False):
        assert start <= following and start + cut - PIECE < following <= start + cut


def test_progress_is_never_given_up(tmp_path, pauses):
    cuts = 2 * ATTEMPTS  # more than would be tried without any
    seen = fetch(lambda r, n: r.serve(DATA, cut=PIECE if n <= cuts else None), tmp_path / "a.gz")
    assert len(seen) == cuts + 1
    assert set(pauses) == {1}


def test_a_piece_that_looks_like_a_page_is_none(tmp_path):
    data = DATA[:PIECE] + b"<html>" + DATA[PIECE + 6 :]
    with serving(lambda r, n: r.serve(data, cut=PIECE if n == 1 else None)) as server:
        download(server.url, tmp_path / "a.gz", size=len(data))
    assert (tmp_path / "a.gz").read_bytes() == data


def test_what_an_earlier_call_brought_is_not_fetched_again(tmp_path):
    (tmp_path / "a.gz.part").write_bytes(DATA[:270_000])
    assert ranges(fetch(lambda r, n: r.serve(DATA), tmp_path / "a.gz")) == ["bytes=270000-"]


def test_a_finished_part_needs_no_request(tmp_path):
    (tmp_path / "a.gz.part").write_bytes(DATA)
    assert fetch(lambda r, n: r.reply(500), tmp_path / "a.gz") == []


def test_a_part_that_no_checksum_can_vouch_for_is_not_used(tmp_path):
    (tmp_path / "a.csv.part").write_bytes(b"of another edition")
    assert ranges(fetch(lambda r, n: r.serve(DATA), tmp_path / "a.csv", size=len(DATA))) == [None]


@pytest.mark.parametrize("stale", [b"x" * 1000, DATA + b"too long", b"x" * len(DATA)])
def test_a_wrong_part_is_dropped_after_the_checksum(tmp_path, stale):
    (tmp_path / "a.gz.part").write_bytes(stale)
    assert ranges(fetch(lambda r, n: r.serve(DATA), tmp_path / "a.gz"))[-1] is None


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(tmp_path, pauses, status):
    fetch(lambda r, n: r.reply(status) if n < 4 else r.serve(DATA), tmp_path / "a.gz")
    assert pauses == [1, 2, 4]


def test_retry_after_is_kept_but_not_for_ever(tmp_path, pauses):
    waits = {1: "17", 2: "86400", 3: "Wed, 21 Oct 2026 07:28:00 GMT"}
    fetch(lambda r, n: r.reply(429, Retry_After=waits[n]) if n in waits else r.serve(DATA), tmp_path / "a.gz")
    assert pauses == [17, LONGEST_PAUSE, 4]


def test_a_server_that_stays_down_is_given_up_with_the_part_kept(tmp_path, pauses):
    path = tmp_path / "a.gz"
    seen = refused(
        lambda r, n: r.serve(DATA, cut=2 * PIECE) if n == 1 else r.reply(503), path, "503.*7 times in a row"
    )
    assert len(seen) == ATTEMPTS
    assert (tmp_path / "a.gz.part").read_bytes() == DATA[: 2 * PIECE]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_server_that_says_no_is_not_asked_twice(tmp_path, status):
    assert len(refused(lambda r, n: r.reply(status), tmp_path / "a.gz", str(status))) == 1


def test_a_server_without_ranges_is_read_from_the_start(tmp_path):
    def answer(request, n):
        if n == 1:
            request.serve(DATA, cut=PIECE)
        else:
            request.reply(200, DATA)

    assert ranges(fetch(answer, tmp_path / "a.gz")) == [None, f"bytes={PIECE}-"]


@pytest.mark.parametrize(
    "content_range",
    [f"bytes {PIECE}-299999/555555", "bytes 100-299999/300000", "bytes */300000", "nonsense", ""],
)
def test_a_range_of_something_else_is_not_appended(tmp_path, content_range):
    def answer(request, n):
        if n == 1:
            request.serve(DATA, cut=PIECE)
        elif n == 2:
            request.reply(206, DATA[PIECE:], Content_Range=content_range)
        else:
            request.serve(DATA)

    assert ranges(fetch(answer, tmp_path / "a.gz")) == [None, f"bytes={PIECE}-", None]


def test_a_file_that_has_become_shorter_is_fetched_anew(tmp_path):
    (tmp_path / "a.gz.part").write_bytes(b"x" * 10)
    seen = fetch(lambda r, n: r.reply(416) if n == 1 else r.serve(DATA), tmp_path / "a.gz")
    assert ranges(seen) == ["bytes=10-", None]


def test_another_file_of_another_length_is_refused(tmp_path):
    refused(
        lambda r, n: r.serve(DATA[:-1]), tmp_path / "a.gz", "offers a file of 299999 bytes, not of 300000"
    )


@pytest.mark.parametrize("page", [b"<!DOCTYPE html><p>Sorry", b"\n <html><body>gone"])
@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/octet-stream"])
def test_a_web_page_with_status_200_is_refused(tmp_path, page, kind):
    seen = refused(
        lambda r, n: r.reply(200, page, Content_Type=kind), tmp_path / "a.csv", "HTML page", size=None
    )
    assert len(seen) == 1


def test_a_web_page_does_not_replace_what_has_come(tmp_path):
    (tmp_path / "a.gz.part").write_bytes(DATA[:270_000])
    page = b"<html>login</html>" + bytes(len(DATA) - 18)
    refused(lambda r, n: r.reply(200, page), tmp_path / "a.gz", "HTML page")
    assert (tmp_path / "a.gz.part").read_bytes() == DATA[:270_000]


def test_flipped_bytes_are_noticed_and_fetched_again(tmp_path):
    flipped = DATA[:150_000] + bytes([DATA[150_000] ^ 1]) + DATA[150_001:]
    assert len(fetch(lambda r, n: r.serve(flipped if n == 1 else DATA), tmp_path / "a.gz")) == 2


def test_a_file_that_is_always_wrong_is_refused_after_two_tries(tmp_path):
    wrong = bytes(len(DATA))
    seen = refused(lambda r, n: r.serve(wrong), tmp_path / "a.gz", f"md5 .*{KNOWN['md5']} was expected")
    assert len(seen) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_stalled_body_is_cut_off_and_gone_on_with(tmp_path):
    done = threading.Event()

    def answer(request, n):
        if n == 1:
            request.reply(200, DATA[: 2 * PIECE], length=len(DATA))
            done.wait(10)
        else:
            done.set()
            request.serve(DATA)

    seen = fetch(answer, tmp_path / "a.gz", patience=Patience(window=0.2), **KNOWN)
    assert ranges(seen) == [None, f"bytes={2 * PIECE}-"]


def test_a_server_that_is_not_there_is_named(tmp_path, pauses):
    with serving(lambda r, n: None) as server:
        pass
    with pytest.raises(InputError, match="connection failed"):
        download(server.url, tmp_path / "a.gz", **KNOWN)
    assert len(pauses) == ATTEMPTS - 1


def test_an_address_that_is_none_is_refused(tmp_path):
    with pytest.raises(InputError, match="no address"):
        download("file:///etc/passwd", tmp_path / "a.gz")


def test_credentials_are_not_sent(tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    (tmp_path / "out").mkdir()

    def answer(request, n):
        if request.path == "/file":
            request.reply(302, Location=request.server.url.replace("//", "//me:secret@") + "2")
        else:
            request.serve(DATA)

    seen = fetch(answer, tmp_path / "out" / "a.gz")
    assert not any("authorization" in map(str.lower, headers) for _, headers in seen)


def test_a_full_disk_is_no_network_fault(tmp_path, monkeypatch, pauses):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.tqdm, "update", full)
    with serving(lambda r, n: r.serve(DATA)) as server, pytest.raises(OSError, match="No space left"):
        download(server.url, tmp_path / "a.gz", **KNOWN)
    assert pauses == []
