"""The command, on files as people have them."""

import os
import re
import shlex
import signal
import tarfile
import time
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from dicoms import dicom_file
from PIL import Image
from restoring import ROOT, random_pixels, repeated, restore, start, write_weights

from srlib.data.decode import decode
from srlib.data.images import encode_png
from srlib.networks import catalog

NIH_DIR = os.environ.get("NIH_DIR")


@pytest.fixture
def weights(tmp_path):
    return write_weights(tmp_path / "w.safetensors")


@pytest.fixture
def scans(tmp_path):
    folder = tmp_path / "scans"
    (folder / "p1").mkdir(parents=True)
    for number, name in enumerate(("a.png", "b.png", "p1/c.png")):
        (folder / name).write_bytes(encode_png(random_pixels(seed=number)))
    return folder


def pixels(path):
    return np.asarray(Image.open(path))


def test_files_in_files_out(weights, scans, tmp_path, capsys):
    assert restore("--weights", weights, scans, "--output", tmp_path / "out") == 0
    for name in ("a.png", "b.png", "p1/c.png"):
        assert np.array_equal(pixels(tmp_path / "out" / name), repeated(pixels(scans / name)))
    assert re.search(r"3 restored in [\d.]+ s: [\d.]+ megapixels/s", capsys.readouterr().out)
    assert sorted(path.name for path in tmp_path.rglob("*.png")) == sorted(["a.png", "b.png", "c.png"] * 2)


def test_a_page_shows_what_went_in_and_what_came_out(weights, scans, tmp_path):
    assert restore("--weights", weights, scans, "--output", tmp_path / "out", "--viewer") == 0
    page = (tmp_path / "out" / "viewer.html").read_text()
    assert re.findall(r'"name": "(.*?)"', page) == ["a.png", "b.png", "p1/c.png"]


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_dicom_in_dicom_out_found_without_a_suffix(weights, tmp_path, photometric, capsys):
    (tmp_path / "study").mkdir()
    source = dicom_file(PhotometricInterpretation=photometric)
    (tmp_path / "study" / "IM0001").write_bytes(source)
    assert restore("--weights", weights, tmp_path / "study", "--output", tmp_path / "out") == 0
    made, given = decode((tmp_path / "out" / "IM0001").read_bytes(), "made"), decode(source, "given")
    assert np.abs(made.share[made.levels] - repeated(given.share[given.levels])).max() <= 0.51 / 4095
    assert b"Doe^Jane" in (tmp_path / "out" / "IM0001").read_bytes()
    again = ("--weights", weights, tmp_path / "study", "--output", tmp_path / "out", "--anonymise")
    assert restore(*again) == 1
    assert re.search(
        r"out/IM0001: is there already, and tells of the patient; --force", capsys.readouterr().err
    )
    assert restore(*again, "--force") == 0
    assert b"Doe^Jane" not in (tmp_path / "out" / "IM0001").read_bytes()
    assert restore(*again) == 0  # nothing to do, and nothing to object to


def test_a_bad_file_is_told_at_the_end_and_stops_no_other(weights, scans, tmp_path, capsys):
    (scans / "aa.png").write_bytes((scans / "a.png").read_bytes()[:-300])
    (scans / "p1" / "ba.tif").write_bytes(b"no picture")
    with (scans / "huge.png").open("wb") as file:
        file.truncate(2**33)  # a hole, which takes no room on the disk
    (scans / "locked.png").symlink_to("/proc/self/mem")
    assert restore("--weights", weights, scans, "--output", tmp_path / "out") == 1
    said = capsys.readouterr()
    assert re.search(r"huge\.png: 8589934592 bytes, more than any radiograph", said.err)
    assert re.search(r"locked\.png: cannot be read \(Input/output error\)", said.err)
    assert "4 of 7 were not restored" in said.err and "3 restored" in said.out
    assert re.search(r"aa\.png: not a readable image", said.err)
    assert re.search(r"ba\.tif: not a readable image", said.err)
    assert "Traceback" not in said.err
    made = {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert made == {"a.png", "b.png", "c.png"}


def test_what_is_there_stays_unless_forced(weights, scans, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.png").write_text("mine")
    command = ("--weights", weights, scans, "--output", out)
    assert restore(*command) == 0
    assert (out / "a.png").read_text() == "mine"
    assert "1 of 3 are in" in capsys.readouterr().out
    assert restore(*command, "--force") == 0
    assert np.array_equal(pixels(out / "a.png"), repeated(pixels(scans / "a.png")))


def test_a_folder_where_a_picture_would_go_is_not_taken_for_it(weights, scans, tmp_path, capsys):
    (tmp_path / "out" / "a.png").mkdir(parents=True)
    command = ("--weights", weights, scans, "--output", tmp_path / "out", "--viewer")
    assert restore(*command) == 1
    said = capsys.readouterr()
    assert "--force" not in said.out and "2 restored" in said.out
    place = re.escape(str(tmp_path / "out" / "a.png"))
    assert re.search(rf"{place}: Is a directory; move it away", said.err)
    page = (tmp_path / "out" / "viewer.html").read_text()
    assert re.findall(r'"name": "(.*?)"', page) == ["b.png", "p1/c.png"] and "Not shown" not in page


def test_two_outputs_of_one_name_run_nothing(weights, scans, tmp_path, capsys):
    (scans / "p1" / "a.png").write_bytes((scans / "b.png").read_bytes())
    code = restore("--weights", weights, scans / "a.png", scans / "p1", "--output", tmp_path / "out")
    assert code == 1
    assert "both would become" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_tiles_that_do_not_divide_the_picture_change_nothing(scans, tmp_path):
    weights = write_weights(tmp_path / "w.safetensors", "hybrid")
    (scans / "a.png").write_bytes(encode_png(random_pixels((19, 31))))
    command = ("--weights", weights, scans / "a.png", "--device", "cpu", "--output")
    assert restore(*command, tmp_path / "whole") == restore(*command, tmp_path / "tiled", "--tile", 24) == 0
    assert np.array_equal(pixels(tmp_path / "whole" / "a.png"), pixels(tmp_path / "tiled" / "a.png"))


def test_tiles_are_refused_to_a_network_with_global_parts(weights, scans, tmp_path, capsys, monkeypatch):
    tiled = catalog.traits
    monkeypatch.setattr(catalog, "traits", lambda name: tiled(name)._replace(receptive_field=None))
    command = ("--weights", weights, scans / "a.png", "--output", tmp_path / "out")
    assert restore(*command, "--tile", 64) == 1
    assert "global parts" in capsys.readouterr().err
    assert restore(*command) == 0


@pytest.mark.parametrize(
    "arguments",
    [[], ["x.png"], ["x.png", "--output", "o"], ["x.png", "--weights", "w", "--output", "o", "--tile", "0"]],
)
def test_a_wrong_call_is_told_how_it_goes(arguments, capsys):
    assert restore(*arguments) == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["INPUT", "--weights", "--output"])
def test_an_empty_path_is_not_the_current_folder(option, capsys):
    given = {"--weights": "w", "--output": "o", "INPUT": "x.png"} | {option: ""}
    picture = given.pop("INPUT")
    assert restore(picture, *(part for pair in given.items() for part in pair)) == 2
    assert f"argument {option}: empty; name a file or folder" in capsys.readouterr().err


def test_help_has_an_example_of_each_use(capsys):
    assert restore("--help") == 0
    said = capsys.readouterr().out
    for option in ("--weights", "--output", "--force", "--viewer", "--anonymise", "--tile", "--device"):
        assert option in said.partition("examples:")[2]


@pytest.mark.parametrize("damage", ["missing", "cut", "page", "foreign", "nan", "no variant", "folder"])
def test_weights_that_are_none_are_one_clear_error(weights, scans, tmp_path, capsys, damage):
    data = weights.read_bytes()
    tensors = safetensors.torch.load(data)
    with safetensors.safe_open(weights, "pt") as file:
        header = file.metadata()
    weights.unlink()
    if damage == "folder":
        weights.mkdir()
    elif damage == "no variant":
        write_weights(weights, lr="")
    elif damage == "foreign":
        safetensors.torch.save_file(tensors, weights)
    elif damage == "nan":
        tensors["filters"][0, 0, 0, 0] = torch.nan
        safetensors.torch.save_file(tensors, weights, header)
    elif damage != "missing":
        weights.write_bytes(data[:-5] if damage == "cut" else b"<html>")
    assert restore("--weights", weights, scans, "--output", tmp_path / "out") == 1
    said = capsys.readouterr().err
    assert re.match(rf"Error: .*{re.escape(str(weights))}", said) and "Traceback" not in said
    assert not (tmp_path / "out").exists()


def test_a_cuda_device_where_there_is_none(weights, scans, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    command = ("--weights", weights, scans, "--output", tmp_path / "out")
    assert restore(*command, "--device", "cuda") == 1
    assert "no usable GPU" in capsys.readouterr().err


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_nothing_half_written_and_the_same_command_goes_on(weights, tmp_path, stop):
    scans, out = tmp_path / "scans", tmp_path / "out"
    scans.mkdir()
    for number in range(40):
        (scans / f"{number:02d}.png").write_bytes(encode_png(random_pixels((250, 250), seed=number)))
    process = start("--weights", weights, scans, "--output", out)
    while process.poll() is None and not any(out.glob("[0-9]*")):
        time.sleep(0.01)
    process.send_signal(stop)
    said = process.communicate()[1]
    assert process.returncode == 128 + stop, said
    assert "Traceback" not in said
    made = list(out.iterdir())
    assert 0 < len(made) < 40
    for path in made:
        assert np.array_equal(pixels(path), repeated(pixels(scans / path.name)))
    times = {path: path.stat().st_mtime_ns for path in made}
    assert restore("--weights", weights, scans, "--output", out) == 0
    assert len(list(out.iterdir())) == 40
    assert all(path.stat().st_mtime_ns == time for path, time in times.items())


def test_the_readmes_command_runs(scans, tmp_path, monkeypatch):
    (command,) = re.findall(
        r"^    \S+python -m srlib restore (.*)$", (ROOT / "README.md").read_text(), re.MULTILINE
    )
    monkeypatch.chdir(tmp_path)
    given = shlex.split(command)
    path = Path(given[given.index("--weights") + 1])
    path.parent.mkdir(parents=True)
    write_weights(path)
    assert restore(*given) == 0
    assert {path.name for path in Path("restored").iterdir()} == {"a.png", "b.png", "p1", "viewer.html"}


@pytest.mark.skipif(not NIH_DIR, reason="NIH_DIR names no folder of the NIH release")
def test_a_real_x_ray_keeps_its_grays(weights, tmp_path):
    with tarfile.open(sorted(Path(NIH_DIR).glob("images_*.tar.gz"))[0]) as archive:
        member = next(member for member in archive if member.name.endswith(".png"))
        (tmp_path / "x.png").write_bytes(archive.extractfile(member).read())
    assert restore("--weights", weights, tmp_path / "x.png", "--output", tmp_path / "out") == 0
    source = np.asarray(Image.open(tmp_path / "x.png").convert("L"))
    assert source.shape == (1024, 1024)
    assert np.array_equal(pixels(tmp_path / "out" / "x.png"), repeated(source))
