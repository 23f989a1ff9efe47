"""What scores of a sample say of the population: intervals, paired tests, effect sizes.

Patients, not images, are the independent units: images of one patient resemble each other, and
counting them one by one would make every interval too narrow.
"""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

DRAWS = 10_000
LEVEL = 0.95


class Comparison(NamedTuple):
    """Of two models on the same patients: a minus b.

    difference, low, high: mean over the images, and its bootstrap interval. p: two-sided Wilcoxon
    signed-rank test over patients' means. effect: matched-pairs rank-biserial correlation (Kerby
    2014), in [-1, 1]; 1 where a is larger for every patient. patients: how many there are.
    """

    difference: float
    low: float
    high: float
    p: float
    effect: float
    patients: int


def interval(values: np.ndarray, patients: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """95 % percentile bootstrap interval of the mean of `values`, resampling whole patients.

    values: finite, one per image; patients: whose image it is. Both nan where there is no value.
    """
    if len(values) == 0:
        return math.nan, math.nan
    by_patient = pd.Series(values).groupby(np.asarray(patients)).agg(["sum", "count"])
    n = len(by_patient)
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=DRAWS)  # (DRAWS, n)
    means = (drawn @ by_patient["sum"].to_numpy()) / (drawn @ by_patient["count"].to_numpy())
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def compare(a: pd.Series, b: pd.Series, patients: pd.Series) -> Comparison:
    """Compare two models' scores of the same images; all three by image name.

    Images where either score is not finite are left out.
    """
    difference = (a - b).replace([math.inf, -math.inf], math.nan).dropna()
    whose = patients.loc[difference.index]
    by_patient = difference.groupby(whose).mean().to_numpy()
    return Comparison(
        float(difference.mean()),
        *interval(difference.to_numpy(), whose.to_numpy()),
        _wilcoxon(by_patient),
        rank_biserial(by_patient),
        len(by_patient),
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
