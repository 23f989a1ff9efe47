"""A label table of one's own: `image` and `patient`, and `view` and `findings` where there are any.

image: the picture's path in the folder, or its name where that is enough; findings: joined by `|`.
"""

from collections.abc import Iterable, Iterator

from srlib.data.labels.catalog import Label

COLUMNS = {"image", "patient"}


def read(rows: Iterable[dict[str, str]]) -> Iterator[Label]:
    """One label per row."""
    for row in rows:
        yield Label(row["image"], row["patient"], row.get("view", ""), row.get("findings", ""))
