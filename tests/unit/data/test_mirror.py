import io
import tracemalloc
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from server import serving

from srlib.data import images, mirror, web
from srlib.data.mirror import extract_remote
from srlib.data.web import ATTEMPTS
from srlib.data.wire import Patience
from srlib.errors import InputError

NAMES = [f"{i:08d}_000.png" for i in range(1, 41)]
WANTED = [(name, str(i)) for i, name in enumerate(NAMES, 1) if i % 4 == 0]


def png(seed):
    # Noise, so that the archive is far larger than what is asked of it.
    return images.encode_png(np.random.default_rng(seed).integers(0, 256, (150, 150), dtype=np.uint8))


def zip_of(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


MEMBERS = [(f"images_001/images/{name}", png(i)) for i, name in enumerate(NAMES, 1)]
MEMBERS += [(f"{folder}/.DS_Store", b"x") for folder in ("images_001", "images_001/images")]
MEMBERS += [(f"__MACOSX/images_001/images/._{name}", b"x") for name in NAMES]
ZIP = zip_of(MEMBERS)


pytestmark = pytest.mark.usefixtures("pauses")


@pytest.fixture
def manifest(tmp_path):
    return tmp_path / "raw" / "images_001.manifest.csv"


def fetched(answer, manifest):
    with serving(answer) as server:
        extract_remote(server.url, WANTED, manifest)
    folder = images.folder_of(manifest)
    for name, patient in WANTED:
        assert (folder / name).read_bytes() == png(int(patient))
    assert [(row["name"], row["patient"]) for row in images.read_manifest(manifest)] == WANTED
    return server.seen


def refused(answer, manifest, said, **options):
    with serving(answer) as server, pytest.raises(InputError, match=said) as error:
        extract_remote(server.url, WANTED, manifest, **options)
    assert str(error.value).isprintable() and len(str(error.value)) < 600
    assert server.url in str(error.value)
    assert not manifest.exists()
    return server.seen


def test_only_the_asked_images_are_fetched(manifest):
    sizes = []

    def answer(request, n):
        before = request.wfile
        request.serve(ZIP)
        asked = request.headers["Range"].removeprefix("bytes=").split("-")
        sizes.append(int(asked[1]) - int(asked[0]) + 1 if asked[0] else int(asked[1]))
        assert request.wfile is before

    seen = fetched(answer, manifest)
    assert all("Range" in headers for _, headers in seen)
    # The directory once for each connection, and each image once; ten of forty images were asked for.
    images_alone = sum(sizes) - mirror.CONNECTIONS * mirror._TAIL
    assert images_alone < 0.3 * len(ZIP)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again(manifest, status):
    fetched(lambda r, n: r.reply(status, Retry_After="0") if n % 3 == 1 else r.serve(ZIP), manifest)


def test_cut_connections_are_opened_anew(manifest):
    fetched(lambda r, n: r.serve(ZIP, cut=700 if n % 4 == 2 else None), manifest)


def test_flipped_bytes_are_noticed_by_the_crc_and_fetched_again(manifest):
    flipped = bytearray(ZIP)
    for i in range(0, len(ZIP) - 20_000, 5000):  # in every image, not in the directory
        flipped[i] ^= 1
    fetched(lambda r, n: r.serve(bytes(flipped) if 4 < n < 10 else ZIP), manifest)


def test_an_archive_that_is_always_damaged_is_refused(manifest):
    flipped = bytearray(ZIP)
    for i in range(2000, len(ZIP) - 20_000, 5000):
        flipped[i] ^= 1
    refused(lambda r, n: r.serve(bytes(flipped)), manifest, f"{ATTEMPTS} times in a row")


def test_a_redirect_is_followed_anew_for_each_request(manifest):
    def answer(request, n):
        if request.path == "/file":
            request.reply(302, Location=f"/signed/{n}")
        else:
            request.serve(ZIP)

    seen = fetched(answer, manifest)
    signed = [path for path, _ in seen if path != "/file"]
    assert len(signed) == len(set(signed)) == len(seen) / 2


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x"])
def test_a_redirect_out_of_http_is_refused(manifest, target):
    refused(lambda r, n: r.reply(302, Location=target), manifest, "times in a row|refused")


def test_a_server_without_ranges_is_refused(manifest):
    refused(lambda r, n: r.reply(200, ZIP), manifest, "no single ranges")


def test_a_page_in_place_of_the_archive_is_refused(manifest):
    page = b"<!DOCTYPE html>" + bytes(70_000)
    refused(lambda r, n: r.serve(page), manifest, "times in a row")


def test_a_server_that_says_no_is_refused(manifest):
    refused(lambda r, n: r.reply(404), manifest, "404")


def test_an_image_that_is_not_there_is_named(manifest):
    short = zip_of(member for member in MEMBERS if NAMES[7] not in member[0])
    refused(lambda r, n: r.serve(short), manifest, f"lacks {NAMES[7]}")


def test_a_member_that_is_no_picture_or_too_large_is_refused(manifest, monkeypatch):
    corrupt = zip_of([(name, b"no picture") for name, _ in MEMBERS])
    refused(lambda r, n: r.serve(corrupt), manifest, "not a readable image")
    monkeypatch.setattr(mirror, "MAX_BYTES", 1000)
    refused(lambda r, n: r.serve(ZIP), manifest, "more than any radiograph")


def test_two_members_of_one_name_are_refused(manifest):
    twice = zip_of([*MEMBERS, (f"other/{NAMES[3]}", png(99))])
    refused(lambda r, n: r.serve(twice), manifest, "twice")


def test_nothing_asked_fetches_nothing(manifest):
    with serving(lambda r, n: r.reply(500)) as server:
        extract_remote(server.url, [], manifest)
    assert server.seen == []
    assert images.read_manifest(manifest) == []


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
