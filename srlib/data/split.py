"""The split file: which images are for training, validation and test, and whose they are."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from srlib.data import nih
from srlib.data.names import canonical, check_patient, picture_name, release_patient
from srlib.data.source import LOOSE, TEST
from srlib.data.table import read_table
from srlib.errors import InputError
from srlib.files import replacing

SPLITS = ["train", "validation", "test"]
SPLIT_COLUMNS = ["image", "patient", "view", "findings", "archive", "split"]


def write_split(split: pd.DataFrame, path: str | Path, note: str = "") -> None:
    """Write a split as CSV, `note` (seed and options, one line) before it as a comment."""
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        if note:
            file.write(f"# {note}\n")
        split.to_csv(file, index=False, lineterminator="\n")


def read_split(path: str | Path) -> pd.DataFrame:
    """Read a split file: columns image, patient, view, findings, archive, split, all str.

    Paths of pictures become their names (`names.picture_name`), and patients get one spelling.

    Raises InputError if it is no split file, lists an image twice, or puts a patient into two splits.
    """
    remedy = "correct it, or delete it and run snakemake again"
    split = pd.DataFrame(read_table(path, "split file", remedy), dtype=str)
    if not set(SPLIT_COLUMNS) <= set(split.columns) or not set(split["split"]) <= set(SPLITS):
        raise InputError(
            f"{path}: not a split file (it needs columns {', '.join(SPLIT_COLUMNS)}, and in `split` "
            f"one of {', '.join(SPLITS)}); {remedy}"
        )
    if bad := [image for image in split["image"] if not image or ".." in Path(image).parts]:
        raise InputError(f"{path}: {bad[0]!r} names no picture inside the source; {remedy}")
    split["image"] = split["image"].map(picture_name)
    named = split["patient"].map(canonical)
    split["patient"] = named.where(named != "", split["image"])
    for image, patient in zip(split["image"], named, strict=True):
        check_patient(image, patient, str(path))
    repeated = split[split.duplicated(["image", "split"]) | split.duplicated(["image", "archive"])]
    if len(repeated):
        raise InputError(f"{path}: lists {repeated['image'].iloc[0]} twice; {remedy}")
    homes = split.groupby(persons(split))["split"].nunique()
    if (homes > 1).any():
        patient = homes.idxmax().removeprefix(TEST)
        raise InputError(f"{path}: patient {patient} is in two splits, which leaks; {remedy}")
    return split[SPLIT_COLUMNS]


def persons(images: pd.DataFrame) -> pd.Series:
    """Who each image is of: its patient, and of a test source one of the same spelling somebody else.

    images: columns image, patient, archive. An image with the release's name is of the release's patient
    wherever it lies.
    """
    elsewhere = images["archive"].str.startswith(TEST) & images["image"].map(release_patient).isna()
    return images["patient"].where(~elsewhere, TEST + images["patient"])


def ordered(split: pd.DataFrame) -> pd.DataFrame:
    """The rows in the order train, validation, test, then by image."""
    split = split.sort_values("image")
    return pd.concat([split[split["split"] == name] for name in SPLITS], ignore_index=True)[SPLIT_COLUMNS]


def adopt(path: str | Path, counts: dict[str, int], held: list[str]) -> pd.DataFrame:
    """Read a split that someone handed over, for a source that holds these archives.

    Raises InputError if it is no split file, has other counts than the config, or if the source
    lacks its archives.
    """
    split = read_split(path)
    for name in SPLITS:
        there = int((split["split"] == name).sum())
        if there != counts[name]:
            raise InputError(
                f"dataset.{name}: {counts[name]}, but {path} has {there} {name} images; set it to {there}"
            )
    theirs = [archive.removeprefix(TEST) for archive in held if archive.startswith(TEST)]
    mine = [archive for archive in held if not archive.startswith(TEST)]
    archives = []
    for image, side in split[["image", "split"]].itertuples(index=False):
        is_theirs = bool(theirs) and side == "test"
        archive = _archive_of(image, theirs if is_theirs else mine)
        archives.append(TEST + archive if is_theirs else archive)
    split["archive"] = archives
    check_archives(split, held)
    return ordered(split)


def _archive_of(image: str, held: list[str]) -> str:
    return LOOSE if held == [LOOSE] else nih.archive_of(image)


def check_twins(split: pd.DataFrame, digest: Callable[[str, str], str | None]) -> None:
    """Raise InputError if the same picture, to the byte, is in two splits under two names.

    digest: of an image by archive and name, as `folder.digests` gives it.
    """
    first: dict[str, tuple[str, str]] = {}
    for image, archive, side in split[["image", "archive", "split"]].itertuples(index=False):
        found = digest(archive, image)
        if found is None:
            continue
        other, other_side = first.setdefault(found, (image, side))
        if side != other_side:
            raise InputError(
                f"dataset.split: {other} ({other_side}) and {image} ({side}) are the same picture, a leak; "
                "take one out of the split"
            )


def check_archives(split: pd.DataFrame, held: list[str]) -> None:
    """Raise InputError if images of a split lie in archives that the source does not hold."""
    absent = sorted(set(split["archive"]) - set(held))
    if absent:
        raise InputError(
            f"dataset.source: it does not hold {', '.join(absent)}, from which images were drawn; "
            f"set dataset.archives to those it has: {', '.join(held)}"
        )
