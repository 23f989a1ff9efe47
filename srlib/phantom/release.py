"""The synthetic release: a label table and archives, in the form of the NIH's."""

import csv
import gzip
import io
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd

from srlib.data import nih
from srlib.data.images import encode_png
from srlib.errors import InputError
from srlib.files import replacing
from srlib.phantom.xray import SIZE, radiograph

# Patients of each archive that the phantom has, in the release's own numbering.
_PATIENTS = (range(1, 1336), range(1336, 3923))
_HEADER = (
    "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Sex,View Position,"
    "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]\n"
)


def write_labels(path: str | Path, images: int, seed: int) -> None:
    """Write a label table that offers `images` to sample and some to spare, as Data_Entry_2017_v2020.csv.

    Patients have one to three images each, PA or AP, in equal parts from both archives. The spare
    ones are for splits that share no patient. All are healthy: `No Finding`. Raises InputError if the
    archives have not so many patients.
    """
    rng = np.random.default_rng([seed, 0])
    offered = images + images // 3 + 8
    rows = []
    for part, patients in enumerate(_PATIENTS, start=1):
        end = offered * part // len(_PATIENTS)
        for patient in patients:
            if len(rows) == end:
                break
            sex, age = rng.choice(["M", "F"]), int(rng.integers(20, 85))
            follow_ups = min(int(rng.integers(1, 4)), end - len(rows))
            for follow_up in range(follow_ups):
                name = f"{patient:08d}_{follow_up:03d}.png"
                view = rng.choice(["PA", "AP"], p=[0.6, 0.4])
                size = [SIZE, SIZE, 0.36, 0.36]
                rows.append([name, "No Finding", follow_up, patient, age, sex, view, *size])
        if len(rows) < end:
            raise InputError(
                f"config key dataset: {images} images in train, test and validation, and the phantom has "
                f"patients for {len(rows) * 2 * 3 // 4} or so; ask for fewer, or take a folder as source"
            )
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        file.write(_HEADER)
        csv.writer(file, lineterminator="\n").writerows(rows)


def write_archive(path: str | Path, labels: str | Path, name: str, seed: int, size: int = SIZE) -> None:
    """Render the images that a label table has in the archive `name`, as `images/*.png` of a tar.gz.

    The members are in no sorted order, as in the release. The same arguments give the same bytes.
    """
    table = pd.read_csv(labels, dtype=str)[["Image Index", "Patient ID", "View Position"]]
    table.columns = pd.Index(["image", "patient", "view"])
    table = table[table["image"].map(nih.archive_of) == name]
    with (
        replacing(path) as temporary,
        temporary.open("wb") as file,
        gzip.GzipFile("", "wb", compresslevel=1, fileobj=file, mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w") as tar,
    ):
        for row in table.sample(frac=1, random_state=seed % 2**32).itertuples():
            follow_up = int(row.image[9:12])
            pixels = radiograph(int(row.patient), row.view, follow_up, seed, size)
            data = encode_png(pixels, level=1)  # a fifth of the time of all
            member = tarfile.TarInfo(f"images/{row.image}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
