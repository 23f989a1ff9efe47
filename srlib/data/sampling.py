"""Drawing train, validation and test images: random over images, disjoint by patient."""

import sys
from collections.abc import Callable

import numpy as np
import pandas as pd

from srlib.data.source import LOOSE
from srlib.data.split import ordered, persons
from srlib.errors import InputError

# A draw falls short only where nearly all images are wanted; then another order usually does it.
_ATTEMPTS = 100


def sample(
    pool: pd.DataFrame,
    counts: dict[str, int],
    seed: int,
    one_per_patient: bool = False,
    digest: Callable[[str, str], str | None] = lambda archive, image: None,
) -> pd.DataFrame:
    """Draw `counts` = {"train": n, "test": n, "validation": n} images, no patient in two splits.

    pool: columns image, patient, view, findings, archive; where it has a column `side` ("train" or
    "test"), an image goes to no other split, and validation images are of the train side.
    one_per_patient: keep one image, drawn at random, of each patient.
    digest: of the bytes of an image by archive and name, where they can be had: patients of whom the
    same picture would come into two splits count as one, and the draw is made anew.
    Gives the pool's columns and split, in the order train, validation, test, then by image.
    Validation is drawn last, from patients that the others left over, so that its count changes
    neither train nor test.

    Raises InputError naming the config key if there are too few images.
    """
    pool = pool.sort_values(["image", "archive"], ignore_index=True)
    pool = pool.assign(person=persons(pool))
    if one_per_patient:
        order = np.random.default_rng([seed, 2]).permutation(len(pool))
        pool = pool.iloc[order].drop_duplicates("person").sort_values(["image", "archive"], ignore_index=True)
    merged = 0
    while True:
        split = _split(pool, counts, seed)
        one = _one_person(split, digest)
        if not one:
            break
        merged += len(one)
        pool["person"] = pool["person"].replace(one)
    if merged:
        print(
            f"Warning: {merged} pictures are the same as one of another patient, to the byte; those patients "
            "are kept in one split",
            file=sys.stderr,
        )
    return ordered(split)


def _split(pool: pd.DataFrame, counts: dict[str, int], seed: int) -> pd.DataFrame:
    """The drawn images of a sorted pool, with their split; no `person` in two."""
    patients, sides = pool["person"].to_numpy(), pool["side"].to_numpy() if "side" in pool else None
    main = {name: counts[name] for name in ("train", "test")}
    if sum(main.values()) > len(pool):
        raise InputError(
            f"dataset.train + dataset.test: {sum(main.values())} images asked for, {len(pool)} available; "
            f"ask for fewer{'' if (pool['archive'] == LOOSE).all() else ', or for more of dataset.archives'}"
        )
    split = _draw(patients, sides, main, seed)
    if split is None:
        raise InputError(_too_few_patients(pool, main))
    taken = set(patients[split != ""])
    is_free = np.array([patient not in taken for patient in patients])
    free = np.flatnonzero(is_free if sides is None else is_free & (sides == "train"))
    wanted = counts["validation"]
    if wanted > len(free):
        raise InputError(
            f"dataset.validation: {wanted} images asked for, {len(free)} left of patients outside train "
            "and test; ask for fewer in dataset.validation, dataset.train or dataset.test"
        )
    # A generator of its own: the draw does not depend on how many tries the others took.
    split[np.random.default_rng([seed, 1]).permutation(free)[:wanted]] = "validation"
    return pool.assign(split=split)[split != ""]


def _one_person(split: pd.DataFrame, digest: Callable[[str, str], str | None]) -> dict[str, str]:
    """Persons to be seen as another one, because a picture of theirs is also that one's in another split."""
    first: dict[str, tuple[str, str]] = {}
    same: dict[str, str] = {}
    for image, archive, person, side in split[["image", "archive", "person", "split"]].itertuples(
        index=False
    ):
        found = digest(archive, image)
        if found is None:
            continue
        other, other_side = first.setdefault(found, (person, side))
        if side != other_side and person not in same and other not in same:
            same[person] = other
    return same


def _too_few_patients(pool: pd.DataFrame, counts: dict[str, int]) -> str:
    patients = pool["patient"].value_counts()
    remedy = "ask for fewer"
    if len(patients) < 10:
        names = ", ".join(f"{patient} ({count})" for patient, count in patients.items())
        remedy = (
            f"these are {names}; if they are no persons, put a CSV file with the columns image and patient "
            "into the folder, or point dataset.source at the folder that holds one folder for each patient"
        )
    return (
        f"dataset.train, dataset.test: {counts['train']} and {counts['test']} images of different patients "
        f"are not to be had from {len(pool)} images of {len(patients)} patients; {remedy}"
    )


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
