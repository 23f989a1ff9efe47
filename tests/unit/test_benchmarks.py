"""The scripts that print figures: what they read and count, not how fast anything is."""

import itertools
import multiprocessing
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks import border, gpu, peers, scale, score, texture, threads
from srlib.data import nih
from srlib.data.extract import extract
from srlib.data.images import Picture, read_manifest, write_pictures
from srlib.data.labels import catalog
from srlib.figures.spectrum import spectra

ROOT = Path(__file__).parents[2]
HEADER = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"


def write(path, seconds, peak):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{HEADER}{seconds}\t0:00:00\t{peak}\t9\t9\t9\t9\t9\t9\t9\n")


def test_the_jobs_of_a_stage_are_summed_and_the_largest_counts(tmp_path):
    write(tmp_path / "resize" / "train.tsv", 2, 100.5)
    write(tmp_path / "resize" / "test.tsv", 3.5, 80)
    write(tmp_path / "infer" / "linear" / "seed0.tsv", 1, 7)
    write(tmp_path / "sample.tsv", 0.25, "NA")  # of a job too short to be looked at
    assert scale.stages(tmp_path) == {"resize": (5.5, 100.5), "infer": (1, 7), "sample": (0.25, 0)}


@pytest.mark.parametrize(("last", "power"), [(30, "1.00"), (300, "2.00"), (3, "0.00"), (0, "")])
def test_growth_is_a_power_of_the_number_of_images(last, power):
    assert scale.growth(3, last, 10) == power


def test_a_table_has_time_an_image_and_growth_side_by_side():
    runs = {10: {"score": scale.Stage(2, 50)}, 100: {"score": scale.Stage(20, 60)}}
    assert scale.table(runs).splitlines()[-1] == (
        "| score | 2.0 | 200.0 | 50 | 20.0 | 200.0 | 60 | 1.00 | 111.1 |"
    )


def test_the_images_of_a_run_lie_in_archives_of_the_releases_form_and_differ(tmp_path):
    noise = list(np.random.default_rng(0).integers(0, 256, (2, 80, 80), dtype=np.uint8))
    scale.write_release(tmp_path / "source", 45, noise)
    labels = catalog.read([tmp_path / "source" / "Data_Entry_2017_v2020.csv"])
    assert len(labels) >= 45
    sums = []
    for archive in nih.ARCHIVES:
        asked = [
            (label.image, label.patient) for label in labels if nih.archive_of(label.image) == archive.name
        ]
        manifest = tmp_path / f"{archive.name}.manifest.csv"
        extract(tmp_path / "source" / f"{archive.name}.tar.gz", asked, manifest)
        sums += [row["sha256"] for row in read_manifest(manifest)]
    assert len(set(sums)) == len(labels)


def test_no_two_images_have_one_name_nor_lie_in_another_archive_than_their_name_says():
    names = [scale.image_name(number) for number in range(60_000)]
    assert len(set(names)) == len(names)
    assert all(nih.archive_of(names[n]) == nih.ARCHIVES[n % 12].name for n in range(0, len(names), 7))


def test_every_job_that_makes_something_is_measured():
    for path in (ROOT / "rules").glob("*.smk"):
        text = path.read_text()
        logs = re.findall(r'log:\n +f?"<results>/logs/(.*)\.log"', text)
        measured = re.findall(r'benchmark:\n +f?"<results>/benchmarks/(.*)\.tsv"', text)
        assert measured == (logs if "output:" in text else []), path


TINY = ["--device", "cpu", "--side", "32", "--repeats", "1", "--batch", "2"]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["card"], r"- bfloat16 product: [\d.]+ TFLOP/s"),
        (
            ["step", "vdsr", "--deterministic"],
            r"\| vdsr \| \w+ \| deterministic \| [\d.]+ \| [\d.]+ \| [\d.]+ \| [\d.]+ % \| [\d.]+ \|",
        ),
        (["infer", "vdsr", "--precision", "bfloat16"], r"\| vdsr \| bfloat16 \| [\d.]+ \| [\d.]+ \|"),
        (
            ["train", "vdsr", "--epochs", "2", "--count", "3"],
            r"\| vdsr \| \w+ \| 4 \| [\d.]+ \| [\d.]+ \| - \|",
        ),
    ],
)
def test_each_part_for_a_gpu_works_on_a_cpu(arguments, found, capsys):
    gpu.main([*arguments, *TINY])
    assert re.fullmatch(found, capsys.readouterr().out.splitlines()[-1])


def gpu_sh(python, **environment):
    return subprocess.run(
        [ROOT / "benchmarks" / "gpu.sh"],
        env=os.environ | {"PYTHON": str(python)} | environment,
        capture_output=True,
        text=True,
    )


def test_without_a_gpu_the_measuring_ends_with_what_is_missing(tmp_path):
    done = gpu_sh(sys.executable, CUDA_VISIBLE_DEVICES="")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("This machine shows no usable GPU: ")
    done = gpu_sh(tmp_path / "absent")
    assert (done.returncode, done.stdout) == (1, "")
    assert "run make demo first" in done.stderr


def test_the_measuring_goes_through_all_parts_and_past_one_that_fails(tmp_path):
    python = tmp_path / "python"  # in place of one with a GPU: says what it is asked for
    python.write_text(
        '#!/bin/sh\n[ "$1" = -c ] && exit\necho "asked $*"\n'
        'case "$*" in *compile*) echo why >&2; exit 1;; esac\n'
    )
    python.chmod(0o755)
    done = gpu_sh(python)
    assert done.returncode == 0
    asked = [
        line.split()[3:] for line in done.stdout.splitlines() if line.startswith("asked -m benchmarks.gpu")
    ]
    parts = [gpu.parsed(arguments) for arguments in asked]
    assert {part.part for part in parts} == set(gpu.PARTS)
    assert {part.network for part in parts if part.part == "train"} == {"vdsr", "srgan", "hybrid"}
    assert {(part.compile, part.eager) for part in parts if part.part == "step"} == set(
        itertools.product((False, True), repeat=2)
    )
    assert done.stdout.count("(failed, or no time left: benchmarks.gpu") == 2
    assert "step --compile --eager: why)" in done.stdout
    assert " s in all." in done.stdout.splitlines()[-1]


def test_trainings_side_by_side_take_their_steps_at_the_same_time(monkeypatch, capsys):
    numbers = sorted({1, threads.CORES})
    wanted = ["--processes", *map(str, numbers), "--side", "16", "--batch", "1", "--seconds", "0.2"]
    monkeypatch.setattr("sys.argv", ["threads", "vdsr", *wanted])
    threads.main()
    rows = [line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines()[4:]]
    assert [row[:3] for row in rows] == [["vdsr", str(n), str(threads.CORES // n)] for n in numbers]
    assert all(float(row[3]) * float(row[4]) == pytest.approx(int(row[1]), rel=0.01) for row in rows)
    assert rows[0][5] == "1.00"


@pytest.mark.parametrize("cores", [1, 2, 6, 16])
def test_trainings_side_by_side_are_tried_by_halves_of_the_cores(cores):
    numbers = threads.halves(cores)
    assert numbers[0] == 1
    assert cores // 2 < numbers[-1] <= cores
    assert all(2 * a == b for a, b in itertools.pairwise(numbers))


def test_more_processes_than_cores_are_refused(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["threads", "--processes", str(threads.CORES + 1)])
    with pytest.raises(SystemExit):
        threads.main()
    assert f"from 1 to {threads.CORES}" in capsys.readouterr().err


def test_the_time_of_each_metric_stands_beside_piqs(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["score", "--pairs", "1"])
    score.main()
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines()[2:]]
    assert [row[0] for row in rows][:3] == ["| PSNR", "| SSIM", "| MS-SSIM"]
    assert all(float(row[1]) > 0 for row in rows)
    assert sum(len(row[4].split(", ")) == 2 for row in rows) == len(score.PIQ) + 1


def highest_peak(pattern):
    """Of noise with a pattern over that of the noise alone, in dB."""
    noise = np.random.default_rng(0).normal(128, 2, (128, 128))
    return texture.peak(texture.power(noise + pattern), texture.power(noise), 4)


@pytest.mark.parametrize("period", [4, 2])
def test_stripes_are_in_the_ring_of_their_period(period):
    noise = np.random.default_rng(0).normal(128, 2, (128, 128))
    stripes = 2 * np.cos(2 * np.pi * np.arange(128) / period)
    _, of_4, of_2 = texture.of_rings(spectra(noise + stripes, noise)[0])
    assert (of_4 > 10, of_2 > 10) == (period == 4, period == 2)


def test_a_checkerboard_is_a_peak_of_the_spectrum_even_turned_over_halfway():
    rows, columns = np.indices((128, 128))
    checkerboard = np.where((rows + columns) % 2, 2, -2)
    assert highest_peak(checkerboard) > 20
    assert highest_peak(checkerboard * np.where(columns < 64, 1, -1)) > 10


def test_what_lr_pictures_hold_is_no_peak():
    rows, _ = np.indices((128, 128))
    assert highest_peak(2 * np.cos(np.pi * rows / 16)) < 1


def write_restored(results, model, seed, of_edge, inside):
    """Four pictures of two patients, off by so many gray levels in their upper line, and in all others."""
    sr = np.full((40, 40), 100 + inside, np.uint8)
    sr[0] = 100 + of_edge
    pictures = [Picture(f"{n}.png", str(n // 2), sr) for n in range(4)]
    write_pictures(pictures, results / "models" / model / f"seed{seed}" / "sr.manifest.csv")


def test_psnr_without_the_edges_of_the_pictures(tmp_path, monkeypatch, capsys):
    hr = [Picture(f"{n}.png", str(n // 2), np.full((40, 40), 100, np.uint8)) for n in range(4)]
    write_pictures(hr, tmp_path / "hr" / "test.manifest.csv")
    write_restored(tmp_path, "linear", 0, 60, 2)
    write_restored(tmp_path, "net", 0, 0, 2)
    write_restored(tmp_path, "net", 1, 0, 1)
    monkeypatch.setattr("sys.argv", ["border", str(tmp_path)])
    border.main()
    linear, net, _, lines = capsys.readouterr().out.splitlines()[2:]
    # 10 log10(255^2 / MSE): MSE (60^2 + 39 * 2^2) / 40 and 4; of the seeds 39 * 4 / 40 and 39 / 40, 4 and 1.
    assert linear == "| linear | 28.40 | 42.11 | 42.11 | 42.11 | +0.00 [+0.00, +0.00] |"
    assert net == "| net | 45.23 | 45.12 | 45.12 | 45.12 | +3.01 [+3.01, +3.01] |"
    assert lines == "0 of 4 HR pictures end in a line."


@pytest.mark.parametrize("turns", range(4))
def test_a_picture_that_ends_in_a_line_is_known_on_every_side(turns):
    picture = np.full((40, 40), 100, np.uint8)
    picture[7] = 131
    assert border.ends_in_a_line(np.rot90(picture, turns))
    picture[7] = 130
    assert not border.ends_in_a_line(np.rot90(picture, turns))
    picture[9:31, 9:31] = 255  # far from the edges
    assert not border.ends_in_a_line(picture)


def test_a_reference_that_is_not_there_is_named(tmp_path, monkeypatch, capsys):
    write_restored(tmp_path, "net", 0, 0, 2)
    hr = [Picture(f"{n}.png", str(n // 2), np.full((40, 40), 100, np.uint8)) for n in range(4)]
    write_pictures(hr, tmp_path / "hr" / "test.manifest.csv")
    monkeypatch.setattr("sys.argv", ["border", str(tmp_path), "--reference", "lineal"])
    with pytest.raises(SystemExit):
        border.main()
    assert "--reference lineal: no restored pictures" in capsys.readouterr().err


def test_a_loop_answers_each_turn_with_the_seconds_of_a_step(tmp_path):
    asks, answers = multiprocessing.Pipe()
    for turn in (True, True, False):
        asks.send(turn)
    task = peers.Task("vdsr", 16, 1, torch.device("cpu"))
    peers.serve(answers, "ours, float32", tmp_path, task)
    assert asks.recv() > 0
    assert asks.recv() > 0
    assert not asks.poll()


def test_the_peers_discriminator_sees_one_crop_of_each_picture_as_ours_does():
    logits = peers.OnCrops(112)(torch.rand(2, 1, 112, 112))
    assert logits.shape == (2, 1)


def test_a_peer_that_is_not_there_is_named(tmp_path, capsys):
    (tmp_path / "BasicSR").mkdir()
    with pytest.raises(SystemExit) as stopped:
        peers.main([str(tmp_path), "vdsr"])
    assert stopped.value.code == 2
    assert f"{tmp_path / 'KAIR'}: no such folder" in capsys.readouterr().err
