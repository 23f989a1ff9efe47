"""The label tables of CheXpert, `train.csv` and `valid.csv` (J. Irvin et al., AAAI 2019).

One row per picture: its path, sex, age, view, and 14 observations of 1.0 (there), 0.0 (not there),
-1.0 (uncertain) or nothing (not mentioned).
"""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from srlib.data.labels.catalog import Label

COLUMNS = {"Path", "Frontal/Lateral", "AP/PA", "No Finding"}
_NO_FINDINGS = {"Path", "Sex", "Age", "Frontal/Lateral", "AP/PA"}


def read(rows: Iterable[dict[str, str]]) -> Iterator[Label]:
    """One label per picture: the patient is the folder above the study, a finding is what is there at 1.0."""
    for row in rows:
        folders = PurePosixPath(row["Path"]).parts[:-2]
        there = [name for name, value in row.items() if name not in _NO_FINDINGS and value in ("1.0", "1")]
        view = row["AP/PA"] if row["Frontal/Lateral"] == "Frontal" else row["Frontal/Lateral"].upper()
        yield Label(row["Path"], folders[-1] if folders else "", view, "|".join(there))
