"""Whatever a mirror or its zip does, the right bytes come or one clear error."""

import io
import tracemalloc
import zipfile
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mirroring import NAMES, ZIP, fetched, refused

from srlib.data import web
from srlib.data.wire import Patience
from srlib.errors import InputError

pytestmark = pytest.mark.usefixtures("pauses")


@pytest.fixture
def manifest(tmp_path):
    return tmp_path / "raw" / "images_001.manifest.csv"


def edited(edit, name=NAMES[3]):
    """The zip with a member's entry in the directory changed: a function of its 46 bytes."""
    data = bytearray(ZIP)
    at = data.rindex(name.encode(), 0, data.rindex(b"__MACOSX/images_001/images/._" + NAMES[0].encode()))
    entry = data.rindex(b"PK\x01\x02", 0, at)
    edit(memoryview(data)[entry : entry + 46])
    return bytes(data)


def set_bytes(at, value):
    def edit(entry):
        entry[at : at + len(value)] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (set_bytes(8, b"\1\0"), "is encrypted"),
        (set_bytes(8, b"\x41\0"), "is encrypted"),
        (set_bytes(8, b"\x20\0"), "patched"),
        (set_bytes(10, b"\x63\0"), "method 99"),
        (set_bytes(10, b"\x0c\0"), "method 12"),
        (set_bytes(20, b"\xff\xff\xff\xf0"), "more than any radiograph"),
        (set_bytes(24, b"\xff\xff\xff\xf0"), "more than any radiograph"),
        (set_bytes(42, b"\xff\xff\xff\xf0"), "leads out of the file"),
        (set_bytes(42, b"\x07\0\0\0"), "times in a row"),
    ],
    ids=["encrypted", "strongly", "patched", "method", "bzip2", "packed", "size", "offset", "other place"],
)
def test_a_member_that_cannot_be_read_is_one_clear_error(manifest, edit, said):
    hostile = edited(edit)
    refused(lambda r, n: r.serve(hostile), manifest, said)


def test_a_name_that_is_no_text_is_one_clear_error(manifest):
    name = f"images_001/images/{NAMES[3]}".encode()
    hostile = edited(set_bytes(8, b"\0\x08")).replace(name, b"\xff" * len(name))
    refused(lambda r, n: r.serve(hostile), manifest, "times in a row")


def test_a_bomb_is_not_unpacked(manifest, monkeypatch):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in NAMES:
            archive.writestr(name, bytes(2**23))
    bomb = bytearray(buffer.getvalue())
    at = 0
    while (at := bomb.find(b"PK\x01\x02", at)) >= 0:  # each claims to have 1000 bytes
        bomb[at + 24 : at + 28] = (1000).to_bytes(4, "little")
        at += 46
    tracemalloc.start()
    refused(lambda r, n: r.serve(bytes(bomb)), manifest, "times in a row")
    assert tracemalloc.get_traced_memory()[1] < 2**23
    tracemalloc.stop()


@pytest.mark.parametrize(
    "content_range",
    [
        "",
        "nonsense",
        f"bytes 0-{'9' * 5000}/{'9' * 5000}",
        "bytes 0-999999999999/1000000000000",
        "bytes 9-1/10",
        "bytes 0-99/*",
        "bytes 0-99/100",
    ],
)
def test_a_range_that_was_not_asked_for_is_one_clear_error(manifest, content_range):
    def answer(request, n):
        request.reply(206, ZIP[:1000], Content_Range=content_range)

    refused(answer, manifest, "times in a row")


def test_a_server_that_sends_on_and_on_is_cut(manifest):
    """Each piece is cut at the length that was asked for."""

    def answer(request, n):
        first, _, last = request.headers["Range"].removeprefix("bytes=").partition("-")
        first, last = (int(first), int(last)) if first else (len(ZIP) - int(last), len(ZIP) - 1)
        head = f"HTTP/1.1 206 OK\r\nContent-Range: bytes {first}-{last}/{len(ZIP)}\r\n\r\n"
        request.send(head.encode() + ZIP[first : last + 1] + bytes(10**6))

    fetched(answer, manifest)


def test_a_server_that_drips_is_given_up(manifest):
    def answer(request, n):
        request.wfile.write(b"HTTP/1.1 206 OK\r\nContent-Range: bytes 0-999/1000\r\n\r\n")
        request.drip(bytes(1000))

    refused(answer, manifest, "bytes a second", patience=Patience(window=0.1, slowest=10_000))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_done_to_the_zip_gives_the_right_bytes_or_one_clear_error(tmp_path_factory, data):
    bad = bytearray(ZIP)
    for _ in range(data.draw(st.integers(1, 3))):
        place = len(bad) - data.draw(st.integers(1, 12_000))  # the directory
        bad[place : place + 4] = data.draw(st.binary(min_size=4, max_size=4))
    manifest = tmp_path_factory.mktemp("zip") / "raw" / "images_001.manifest.csv"
    with pytest.MonkeyPatch.context() as patch, suppress(InputError):
        patch.setattr(web, "ATTEMPTS", 2)
        fetched(lambda r, n: r.serve(bytes(bad)), manifest)
