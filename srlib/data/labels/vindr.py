"""The label tables of VinDr-CXR, `image_labels_train.csv` and `image_labels_test.csv`.

H. Q. Nguyen et al., Scientific Data 2022. Each training picture has a row of each of three radiologists
(`rad_id`), each test picture one row of their consensus; a column per finding, 1 where it is there.
"""

from collections.abc import Iterable, Iterator

from srlib.data.labels.catalog import Label

COLUMNS = {"image_id", "No finding"}


def read(rows: Iterable[dict[str, str]]) -> Iterator[Label]:
    """One label per picture, with the findings that most of its radiologists saw.

    All pictures are PA. The table names no patient.
    """
    votes: dict[str, list[set[str]]] = {}
    for row in rows:
        seen = {
            name
            for name, value in row.items()
            if name not in ("image_id", "rad_id") and value in ("1", "1.0")
        }
        votes.setdefault(row["image_id"], []).append(seen)
    for image, seen in votes.items():
        found = sorted(
            {name for some in seen for name in some if 2 * sum(name in s for s in seen) > len(seen)}
        )
        yield Label(image, "", "PA", "|".join(found))
