"""From every source that people have to the pictures of train and test, and clear errors where it fails."""

import hashlib
import io
import json
import os
import re
import tarfile

import numpy as np
import pytest
from PIL import Image
from runs import planned, rows, snakemake
from server import serving

HEADER = "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
COUNTS = {"train": 4, "test": 3, "validation": 1, "size": 176}
TARGETS = [f"results/hr/{split}.manifest.csv" for split in ("train", "test")]
NAMES = [f"{patient:08d}_{image:03d}.png" for patient in range(1, 11) for image in range(2)]


def picture(seed, format="PNG"):
    pixels = np.random.default_rng(seed).integers(0, 256, (176, 176), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format)
    return buffer.getvalue()


def table(names, first_edition=False):
    end = "," if first_edition else ""
    lines = [
        f"{name},{('Effusion', 'No Finding')[i % 2]},0,{int(name[:8])},058Y,M,{('AP', 'PA')[i % 2]}{end}"
        for i, name in enumerate(names)
    ]
    return "\n".join([HEADER.rstrip(",") + end, *lines]) + "\n"


def archive(path, names):
    with tarfile.open(path, "w:gz") as tar:
        for i, name in enumerate(names):
            data = picture(i)
            info = tarfile.TarInfo(f"images/{name}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


@pytest.fixture
def release(tmp_path):
    """A folder in the release's layout, its archive named as the NIH's server names it."""
    folder = tmp_path / "release"
    folder.mkdir()
    archive(folder / "images_01.tar.gz", NAMES)
    (folder / "Data_Entry_2017_v2020.csv").write_text(table(NAMES))
    (folder / "train_val_list.txt").write_text("\n".join(NAMES[:14]))
    (folder / "test_list.txt").write_text("\n".join(NAMES[14:]))
    return folder


def run(workflow, source, *targets, check=True, options=(), **dataset):
    settings = json.dumps({"source": str(source)} | COUNTS | dataset)
    arguments = [*(targets or TARGETS), "--config", f"dataset={settings}", *options]
    return snakemake(workflow, *arguments, check=check)


def split_of(workflow):
    found = rows(workflow / "results/split.csv")
    counts = {name: sum(row["split"] == name for row in found) for name in ("train", "test", "validation")}
    assert counts == {name: COUNTS[name] for name in counts}
    homes = {(row["patient"], row["split"]) for row in found}
    assert len(homes) == len({patient for patient, _ in homes})
    return found


def pictures_of(workflow, split):
    return sorted(path.name for path in (workflow / f"results/hr/{split}").glob("*.png"))


def test_the_releases_archives_with_choices_of_the_sample(workflow, release):
    choices = {"official": True, "view": "PA", "findings": ["No Finding"], "one_per_patient": True}
    run(workflow, release, **choices)
    found = split_of(workflow)
    assert {row["archive"] for row in found} == {"images_001"}
    assert {row["view"] for row in found} == {"PA"}
    assert len({row["patient"] for row in found}) == len(found)
    assert all((row["split"] == "test") == (row["image"] in NAMES[14:]) for row in found)
    raw = workflow / "results/raw/images_001" / found[0]["image"]
    assert raw.read_bytes() == picture(NAMES.index(found[0]["image"]))  # as published
    asked = choices | {"archives": "[1]"}  # where only 1 is there, as all twelve
    labels = release / "Data_Entry_2017_v2020.csv"
    labels.write_text(labels.read_text().replace("058Y", "059Y"))  # which nobody reads
    assert planned(run(workflow, release, options=["-n"], **asked).stdout) == {}
    labels.write_text(labels.read_text().replace(",AP", ",PA", 1))
    assert "sample" in planned(run(workflow, release, options=["-n"], **asked).stdout)
    labels.write_text(table(NAMES))
    note = (workflow / "results/split.csv").read_text().splitlines()[0]
    assert {"seed": 0, "view": "PA", "one_per_patient": True}.items() <= json.loads(
        note.removeprefix("# ")
    ).items()
    copied = release / "images_01.tar.gz"
    content = copied.read_bytes()
    copied.write_bytes(content)  # a fresh copy, with a new time
    assert planned(run(workflow, release, **choices, options=["-n"]).stdout) == {}
    archive(copied, reversed(NAMES))  # other pictures under the same names
    assert planned(run(workflow, release, **choices, options=["-n"]).stdout)["extract"] == 1


def test_the_web_sources_fetch_what_they_need_and_no_more(workflow):
    plan = planned(run(workflow, "nih", official=True, options=["-n"]).stdout)
    assert (plan["fetch_archive"], plan["fetch_list"], plan["fetch_labels"]) == (12, 2, 1)
    plan = planned(run(workflow, "mirror", archives="[3, 5]", options=["-n"]).stdout)
    assert plan == {"fetch_labels": 1, "sample": 1, "extract_remote": 2, "resize": 2}


def test_a_split_is_handed_over_to_someone_with_loose_pictures(workflow, release, tmp_path):
    run(workflow, release, "results/split.csv")
    theirs = tmp_path / "theirs.csv"
    (workflow / "results/split.csv").rename(theirs)
    loose = tmp_path / "unpacked" / "images_001" / "images"
    loose.mkdir(parents=True)
    for i, name in enumerate(NAMES):
        (loose / name).write_bytes(picture(i))
    (tmp_path / "unpacked" / "Data_Entry_2017.csv").write_text(table(NAMES, first_edition=True))
    run(workflow, tmp_path / "unpacked", split=str(theirs))
    kept = [(row["image"], row["patient"], row["split"]) for row in rows(theirs)]
    assert [(row["image"], row["patient"], row["split"]) for row in split_of(workflow)] == kept
    assert {row["archive"] for row in split_of(workflow)} == {"loose"}
    assert pictures_of(workflow, "test") == [image for image, _, split in kept if split == "test"]


def test_any_pictures_without_a_label_table(workflow, tmp_path):
    folder = tmp_path / "lab"
    (folder / "more").mkdir(parents=True)
    for i in range(4):
        (folder / f"#scan {{{i}}}.png").write_bytes(picture(i))
        (folder / "more" / f"film-{i}.jpg").write_bytes(picture(i, "JPEG"))
        (folder / f"plate_{i}.tiff").write_bytes(picture(i, "TIFF"))
    run(workflow, folder, labels="none")
    found = split_of(workflow)
    owners = {row["image"]: "more" if row["image"].startswith("more__") else row["image"] for row in found}
    assert {row["image"]: row["patient"] for row in found} == owners
    note = json.loads((workflow / "results/split.csv").read_text().splitlines()[0].removeprefix("# "))
    assert note["patients"] == "4 by first folder, 8 by picture alone"
    assert pictures_of(workflow, "train") == sorted(row["image"] for row in found if row["split"] == "train")

    def plan(source=folder):
        return planned(run(workflow, source, labels="none", options=["-n"]).stdout)

    (folder / "notes.txt").write_text("no picture")
    assert plan() == plan(folder.name) == plan(f"./{folder.name}/") == {}
    drawn = next(row["image"] for row in found if row["image"].startswith("#scan"))
    times = (folder / drawn).stat()
    (folder / drawn).write_bytes(picture(9))
    os.utime(folder / drawn, ns=(times.st_atime_ns, times.st_mtime_ns - 10**9))  # older than what was there
    assert plan() == {"extract": 1, "resize": 2}
    (folder / "more" / "one more.png").write_bytes(picture(9))
    assert "sample" in plan()


def test_train_on_a_folder_like_chexpert_and_test_on_another(workflow, tmp_path):
    mine, theirs = tmp_path / "chexpert", tmp_path / "theirs"
    lines = ["Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Cardiomegaly"]
    for i in range(10):
        path = mine / f"train/patient{i // 2:05d}/study{i % 2}/view1_frontal.jpg"
        path.parent.mkdir(parents=True)
        path.write_bytes(picture(i, "JPEG"))
        lines.append(f"CheXpert-v1.0-small/{path.relative_to(mine)},Male,50,Frontal,AP,1.0,")
        (theirs / f"patient{i:05d}/study0").mkdir(parents=True)
        (theirs / f"patient{i:05d}/study0/view1_frontal.jpg").write_bytes(picture(20 + i, "JPEG"))
    (mine / "train.csv").write_text("\n".join(lines))
    run(workflow, mine, "results/lr/down4/test.manifest.csv", *TARGETS, test_source=str(theirs))
    found = rows(workflow / "results/split.csv")
    assert {row["archive"] for row in found if row["split"] == "test"} == {"test_loose"}
    assert {row["archive"] for row in found if row["split"] != "test"} == {"loose"}
    assert all(row["patient"] in row["image"].split("__") for row in found)
    for split in ("train", "test"):  # one name from the split to the LR pictures
        assert pictures_of(workflow, split) == sorted(r["image"] for r in found if r["split"] == split)
    lr = rows(workflow / "results/lr/down4/test.manifest.csv")
    assert [row["name"] for row in lr] == pictures_of(workflow, "test")


def test_a_download_through_a_bad_network_and_what_is_kept_of_it(workflow, tmp_path):
    data = archive(tmp_path / "archive.gz", NAMES).read_bytes()

    def answer(request, n):
        if "static" in request.path:
            request.serve(data, cut=len(data) // 2 if "Range" not in request.headers else None)
        else:
            request.serve(table(NAMES).encode())

    with serving(answer) as server:
        facts = workflow / "srlib/data/nih.py"
        text = facts.read_text().replace("https://nihcc.box.com/", server.url.removesuffix("file"))
        text = re.sub(r"LABELS_URL = .*", f'LABELS_URL = "{server.url}"', text)
        text = text.replace("2008470987", str(len(data)))
        facts.write_text(text.replace("fe8ed0a6961412fddcbb3603c11b3698", hashlib.md5(data).hexdigest()))
        run(workflow, "nih", archives="[1]")
    assert [headers.get("Range") is None for path, headers in server.seen if "static" in path] == [
        True,
        False,
    ]
    assert len(split_of(workflow)) == 8
    # the archive, of some GB in truth, is gone when its images are out
    assert not (workflow / "results/release/images_001.tar.gz").exists()
    assert (workflow / "results/release/labels.csv").exists()


@pytest.mark.parametrize(
    ("break_it", "named"),
    [
        (lambda f: os.truncate(f / "images_01.tar.gz", 30_000), "images_01.tar.gz"),
        (lambda f: archive(f / "images_01.tar.gz", ["../x.png", *NAMES]), "images/../x.png"),
    ],
    ids=["truncated", "climbs"],
)
def test_a_bad_archive_is_named_and_nothing_half_made_is_left(workflow, release, break_it, named):
    break_it(release)
    done = run(workflow, release, check=False)
    assert done.returncode != 0
    (message,) = {line for line in done.stdout.splitlines() if line.startswith("Error: ")}
    assert named in message
    assert "again" in message  # the remedy
    assert "Traceback" not in (workflow / "results/logs/extract/images_001.log").read_text()
    assert not (workflow / "results/raw/images_001.manifest.csv").exists()
    assert not (workflow / "results/hr").exists()


def test_a_bad_label_table_is_named(workflow, release):
    (release / "Data_Entry_2017_v2020.csv").write_text("<!DOCTYPE html><html></html>")
    done = run(workflow, release, check=False, options=["-n"])
    assert done.returncode != 0
    assert re.search(r"Data_Entry_2017_v2020\.csv: an HTML page", done.stdout)
    assert "Traceback" not in done.stdout
    assert not (workflow / "results/split.csv").exists()


def test_verify_names_what_was_altered_and_the_command_that_rebuilds_it(workflow, release):
    run(workflow, release)
    altered = workflow / "results/hr/train" / pictures_of(workflow, "train")[0]
    altered.write_bytes(b"x")
    done = run(workflow, release, "verify", check=False)
    assert done.returncode != 0
    assert f"{altered.relative_to(workflow)}: altered" in done.stdout
    (command,) = set(re.findall(r"snakemake --cores all (--force \S+)", done.stdout))
    run(workflow, release, *command.split()[1:], options=["--force"])
    done = run(workflow, release, "verify")
    assert "15 pictures are as they were made" in done.stdout  # 8 raw, 4 train, 3 test
