"""The readers of label tables, found by the columns that a table has.

A reader is a file of this folder with `COLUMNS`, which a table of its form has, and `read`, which makes a
`Label` of each picture's rows.
"""

import importlib
import pkgutil
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from srlib.data import labels
from srlib.data.names import canonical, check_patient
from srlib.data.table import read_columns, read_table
from srlib.errors import InputError

_REMEDY = "correct it, fetch it again, or set dataset.labels to none"


class Label(NamedTuple):
    """What a table says of a picture: its path or name, and patient, view and findings ("" if unknown).

    Findings are joined by `|`.
    """

    image: str
    patient: str
    view: str
    findings: str


def readers() -> dict[str, ModuleType]:
    """All readers by name."""
    names = [module.name for module in pkgutil.iter_modules(labels.__path__) if module.name != "catalog"]
    return {name: importlib.import_module(f"{labels.__name__}.{name}") for name in names}


def form_of(path: str | Path) -> str | None:
    """The name of the reader that reads this table; None if none does, or if it is a split file."""
    columns = set(read_columns(path))
    if "split" in columns:
        return None
    return next((name for name, reader in readers().items() if columns >= reader.COLUMNS), None)


def read(paths: Iterable[str | Path]) -> list[Label]:
    """The labels in some tables.

    Raises InputError for a table of no known form, a picture listed twice, or an image of the NIH
    release that is given to another patient than its name says.
    """
    found: dict[str, Label] = {}
    for path in paths:
        rows = read_table(path, "label table", _REMEDY)
        for label in _reader(path).read(rows):
            if not label.image:
                raise InputError(f"{path}: a row names no picture; {_REMEDY}")
            if found.setdefault(label.image, label) is not label:
                raise InputError(f"{path}: lists {label.image} twice; {_REMEDY}")
            check_patient(label.image, canonical(label.patient), str(path))
    return list(found.values())


def _reader(path: str | Path) -> ModuleType:
    if form := form_of(path):
        return readers()[form]
    next(read_table(path, "label table", _REMEDY))  # may know better what is wrong
    columns = set(read_columns(path))
    nearest = max((reader.COLUMNS for reader in readers().values()), key=lambda needed: len(needed & columns))
    raise InputError(
        f"{path}: not a label table: no column {', '.join(sorted(nearest - columns))}; {_REMEDY}"
    )
