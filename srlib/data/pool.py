"""The images that a sample is drawn from: those of a source, with what is known of them, filtered."""

import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pandas as pd

from srlib.data import nih
from srlib.data.folder import index
from srlib.data.labels import catalog
from srlib.data.labels.catalog import Label
from srlib.data.names import SUFFIXES, canonical, is_dicom, patient_in
from srlib.data.source import LOOSE, TEST
from srlib.data.tar import list_members
from srlib.errors import InputError

POOL_COLUMNS = ["image", "patient", "view", "findings", "archive", "origin"]


def read_pool(labels: list[str], archives: dict[str, str], asked: list[str]) -> pd.DataFrame:
    """All images of a source: columns image, patient, view, findings, archive, origin, all str.

    labels: the label tables; none to do without. archives: where each archive is, by its name; `loose`
    stands for a folder of pictures. asked: the archives to take images from, where there are archives.
    The patient is that of the label table, else of the DICOM header, else what the picture's path tells,
    else the picture alone; `origin` says which. What had to be assumed is counted on stderr.
    Raises InputError if the label tables have no row for any of the images.
    """
    table = _read(labels)
    if LOOSE in archives:
        rows = _loose(table if labels else None, Path(archives[LOOSE]))
    elif labels:
        inside = [(label, archive) for label in table if (archive := nih.archive_of(label.image)) in asked]
        rows = [_row(label, label.image, archive) for label, archive in inside]
    else:
        members = [(name, archive) for archive, path in archives.items() for name in list_members(path)]
        rows = [_row(_unknown(name), name, archive) for name, archive in members]
    if not rows:
        place = archives.get(LOOSE) or f"the archives {', '.join(asked)}"
        raise InputError(
            f"{', '.join(labels)}: has no row for any image of {place}; give the label table of these, "
            "or set dataset.labels to none"
        )
    pool = pd.DataFrame(rows, columns=POOL_COLUMNS)
    if labels and (unknown := int((pool["origin"] != "label table").sum())):
        _say(f"{unknown} images have no patient in {', '.join(labels)}; assumed: {origins(pool)}")
    return pool


def read_tests(labels: list[str], archives: dict[str, str]) -> pd.DataFrame:
    """All images of a source that is for tests alone, whose archives' names begin with `test_`."""
    inside = {name.removeprefix(TEST): place for name, place in archives.items()}
    tests = read_pool(labels, inside, list(inside))
    return tests.assign(archive=TEST + tests["archive"])


def with_tests(images: pd.DataFrame, tests: pd.DataFrame) -> pd.DataFrame:
    """Images to train with and those of a test source, as one pool: a column `side` keeps them apart."""
    mine = images[images["side"] == "train"] if "side" in images else images
    return pd.concat([mine.assign(side="train"), tests.assign(side="test")], ignore_index=True)


def _read(labels: list[str]) -> list[Label]:
    """The labels of some tables, each patient in one spelling."""
    table = catalog.read(labels)
    spellings: dict[str, set[str]] = {}
    for label in table:
        spellings.setdefault(canonical(label.patient), set()).add(label.patient)
    several = {patient: ways for patient, ways in spellings.items() if patient and len(ways) > 1}
    for patient, ways in list(several.items())[:1]:
        _say(
            f"{len(several)} patients are spelled in several ways, such as {sorted(ways)}: taken as {patient}"
        )
    return [label._replace(patient=canonical(label.patient)) for label in table]


def _unknown(image: str) -> Label:
    return Label(image, "", "", "")


def _loose(table: list[Label] | None, folder: Path) -> list[list[str]]:
    """Rows for the pictures of a folder; of those in the label table, if there is one."""
    pictures = index(folder)
    if table is None:
        labels = {name: _unknown(name) for name in pictures}
    else:
        labels = match(table, pictures)
        if missing := len(pictures) - len(labels):
            _say(f"{missing} of {len(pictures)} pictures in {folder} are in no label table, so left out")
    return [
        _row(label._replace(image=name), pictures[name], LOOSE, folder / pictures[name])
        for name, label in labels.items()
    ]


def _row(label: Label, path: str, archive: str, file: Path | None = None) -> list[str]:
    """A row of the pool; what the label leaves open comes from the file's header or from the path."""
    image, patient, view, findings = label
    origin = "label table"
    if not patient and file:
        header = _header(file)
        patient, view, origin = header[0], view or header[1], "DICOM header"
    if not patient:
        patient, origin = patient_in(path)
    return [image, patient, view, findings, archive, origin]


def _header(path: Path) -> tuple[str, str]:
    """Patient and view in the header of a DICOM file; of another file, nothing."""
    with path.open("rb") as file:
        if not is_dicom(file.read(132)):
            return "", ""
    from srlib.data.dicom_header import read_header  # here, because its import takes longer than most jobs

    return read_header(path)


def match(table: list[Label], pictures: dict[str, str]) -> dict[str, Label]:
    """The label of each picture (name -> path) of which a table says something.

    Tables and folders begin their paths at different places, and pictures were converted: a label is a
    picture's if, without suffixes, the one's path is the end of the other's. Raises InputError if a
    label could be that of several pictures, or a picture's of several labels.
    """
    whole = {_bare(label.image): label for label in table}
    ends: dict[str, list[Label]] = {}
    for path, label in whole.items():
        for end in _ends(path):
            ends.setdefault(end, []).append(label)
    found: dict[str, Label] = {}
    takers: dict[str, str] = {}
    for name, path in pictures.items():
        bare = _bare(path)
        exact = next((whole[end] for end in _ends(bare) if end in whole), None)
        fitting = [exact] if exact else ends.get(bare, [])
        if len(fitting) > 1:
            raise InputError(
                f"{path}: {fitting[0].image} and {fitting[1].image} of the label table could both be this "
                "picture; point dataset.source at the folder where the table's paths begin"
            )
        for label in fitting:
            if (other := takers.setdefault(label.image, path)) is not path:
                raise InputError(
                    f"label table: {label.image} could be {other} or {path}; give it the picture's path"
                )
            found[name] = label
    return found


def _bare(path: str) -> str:
    """A path with / between folders, without a picture's suffix."""
    path = unicodedata.normalize("NFC", path.replace("\\", "/"))
    pure = PurePosixPath(path)
    return str(pure.with_suffix("")) if pure.suffix.lower() in SUFFIXES else str(pure)


def _ends(path: str) -> Iterator[str]:
    """A path, and what is left of it without its first folder, its first two, ..."""
    while path:
        yield path
        path = path.partition("/")[2]


def origins(pool: pd.DataFrame) -> str:
    """Where the patients of a pool come from, in words and numbers."""
    counts = pool["origin"].value_counts(sort=False)
    return ", ".join(f"{count} by {origin}" for origin, count in sorted(counts.items()))


def _say(text: str) -> None:
    print(f"Warning: {text}", file=sys.stderr)


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
        names = set(Path(path).read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a readable list of images ({error}); fetch it again") from error
    if not names or not all(re.fullmatch(r"\d{8}_\d{3}\.png", name) for name in names):
        raise InputError(f"{path}: not a list of the release's image names; fetch it again")
    return names
