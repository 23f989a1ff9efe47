import gzip
import io
import tarfile
import zlib
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from srlib.data import images
from srlib.data.extract import extract
from srlib.data.limits import MAX_BYTES
from srlib.data.tar import list_members
from srlib.errors import InputError


def png(seed=0, mode="L"):
    pixels = np.random.default_rng(seed).integers(0, 256, (24, 32), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(buffer, "PNG")
    return buffer.getvalue()


def member(name, data=b"", **fields):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data


def archive_of(path, members):
    with tarfile.open(path, "w:gz") as tar:
        for info, data in members:
            tar.addfile(info, io.BytesIO(data))
    return path


NAMES = [f"{i:08d}_000.png" for i in range(1, 6)]
WANTED = [(NAMES[3], "4"), (NAMES[1], "2")]


@pytest.fixture
def honest(tmp_path):
    members = [member("images", type=tarfile.DIRTYPE)]
    members += [member(f"images/{name}", png(i)) for i, name in enumerate(NAMES)]
    return archive_of(tmp_path / "images_001.tar.gz", members)


@pytest.fixture
def manifest(tmp_path):
    return tmp_path / "raw" / "images_001.manifest.csv"


def test_only_the_asked_members_come_out_byte_for_byte(honest, manifest):
    extract(honest, WANTED, manifest)
    folder = images.folder_of(manifest)
    assert sorted(path.name for path in folder.iterdir()) == [NAMES[1], NAMES[3]]
    assert (folder / NAMES[3]).read_bytes() == png(3)
    pictures = list(images.read_pictures(manifest))
    assert [(p.name, p.patient) for p in pictures] == [(NAMES[1], "2"), (NAMES[3], "4")]


def test_an_archive_of_which_nothing_is_asked_need_not_be_read(tmp_path, manifest):
    extract(tmp_path / "absent.tar.gz", [], manifest)
    assert images.read_manifest(manifest) == []


def refused(archive, manifest, said):
    with pytest.raises(InputError, match=said) as error:
        extract(archive, WANTED, manifest)
    assert str(archive) in str(error.value)
    assert not manifest.exists()


def test_a_missing_archive_is_named(tmp_path, manifest):
    refused(tmp_path / "images_001.tar.gz", manifest, "no such archive")


@pytest.mark.parametrize("share", [0, 0.02, 0.3, 0.5, 0.9, 0.999])
def test_a_truncated_archive_is_refused(honest, manifest, share):
    data = honest.read_bytes()
    honest.write_bytes(data[: int(share * len(data))])
    refused(honest, manifest, "fetch it again")


def test_a_flipped_bit_anywhere_is_noticed(honest, manifest):
    data = bytearray(honest.read_bytes())
    data[-6] ^= 1  # in gzip's checksum: all images have been read by then
    honest.write_bytes(data)
    refused(honest, manifest, "damaged")


def test_a_web_page_in_place_of_an_archive_is_refused(honest, manifest):
    honest.write_text("<!DOCTYPE html><html>404</html>")
    refused(honest, manifest, "damaged, or no tar.gz")


def test_a_missing_member_is_named(tmp_path, manifest):
    archive = archive_of(tmp_path / "a.tar.gz", [member(f"images/{NAMES[3]}", png())])
    refused(archive, manifest, f"lacks {NAMES[1]}")


def test_a_corrupt_picture_is_named(tmp_path, manifest):
    members = [member(f"images/{NAMES[1]}", png()), member(f"images/{NAMES[3]}", png()[:-200])]
    refused(archive_of(tmp_path / "a.tar.gz", members), manifest, f"images/{NAMES[3]}: not a readable image")


@pytest.mark.parametrize(
    "hostile",
    [
        member("../../evil.png", b"x"),
        member("/etc/evil.png", b"x"),
        member(f"images/../../{NAMES[1]}", b"x"),
        member("images/link.png", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member(f"images/{NAMES[1]}", type=tarfile.LNKTYPE, linkname="/etc/passwd"),
        member("images/device", type=tarfile.CHRTYPE),
        member("images/pipe", type=tarfile.FIFOTYPE),
    ],
    ids=["climbs", "absolute", "climbs to a wanted name", "symlink", "hard link", "device", "pipe"],
)
def test_a_hostile_member_stops_the_extraction(tmp_path, manifest, hostile):
    members = [hostile, *(member(f"images/{name}", png()) for name in NAMES)]
    refused(archive_of(tmp_path / "a.tar.gz", members), manifest, "do not use this archive")
    assert not (tmp_path.parent / "evil.png").exists()


@pytest.mark.parametrize("size", [MAX_BYTES + 1, 100 * 2**30])
def test_a_member_that_claims_too_much_is_refused_unread(tmp_path, manifest, size):
    info, _ = member(f"images/{NAMES[1]}", size=size)
    archive = tmp_path / "a.tar.gz"
    archive.write_bytes(gzip.compress(info.tobuf() + b"\0" * 2048))
    refused(archive, manifest, f"claims {size} bytes")


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
def test_an_extended_header_that_claims_too_much_is_refused_unread(tmp_path, manifest, kind):
    info, _ = member("x", type=kind, size=MAX_BYTES + 1)
    archive = tmp_path / "a.tar.gz"
    archive.write_bytes(gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + b"\0" * (MAX_BYTES + 2048), 1))
    refused(archive, manifest, f"an extended header claims {MAX_BYTES + 1} bytes")


def test_a_size_given_in_an_extended_header_counts(tmp_path, manifest):
    info, _ = member(f"images/{NAMES[1]}", pax_headers={"size": str(100 * 2**30)})
    archive = tmp_path / "a.tar.gz"
    archive.write_bytes(gzip.compress(info.tobuf(tarfile.PAX_FORMAT) + b"\0" * 2048))
    refused(archive, manifest, "more than any radiograph")


def test_two_members_of_one_name_are_refused(tmp_path, manifest):
    members = [member(f"images/{NAMES[1]}", png(0)), member(f"images/{NAMES[1]}", png(1))]
    refused(archive_of(tmp_path / "a.tar.gz", members), manifest, "twice")


def test_a_picture_of_absurd_dimensions_is_refused(tmp_path, manifest):
    bomb = bytearray(png())
    bomb[16:24] = (100_000).to_bytes(4) * 2
    bomb[29:33] = zlib.crc32(bomb[12:29]).to_bytes(4)
    members = [member(f"images/{NAMES[1]}", bytes(bomb)), member(f"images/{NAMES[3]}", png())]
    refused(archive_of(tmp_path / "a.tar.gz", members), manifest, "larger than 8192 x 8192")


def test_the_pictures_of_an_archive_are_listed(honest, tmp_path):
    assert list_members(honest) == NAMES
    honest.write_bytes(honest.read_bytes()[:-40])
    with pytest.raises(InputError, match="fetch it again"):
        list_members(honest)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_done_to_an_archive_gives_the_right_bytes_or_a_clear_error(
    honest, tmp_path_factory, data
):
    good = honest.read_bytes()
    bad = bytearray(good[: data.draw(st.integers(0, len(good)), label="cut")])
    for place in data.draw(st.lists(st.integers(0, len(good) - 1), max_size=3), label="flips"):
        if place < len(bad):
            bad[place] ^= 1 << data.draw(st.integers(0, 7))
    folder = tmp_path_factory.mktemp("bad")
    archive, manifest = folder / "images_001.tar.gz", folder / "raw" / "images_001.manifest.csv"
    archive.write_bytes(bad)
    try:
        extract(archive, WANTED, manifest)
    except InputError as error:
        assert str(archive) in str(error)
        assert not manifest.exists()
    else:
        assert (images.folder_of(manifest) / NAMES[3]).read_bytes() == png(3)
        assert (images.folder_of(manifest) / NAMES[1]).read_bytes() == png(1)


@settings(max_examples=60, deadline=None)
@given(
    name=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60),
    kind=st.sampled_from(
        [tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE]
    ),
)
def test_no_name_in_an_archive_writes_anything_but_what_was_asked(tmp_path_factory, name, kind):
    folder = tmp_path_factory.mktemp("hostile")
    hostile = member(name, b"" if kind != tarfile.REGTYPE else png(9), type=kind, linkname="/etc/passwd")
    members = [hostile, *(member(f"images/{n}", png(i)) for i, n in enumerate(NAMES))]
    archive = archive_of(folder / "a.tar.gz", members)
    manifest = folder / "raw" / "a.manifest.csv"
    with suppress(InputError):
        extract(archive, WANTED, manifest)
    written = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert written <= {"a.tar.gz", "raw/a.manifest.csv", f"raw/a/{NAMES[1]}", f"raw/a/{NAMES[3]}"}
