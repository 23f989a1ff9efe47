"""Whatever is written to a full disk ends in one message that names the file, and nothing is lost."""

import errno
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from fetching import DATA, fetch

from srlib.data.extract import write_raw
from srlib.data.images import Picture, encode_png, write_files, write_pictures
from srlib.jobs import job
from srlib.networks import catalog, weights
from srlib.training import state


@pytest.fixture
def disk(tmp_path):
    """A disk with room for 100 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(folder)]
    if not sys.platform.startswith("linux") or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("needs leave to mount a disk in memory")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def save_weights(path):
    weights.save(path, catalog.build("vdsr", {}), "vdsr", {}, {})


def save_state(path):
    class Learner:
        def state_dict(self):
            return {"weights": torch.zeros(100_000), "more": torch.zeros(10)}

    state.save(path, "hash", state.Position(1, 0, torch.zeros(1, 1), []), {"network": Learner()})


NOISE = np.random.default_rng(0).integers(0, 256, (512, 512), dtype=np.uint8)


def save_pictures(path):
    write_pictures([Picture("a.png", "1", NOISE)], path)


def save_raw(path):
    write_raw((file for file in [("a.png", "1", encode_png(NOISE), "the archive")]), path)


def save_files(path):
    write_files([("a.png", "1", DATA)], path)


def save_download(path):
    fetch(lambda request, n: request.serve(DATA), path)


WRITERS = [save_weights, save_state, save_pictures, save_raw, save_files, save_download]


@pytest.mark.parametrize("write", WRITERS)
def test_the_file_is_named_and_what_was_there_is_left(disk, write):
    path = disk / "x.manifest.csv"
    path.write_text("old")
    with pytest.raises(OSError) as error:
        write(path)
    assert error.value.errno == errno.ENOSPC
    assert Path(error.value.filename).name.removeprefix(".").startswith(("x", "a.png"))
    assert path.read_text() == "old"
    # A download and an extraction are gone on with when there is room.
    assert {found.name for found in disk.iterdir()} <= {path.name, f"{path.name}.part", ".x.unfinished"}


def task(log):
    return SimpleNamespace(log=[str(log)], input=[], output=[], params={}, wildcards={}, threads=1)


@pytest.mark.parametrize("write", [save_weights, save_state, save_files])
def test_a_job_ends_in_one_message_even_where_its_log_is_full(disk, capsys, write):
    with pytest.raises(SystemExit) as stop, job(task(disk / "logs" / "a.log")):
        print("x" * 200_000)
        write(disk / "x")
    assert stop.value.code == 1
    said = f"Error: {disk / 'x'}: No space left on device; make room, then run the same command again\n"
    assert capsys.readouterr().err == said


def test_a_log_that_cannot_be_written_is_said(tmp_path, capsys):
    (tmp_path / "logs").write_text("a file where a folder should be")
    with pytest.raises(SystemExit) as stop, job(task(tmp_path / "logs" / "a.log")):
        pass
    assert stop.value.code == 1
    assert re.fullmatch(
        rf"Error: {tmp_path}/logs.*; move away what is in the way, .*\n", capsys.readouterr().err
    )
