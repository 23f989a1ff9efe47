import gzip
import io
import tarfile
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from srlib.data import images, tar
from srlib.data.extract import extract
from srlib.data.tar import members, opened
from srlib.errors import InputError

NAME = "00000001_000.png"
PNG = images.encode_png(np.random.default_rng(0).integers(0, 256, (24, 32), dtype=np.uint8))
FORMATS = [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]


def member(name=NAME, data=PNG, kind=tarfile.REGTYPE, size=None):
    """A header of 512 bytes, and the data behind it."""
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, len(data) if size is None else size
    return info.tobuf(tarfile.GNU_FORMAT) + data + bytes(-len(data) % 512)


def records(*pairs):
    """An extended header of (key, value), bytes."""
    data = b""
    for key, value in pairs:
        rest = b" %s=%s\n" % (key, value)
        length = len(rest) + next(n for n in range(1, 9) if len(str(n + len(rest))) == n)
        data += b"%d%s" % (length, rest)
    return member("x", data, tarfile.XHDTYPE)


def extracted(folder, *parts):
    archive, manifest = folder / "a.tar.gz", folder / "raw" / "a.manifest.csv"
    archive.write_bytes(gzip.compress(b"".join(parts) + bytes(1024), 1))
    extract(archive, [(NAME, "1")], manifest)
    assert (images.folder_of(manifest) / NAME).read_bytes() == PNG


def refused(folder, said, *parts):
    with pytest.raises(InputError, match=said) as error:
        extracted(folder, *parts)
    assert str(folder / "a.tar.gz") in str(error.value)
    assert str(error.value).isprintable() and len(str(error.value)) < 800
    assert not (folder / "raw" / "a.manifest.csv").exists()


@pytest.mark.parametrize("form", FORMATS)
def test_members_are_those_that_tarfile_wrote(tmp_path, form):
    names = ["a.png", "images/b.png", "images/" + "long" * 20 + "/" + "x" * 90 + ".png", "images"]
    if form != tarfile.USTAR_FORMAT:
        names += ["deep/" * 80 + "y" * 250 + ".png", "ä/ö.png"]
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz", format=form) as written:
        for i, name in enumerate(names):
            info = tarfile.TarInfo(name)
            info.type, info.size = (tarfile.REGTYPE, 500 * i) if i != 3 else (tarfile.DIRTYPE, 0)
            info.mtime = 1.5  # an extended header of its own, where the format has them
            written.addfile(info, io.BytesIO(bytes([i]) * info.size))
    with opened(tmp_path / "a.tar.gz") as stream:
        found = [(member.name, stream.take(member.size)) for member in members(stream)]
    assert found == [(name, bytes([i]) * (500 * i if i != 3 else 0)) for i, name in enumerate(names)]


@pytest.mark.parametrize(
    "junk",
    [
        [(b"GNU.sparse.map", b"0,x,y"), (b"GNU.sparse.size", b"9")],
        [(b"GNU.sparse.map", b"9" * 5000)],
        [(b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0"), (b"GNU.sparse.realsize", b"junk")],
        [(b"GNU.sparse.offset", b"-1"), (b"GNU.sparse.numbytes", b"1")],
    ],
)
def test_a_sparse_map_is_refused_unread(tmp_path, junk):
    refused(tmp_path, "is a sparse file", records(*junk), member())


def test_a_sparse_file_of_old_is_refused(tmp_path):
    refused(tmp_path, "is a sparse file", member(kind=tarfile.GNUTYPE_SPARSE))


@pytest.mark.parametrize(
    "data",
    [
        b"junk",
        b"9" * 5000 + b" path=x\n",
        b"99 path=x\n",
        b"3 path=x\n",
        b"8 path=x",
        b"0 path=x\n",
        b"\0" * 512,
    ],
)
def test_an_extended_header_that_is_none_is_refused(tmp_path, data):
    refused(tmp_path, "extended header", member("x", data, tarfile.XHDTYPE), member())


@pytest.mark.parametrize("size", [b"9" * 5000, b"-5", b"1e3", b"", b"999999999999"])
def test_a_size_that_is_none_is_refused(tmp_path, size):
    refused(tmp_path, "more than any radiograph|fetch it again", records((b"size", size)), member())


def test_a_name_in_an_extended_header_counts(tmp_path):
    refused(tmp_path, "outside the folder", records((b"path", b"../" + NAME.encode())), member())
    extracted(tmp_path, records((b"path", f"images/{NAME}".encode())), member("other"))


def test_a_chain_of_extended_headers_is_followed_to_its_end(tmp_path):
    extracted(tmp_path, *[records((b"mtime", b"1"))] * 3000, member())


def test_a_name_that_is_no_text_is_shown_in_one_line(tmp_path):
    refused(tmp_path, "outside the folder", records((b"path", b"../\xff\x1b[2J\n" + b"x" * 9000)), member())
    refused(
        tmp_path,
        "not a readable image",
        records((b"path", b"\xff\x1b\n/" + NAME.encode())),
        member(data=b"x"),
    )


def test_many_members_take_no_memory(tmp_path):
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(member("x", b"") * 10_000, 1))
    tracemalloc.start()
    with opened(tmp_path / "a.tar.gz") as stream:
        assert sum(1 for _ in members(stream)) == 10_000
    assert tracemalloc.get_traced_memory()[1] < 2**22
    tracemalloc.stop()


def test_a_bomb_is_not_unpacked_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(tar, "_LARGEST_RATIO", 10)
    refused(tmp_path, "unpacks to more than", member(), *[member("x", bytes(2**20))] * 16)
    refused(tmp_path, "unpacks to more than", member(), bytes(2**24))


HONEST = records((b"path", f"images/{NAME}".encode())) + member("x") + member("y", b"z" * 700) + bytes(1024)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_done_inside_an_archive_gives_the_right_bytes_or_one_clear_error(tmp_path, data):
    bad = bytearray(HONEST)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, 1500) | st.integers(0, len(bad)))
        bad[place : place + 2] = data.draw(st.binary(max_size=3))
    if data.draw(st.booleans()):  # mend the checksums, so that more gets past them
        for at in range(0, len(bad) - 511, 512):
            if bad[at + 257 : at + 262] == b"ustar":
                bad[at + 148 : at + 156] = b" " * 8
                bad[at + 148 : at + 155] = b"%06o\0" % sum(bad[at : at + 512])
    archive, manifest = tmp_path / "a.tar.gz", tmp_path / "raw" / "a.manifest.csv"
    manifest.unlink(missing_ok=True)
    archive.write_bytes(gzip.compress(bytes(bad), 1))
    try:
        extract(archive, [(NAME, "1")], manifest)
    except InputError as error:
        assert str(archive) in str(error) and str(error).isprintable()
        assert not manifest.exists()
    else:
        assert [row["name"] for row in images.read_manifest(manifest)] == [NAME]
