"""The label table of the NIH ChestX-ray14 release, in every edition.

The editions differ in columns that are not read here: ages such as `058Y`, Gender or Sex, a trailing comma.
"""

from collections.abc import Iterable, Iterator

from srlib.data.labels.catalog import Label

COLUMNS = {"Image Index", "Patient ID", "View Position", "Finding Labels"}


def read(rows: Iterable[dict[str, str]]) -> Iterator[Label]:
    """One label per image; findings are joined by `|`, as published."""
    for row in rows:
        yield Label(row["Image Index"], row["Patient ID"], row["View Position"], row["Finding Labels"])
