"""Drawing train, validation and test images: random over images, disjoint by patient."""

import io
from pathlib import Path

import numpy as np
import pandas as pd

from srlib.data import nih
from srlib.data.source import LOOSE
from srlib.errors import InputError
from srlib.files import plain_name, replacing

SPLITS = ["train", "validation", "test"]
SPLIT_COLUMNS = [*nih.LABEL_COLUMNS, "archive", "split"]
# A draw falls short only where nearly all images are wanted; then another order usually does it.
_ATTEMPTS = 100


def sample(
    pool: pd.DataFrame, counts: dict[str, int], seed: int, one_per_patient: bool = False
) -> pd.DataFrame:
    """Draw `counts` = {"train": n, "test": n, "validation": n} images, no patient in two splits.

    pool: columns image, patient, view, findings, archive; where it has a column `side` ("train" or
    "test"), an image goes to no other split, and validation images are of the train side.
    one_per_patient: keep one image, drawn at random, of each patient.
    Gives the pool's columns and split, in the order train, validation, test, then by image.
    Validation is drawn last, from patients that the others left over, so that its count changes
    neither train nor test.

    Raises InputError naming the config key if there are too few images.
    """
    pool = pool.sort_values("image", ignore_index=True)
    if one_per_patient:
        order = np.random.default_rng([seed, 2]).permutation(len(pool))
        pool = pool.iloc[order].drop_duplicates("patient").sort_values("image", ignore_index=True)
    patients, sides = pool["patient"].to_numpy(), pool["side"].to_numpy() if "side" in pool else None
    main = {name: counts[name] for name in ("train", "test")}
    if sum(main.values()) > len(pool):
        raise InputError(
            f"dataset.train + dataset.test: {sum(main.values())} images asked for, {len(pool)} available; "
            "ask for fewer, or for more of dataset.archives"
        )
    split = _draw(patients, sides, main, seed)
    if split is None:
        raise InputError(
            f"dataset.train, dataset.test: {main['train']} and {main['test']} images of different patients "
            f"are not to be had from {len(pool)} images of {len(set(patients))} patients; ask for fewer"
        )
    is_free = ~np.isin(patients, patients[split != ""])
    free = np.flatnonzero(is_free if sides is None else is_free & (sides == "train"))
    wanted = counts["validation"]
    if wanted > len(free):
        raise InputError(
            f"dataset.validation: {wanted} images asked for, {len(free)} left of patients outside train "
            "and test; ask for fewer in dataset.validation, dataset.train or dataset.test"
        )
    # A generator of its own: the draw does not depend on how many tries the others took.
    split[np.random.default_rng([seed, 1]).permutation(free)[:wanted]] = "validation"
    return _ordered(pool.assign(split=split)[split != ""])


def _ordered(split: pd.DataFrame) -> pd.DataFrame:
    split = split.sort_values("image")
    return pd.concat([split[split["split"] == name] for name in SPLITS], ignore_index=True)[SPLIT_COLUMNS]


def _draw(
    patients: np.ndarray, sides: np.ndarray | None, counts: dict[str, int], seed: int
) -> np.ndarray | None:
    """Split name of each image ("" for none), or None if no draw of many fills every split."""
    for attempt in range(_ATTEMPTS):
        split = _walk(patients, sides, dict(counts), np.random.default_rng([seed, 0, attempt]))
        if split is not None:
            return split
    return None


def _walk(
    patients: np.ndarray, sides: np.ndarray | None, need: dict[str, int], rng: np.random.Generator
) -> np.ndarray | None:
    """Take images in random order; a patient's first image decides the patient's split.

    Each split gets a patient with a chance in proportion to what it still needs, so that all are
    drawn alike and none is made of the leftovers.
    """
    split = np.full(len(patients), "", dtype=object)
    home: dict[str, str] = {}
    for image in rng.permutation(len(patients)):
        left = sum(need.values())
        if left == 0:
            break
        patient = patients[image]
        if patient not in home:
            drawn = "train" if rng.integers(left) < need["train"] else "test"
            home[patient] = drawn if sides is None else sides[image]
        name = home[patient]
        if need[name] and (sides is None or sides[image] == name):
            need[name] -= 1
            split[image] = name
    return split if sum(need.values()) == 0 else None


def check_archives(split: pd.DataFrame, held: list[str]) -> None:
    """Raise InputError if images of a split lie in archives that the source does not hold."""
    absent = sorted(set(split["archive"]) - set(held))
    if absent:
        raise InputError(
            f"dataset.source: it does not hold {', '.join(absent)}, from which images were drawn; "
            f"set dataset.archives to those it has: {', '.join(held)}"
        )


def write_split(split: pd.DataFrame, path: str | Path, note: str = "") -> None:
    """Write a split as CSV, `note` (seed and options, one line) before it as a comment."""
    with replacing(path) as temporary, temporary.open("w", newline="") as file:
        if note:
            file.write(f"# {note}\n")
        split.to_csv(file, index=False, lineterminator="\n")


def read_split(path: str | Path) -> pd.DataFrame:
    """Read a split file: columns image, patient, view, findings, archive, split, all str.

    Raises InputError if it is no split file, or puts a patient into two splits.
    """
    remedy = "correct it, or delete it and run snakemake again"
    try:
        lines = Path(path).read_text().splitlines(keepends=True)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a readable split file ({error}); {remedy}") from error
    text = "".join(line for line in lines if not line.startswith("#"))
    try:
        split = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    except ValueError as error:
        raise InputError(f"{path}: not a split file ({error}); {remedy}") from error
    if not set(SPLIT_COLUMNS) <= set(split.columns) or not set(split["split"]) <= set(SPLITS):
        raise InputError(
            f"{path}: not a split file (it needs columns {', '.join(SPLIT_COLUMNS)}, and in `split` "
            f"one of {', '.join(SPLITS)}); {remedy}"
        )
    for image in split["image"]:
        plain_name(image, str(path))
    repeated = split["image"][split["image"].duplicated()]
    if len(repeated):
        raise InputError(f"{path}: lists {repeated.iloc[0]} twice; {remedy}")
    homes = split.groupby("patient")["split"].nunique()
    if (homes > 1).any():
        raise InputError(f"{path}: patient {homes.idxmax()} is in two splits, which leaks; {remedy}")
    return split[SPLIT_COLUMNS]


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
    archives = LOOSE if held == [LOOSE] else split["image"].map(nih.archive_of)
    split = split.assign(archive=archives)
    check_archives(split, held)
    return _ordered(split)
