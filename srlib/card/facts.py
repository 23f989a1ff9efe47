"""What a run knows of one of its trained models, collected from the records beside its results."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from srlib import caption, record
from srlib.data.split import read_split
from srlib.errors import InputError
from srlib.evaluation.metrics import scored
from srlib.evaluation.runs import read_scores
from srlib.files import sha256
from srlib.networks.header import header

Json = dict[str, Any]


class Facts(NamedTuple):
    """Of one model and seed.

    about: sample, sizes and training, as in the table's caption. origin, resized, degradation: of the
    pictures; spec: of the training; run: device and the like, in the weights' header. sample: image, patient,
    view, findings and split of the pictures that were used. scores: metrics by test image, nan where one is
    infinite.
    """

    label: str
    seed: str
    sha256: str
    about: str
    origin: Json
    resized: Json
    degradation: Json
    spec: Json
    run: Json
    sample: pd.DataFrame
    scores: pd.DataFrame

    @property
    def test(self) -> pd.DataFrame:
        """The test images with their scores, by image."""
        images = self.sample[self.sample["split"] == "test"].set_index("image")
        return images.join(self.scores)

    @property
    def patients(self) -> pd.Series:
        """Test image -> patient."""
        return self.test["patient"]


def gather(
    weights: str | Path,
    scores: str | Path,
    split: str | Path,
    hr: Mapping[str, str | Path],
    lr: str | Path,
    labels: Mapping[str, str],
) -> Facts:
    """Collect them. hr: "train" and "test" -> manifest; labels: model -> what the table calls it.

    Raises InputError if a record is missing, or if what was scored is not the split's test images.
    """
    made = record.recall(weights)
    run = read_scores([scores])
    table = run.set_index("image")[list(scored(run))].replace(math.inf, math.nan)
    sample = read_split(split)
    if set(table.index) != set(sample.loc[sample["split"] == "test", "image"]):
        raise InputError(f"{scores}: other images than the test images of {split}; delete it and rerun")
    return Facts(
        label=labels[made["wildcards"]["model"]],
        seed=made["wildcards"]["seed"],
        sha256=sha256(weights),
        about=caption.describe(split, hr, lr, [weights], labels, [scores]),
        origin=record.recall(split)["params"]["origin"],
        resized=record.recall(hr["test"])["params"],
        degradation=record.recall(lr)["params"]["degradation"],
        spec=made["params"]["spec"],
        run=header(weights)["run"] or {},
        sample=sample,
        scores=table,
    )
