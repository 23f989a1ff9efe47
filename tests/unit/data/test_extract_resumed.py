"""An extraction that was killed is gone on with, and ends as one that nobody disturbed."""

import io
import os
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import numpy as np
import pytest
from mirroring import WANTED, ZIP
from server import serving

from srlib.data import extract as extracting
from srlib.data.extract import extract, extract_loose
from srlib.data.images import encode_png, folder_of
from srlib.data.mirror import extract_remote
from srlib.errors import InputError
from srlib.files import unfinished

ROOT = Path(__file__).parents[3]
NAMES = [f"{i:08d}_000.png" for i in range(1, 301)]
ASKED = [(name, name[:8]) for name in NAMES[::-1] if name != NAMES[7]]
_CHILD = """
import sys
from pathlib import Path
from srlib.data.extract import extract
names = Path(sys.argv[1]).read_text().split()
extract(sys.argv[2], [(name, name[:8]) for name in names], sys.argv[3], threads=2)
"""


def picture(seed):
    return encode_png(np.random.default_rng(seed).integers(0, 256, (40, 40), dtype=np.uint8))


def archive_of(path, names, seed=0):
    with tarfile.open(path, "w:gz") as tar:
        for i, name in enumerate(names):
            data = picture([seed, i])
            member = tarfile.TarInfo(f"images/{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


def content(manifest):
    """The manifest and the files of its folder."""
    files = {path.name: path.read_bytes() for path in folder_of(manifest).iterdir()}
    return manifest.read_bytes(), files


def marks(folder):
    """What changes when a file is written anew."""
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in folder.iterdir()}


def undisturbed(archive, asked, tmp_path):
    manifest = tmp_path / "undisturbed" / "images_001.manifest.csv"
    extract(archive, asked, manifest)
    return content(manifest)


@pytest.fixture
def manifest(tmp_path):
    return tmp_path / "raw" / "images_001.manifest.csv"


@pytest.fixture
def archive(tmp_path):
    return archive_of(tmp_path / "images_001.tar.gz", NAMES)


@pytest.fixture
def killed(archive, manifest, tmp_path):
    """The folder that SIGKILL has left of an extraction, which had got two thirds of its archive."""
    data, pipe, names = archive.read_bytes(), tmp_path / "slow.tar.gz", tmp_path / "names"
    names.write_text(" ".join(name for name, _ in ASKED))
    os.mkfifo(pipe)
    child = subprocess.Popen([sys.executable, "-c", _CHILD, names, pipe, manifest], cwd=ROOT)
    left = unfinished(folder_of(manifest))
    with pipe.open("wb", buffering=0) as stream:
        stream.write(data[: 2 * len(data) // 3])
        for _ in range(6000):
            if left.is_dir() and len(list(left.iterdir())) >= 100:
                break
            time.sleep(0.01)
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert not manifest.exists()
    assert 100 <= len(list(left.iterdir())) < len(ASKED)
    return left


@pytest.fixture
def decoded(monkeypatch):
    """Where the pictures come from that are decoded."""
    seen, decode = [], extracting.decode_gray

    def watched(data, origin):
        seen.append(origin)
        return decode(data, origin)

    monkeypatch.setattr(extracting, "decode_gray", watched)
    return seen


def test_a_killed_extraction_goes_on(killed, archive, manifest, tmp_path, decoded):
    expected = undisturbed(archive, ASKED, tmp_path)
    kept = marks(killed)
    half = sorted(kept)[5]
    (killed / half).write_bytes((killed / half).read_bytes()[:100])  # as what it may have been killed in
    whole = {name for name in kept if (killed / name).read_bytes() == expected[1][name]}
    decoded.clear()
    extract(archive, ASKED, manifest, threads=2)
    assert len(decoded) == len(ASKED) - len(whole)
    now = marks(folder_of(manifest))
    assert {name for name in kept if now[name] == kept[name]} == whole
    assert content(manifest) == expected
    assert sorted(path.name for path in manifest.parent.iterdir()) == ["images_001", manifest.name]


def test_what_is_left_of_another_sample_goes(killed, archive, manifest, tmp_path, decoded):
    fewer = ASKED[200:]
    extract(archive, fewer, manifest)
    assert content(manifest) == undisturbed(archive, fewer, tmp_path)


def test_what_is_left_of_another_archive_does_not_count(killed, manifest, tmp_path, decoded):
    other = archive_of(tmp_path / "other.tar.gz", NAMES, seed=1)
    extract(other, ASKED, manifest)
    assert len(decoded) == len(ASKED)
    assert content(manifest) == undisturbed(other, ASKED, tmp_path)


def test_what_a_failure_has_left_is_gone_on_with(archive, manifest, tmp_path, decoded):
    whole = archive.read_bytes()
    archive.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="fetch it again"):
        extract(archive, ASKED, manifest)
    archive.write_bytes(whole)
    extract(archive, ASKED, manifest)
    assert len(decoded) == len(set(decoded)) == len(ASKED)


def test_threads_change_nothing(archive, manifest, tmp_path):
    extract(archive, ASKED, manifest, threads=4)
    assert content(manifest) == undisturbed(archive, ASKED, tmp_path)


def test_a_folder_is_gone_on_with(manifest, tmp_path, decoded):
    source = tmp_path / "source"
    source.mkdir()
    for i, name in enumerate(NAMES[:9]):
        (source / name).write_bytes(picture(i))
    (source / NAMES[6]).write_bytes(b"no picture")
    with pytest.raises(InputError, match="not a readable image"):
        extract_loose(source, [(name, "1") for name in NAMES[:9]], manifest)
    (source / NAMES[6]).write_bytes(picture(6))
    extract_loose(source, [(name, "1") for name in NAMES[:9]], manifest)
    assert sorted(map(decoded.count, map(str, source.iterdir()))) == [1] * 8 + [2]
    assert manifest.read_text().count("\n") == 10


def test_what_was_kept_of_a_mirrors_images_is_not_fetched_again(manifest, pauses):
    def failing(request, n):
        request.serve(ZIP) if n <= 9 else request.reply(404)

    with serving(failing) as server, pytest.raises(InputError, match="404"):
        extract_remote(server.url, WANTED, manifest)
    left = unfinished(folder_of(manifest))
    kept = marks(left)
    assert 0 < len(kept) < len(WANTED)
    (left / "another.png").write_bytes(b"of another sample")
    with serving(lambda request, n: request.serve(ZIP)) as server:
        extract_remote(server.url, WANTED, manifest)
    images = [headers for _, headers in server.seen if not headers["Range"].startswith("bytes=-")]
    assert len(images) == len(WANTED) - len(kept)
    now = marks(folder_of(manifest))
    assert set(now) == {name for name, _ in WANTED}
    assert {name: now[name] for name in kept} == kept
