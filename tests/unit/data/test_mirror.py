import pytest
from mirroring import MEMBERS, NAMES, ZIP, fetched, png, refused, zip_of
from server import serving

from srlib.data import images, mirror
from srlib.data.mirror import extract_remote
from srlib.data.web import ATTEMPTS

pytestmark = pytest.mark.usefixtures("pauses")


@pytest.fixture
def manifest(tmp_path):
    return tmp_path / "raw" / "images_001.manifest.csv"


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
