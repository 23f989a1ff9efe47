"""What scores of a sample say of the population: intervals, paired tests, effect sizes.

Patients, not images, are the independent units: images of one patient resemble each other, and
counting them one by one would make every interval too narrow.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

DRAWS = 10_000
BLOCK = 2**22  # numbers drawn at a time: 32 MB
LEVEL = 0.95


def intervals(values: pd.DataFrame, patients: pd.Series, seed: int = 0) -> pd.DataFrame:
    """95 % percentile bootstrap interval of each column's mean, resampling whole patients.

    values: one row per image, one column per thing measured, finite or nan (left out); patients: whose
    image it is, by the same index. Gives `low` and `high` by column, nan where there are no values of two
    patients. All columns share the draws, which are made in blocks: memory does not grow with their number.
    """
    whose = patients.loc[values.index].to_numpy()
    sums = values.groupby(whose).sum().to_numpy()  # (patients, columns); nan counts as nothing
    counts = values.notna().groupby(whose).sum().to_numpy()
    n = len(sums)
    rng, block = np.random.default_rng(seed), max(1, BLOCK // n)
    means = np.empty((DRAWS, values.shape[1]))
    for start in range(0, DRAWS, block):
        rows = slice(start, min(start + block, DRAWS))
        drawn = rng.multinomial(n, np.full(n, 1 / n), size=rows.stop - start)
        with np.errstate(invalid="ignore"):  # 0 / 0 where no patient that was drawn has a value
            means[rows] = (drawn @ sums) / (drawn @ counts)
    bounds = np.full((2, values.shape[1]), np.nan)
    measured = (counts > 0).sum(axis=0) > 1  # one patient tells nothing of others
    bounds[:, measured] = np.nanquantile(means[:, measured], [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return pd.DataFrame(bounds.T, columns=["low", "high"], index=values.columns)


class Comparison(NamedTuple):
    """Of two models on the same patients, from the differences a minus b.

    difference: mean over the images. p: two-sided Wilcoxon signed-rank test over patients' means.
    effect: matched-pairs rank-biserial correlation (Kerby 2014), in [-1, 1]; 1 where a is larger for every
    patient. patients: how many there are.
    """

    difference: float
    p: float
    effect: float
    patients: int


def compare(differences: pd.Series, patients: pd.Series) -> Comparison:
    """Of the differences of two models' scores by image name; nan is left out."""
    differences = differences.dropna()
    by_patient = differences.groupby(patients.loc[differences.index]).mean().to_numpy()
    return Comparison(
        float(differences.mean()), _wilcoxon(by_patient), rank_biserial(by_patient), len(by_patient)
    )


def _wilcoxon(differences: np.ndarray) -> float:
    if not np.any(differences):  # nothing differs: no evidence
        return 1.0
    return float(stats.wilcoxon(differences).pvalue)


def rank_biserial(differences: np.ndarray) -> float:
    """Matched-pairs rank-biserial correlation: (rank sum of gains - of losses) / (their sum)."""
    differences = differences[differences != 0]
    if len(differences) == 0:
        return 0.0
    ranks = stats.rankdata(np.abs(differences))
    return float(np.sum(ranks * np.sign(differences)) / np.sum(ranks))


def holm(p: np.ndarray) -> np.ndarray:
    """p-values corrected for their number by Holm's (1979) step-down method, in the given order."""
    order = np.argsort(p)
    factors = np.arange(len(p), 0, -1)
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1)
    return corrected
