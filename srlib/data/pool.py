"""The images that a sample is drawn from: those of a source, with what is known of them, filtered."""

import re
from pathlib import Path

import pandas as pd

from srlib.data import nih
from srlib.data.extract import index_loose, list_members
from srlib.data.images import is_dicom
from srlib.data.source import LOOSE, archive_name
from srlib.errors import InputError

POOL_COLUMNS = [*nih.LABEL_COLUMNS, "archive"]


def read_pool(labels: str | Path | None, archives: dict[str, str], numbers: list[int]) -> pd.DataFrame:
    """All images of a source: columns image, patient, view, findings, archive, all str.

    labels: the label table; None to do without. archives: where each archive is, by its name; `loose`
    stands for a folder of pictures. numbers: of the release's archives that are asked for.
    Raises InputError if the label table has no row for any of the images.
    """
    if labels is None:
        return _unlabelled(archives)
    table = nih.read_labels(labels)
    if LOOSE in archives:
        pool = table[table["image"].isin(index_loose(archives[LOOSE]))].assign(archive=LOOSE)
        place = archives[LOOSE]
    else:
        pool = table.assign(archive=table["image"].map(nih.archive_of))
        pool = pool[pool["archive"].isin([archive_name(number) for number in numbers])]
        place = f"the archives {numbers}"
    if pool.empty:
        raise InputError(
            f"{labels}: has no row for any image of {place}; give the label table of these images, or "
            "set dataset.labels to none"
        )
    return pool


def _unlabelled(archives: dict[str, str]) -> pd.DataFrame:
    if LOOSE in archives:
        rows = [[name, *_known(path), LOOSE] for name, path in index_loose(archives[LOOSE]).items()]
    else:
        rows = [
            [name, patient_of(name), "", "", archive]
            for archive, path in archives.items()
            for name in list_members(path)
        ]
    return pd.DataFrame(rows, columns=POOL_COLUMNS)


def _known(path: Path) -> tuple[str, str, str]:
    """Patient, view and findings of a single file: from a DICOM header, else from the name."""
    with path.open("rb") as file:
        if not is_dicom(file.read(132)):
            return patient_of(path.name), "", ""
    from srlib.data.dicom import read_header  # here, because its import takes longer than most jobs

    header = read_header(path)
    return header.patient or patient_of(path.name), header.view, ""


def patient_of(image: str) -> str:
    """The patient in a name of the NIH's form, `00000013_005.png` -> "13"; else the image is its own."""
    match = re.fullmatch(r"(\d{8})_\d{3}\.\w+", image)
    return str(int(match[1])) if match else image


def select(
    pool: pd.DataFrame, *, view: str, findings: list[str] | None, official: dict[str, set[str]] | None
) -> pd.DataFrame:
    """The images of a pool with this view ("any" for all) and at least one of the findings.

    official: the release's own lists, {"train": names, "test": names}; what is in neither is left
    out, and a column `side` says in which one an image is.
    Raises InputError, naming the config key, if a choice leaves nothing.
    """
    if view != "any":
        pool = _left(pool[pool["view"] == view], f"dataset.view: {view}", pool["view"])
    if findings is not None:
        wanted = set(findings)
        has = pool["findings"].map(lambda text: bool(wanted & set(text.split("|"))))
        known = pool["findings"].str.split("|").explode()
        pool = _left(pool[has], f"dataset.findings: {', '.join(findings)}", known)
    if official is not None:
        side = pd.Series({name: side for side, names in official.items() for name in names})
        pool = pool.assign(side=pool["image"].map(side)).dropna(subset="side")
        pool = _left(pool, "dataset.official", pd.Series(["none of the images"]))
    return pool


def _left(pool: pd.DataFrame, key: str, known: pd.Series) -> pd.DataFrame:
    if pool.empty:
        there = ", ".join(sorted(set(known) - {""})) or "nothing"
        raise InputError(f"{key}: no image is left; the source has {there}")
    return pool


def read_list(path: str | Path) -> set[str]:
    """The names in one of the release's lists, `train_val_list.txt` or `test_list.txt`."""
    try:
        names = set(Path(path).read_text().split())
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a readable list of images ({error}); fetch it again") from error
    if not names or not all(re.fullmatch(r"\d{8}_\d{3}\.png", name) for name in names):
        raise InputError(f"{path}: not a list of the release's image names; fetch it again")
    return names
