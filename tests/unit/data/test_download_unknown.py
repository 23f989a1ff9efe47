"""Files of which neither size nor checksum is known: the label table and the lists."""

import gzip

import pytest
from fetching import DATA, KNOWN, UNKNOWN, chunked, fetch, ranges, refused

from srlib.data import download as module
from srlib.data.web import PIECE

pytestmark = pytest.mark.usefixtures("pauses")


def test_without_known_size_or_checksum_the_length_is_still_checked(tmp_path):
    seen = fetch(lambda r, n: r.serve(DATA, cut=2 * PIECE if n == 1 else None), tmp_path / "a.csv", **UNKNOWN)
    assert ranges(seen) == [None, None]  # nothing would tell whether the pieces fit together


VERSIONS = [{"ETag": '"one"'}, {"Last_Modified": "Wed, 21 Oct 2026 07:28:00 GMT"}]


@pytest.mark.parametrize("version", VERSIONS)
def test_without_checksum_a_piece_of_the_same_version_is_gone_on_with(tmp_path, version):
    def answer(request, n):
        request.serve(DATA, cut=2 * PIECE if n == 1 else None, **version)

    seen = fetch(answer, tmp_path / "a.csv", **UNKNOWN)
    assert ranges(seen) == [None, f"bytes={2 * PIECE}-"]
    assert seen[1][1]["If-Range"] in version.values()


@pytest.mark.parametrize("later", [{"ETag": '"two"'}, {"ETag": 'W/"one"'}, {}])
def test_without_checksum_pieces_of_two_versions_are_not_joined(tmp_path, later):
    old = bytes(len(DATA))

    def answer(request, n):  # a server that does not heed If-Range
        request.serve(
            old if n == 1 else DATA, cut=2 * PIECE if n == 1 else None, **(later if n > 1 else VERSIONS[0])
        )

    assert ranges(fetch(answer, tmp_path / "a.csv", **UNKNOWN)) == [None, f"bytes={2 * PIECE}-", None]


def test_a_weak_version_vouches_for_no_piece(tmp_path):
    def answer(request, n):
        request.serve(DATA, cut=2 * PIECE if n == 1 else None, ETag='W/"one"')

    assert ranges(fetch(answer, tmp_path / "a.csv", **UNKNOWN)) == [None, None]


@pytest.mark.parametrize(
    "raw", [b"Content-Length: 0\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"]
)
def test_an_empty_file_is_none(tmp_path, raw):
    refused(
        lambda r, n: r.send(b"HTTP/1.1 200 OK\r\n" + raw),
        tmp_path / "a.csv",
        "an empty file, 7 times",
        **UNKNOWN,
    )


def test_a_body_whose_end_nobody_knows_is_refused(tmp_path):
    def answer(request, n):
        request.send(b"HTTP/1.1 200 OK\r\n\r\n" + DATA)

    refused(answer, tmp_path / "a.csv", "does not say where the file ends", **UNKNOWN)
    fetch(answer, tmp_path / "b" / "a.gz")  # the caller knows it


def test_a_body_in_chunks_is_read_to_its_end_or_not_taken(tmp_path):
    pieces = [DATA[:100], DATA[100:200_000], DATA[200_000:]]

    def answer(request, n):
        request.send(chunked(pieces[:2]) if n == 1 else chunked([*pieces, b""]))

    assert ranges(fetch(answer, tmp_path / "a.csv", **UNKNOWN)) == [None, None]


@pytest.mark.parametrize("known", [KNOWN, UNKNOWN])
def test_a_body_that_does_not_end_is_cut(tmp_path, monkeypatch, known):
    monkeypatch.setattr(module, "LARGEST_UNKNOWN", 10**6)

    def answer(request, n):
        request.send(chunked([DATA] * 100))

    if known is KNOWN:
        fetch(answer, tmp_path / "a.gz")
    else:
        refused(answer, tmp_path / "a.csv", "more than 1000000 bytes", **known)


def test_a_length_beyond_all_measure_is_not_waited_for(tmp_path):
    refused(lambda r, n: r.reply(200, b"x", length=10**12), tmp_path / "a.csv", "more than", **UNKNOWN)


def test_a_compressed_body_is_not_taken_for_the_file(tmp_path):
    packed = gzip.compress(DATA)
    refused(
        lambda r, n: r.reply(200, packed, Content_Encoding="gzip"),
        tmp_path / "a.csv",
        "compressed",
        **UNKNOWN,
    )
