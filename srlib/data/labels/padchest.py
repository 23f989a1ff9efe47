"""The label table of PadChest, `PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv`.

A. Bustos et al., "PadChest: A large chest x-ray image dataset with multi-label annotated reports",
Medical Image Analysis 2020. One row per picture; its labels as a Python list in text.
"""

import re
from collections.abc import Iterable, Iterator

from srlib.data.labels.catalog import Label

COLUMNS = {"ImageID", "PatientID", "Projection", "Labels"}


def read(rows: Iterable[dict[str, str]]) -> Iterator[Label]:
    """One label per picture. The view is the projection as PadChest says it: PA, AP, AP_horizontal, L, ..."""
    for row in rows:
        quoted = re.findall(r"'([^']*)'|\"([^\"]*)\"", row["Labels"])
        findings = dict.fromkeys(filter(None, ((single or double).strip() for single, double in quoted)))
        yield Label(row["ImageID"], row["PatientID"], row["Projection"], "|".join(findings))
