"""Intervals, tests and effect sizes against scipy's bootstrap, textbook cases and known truths."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from srlib.evaluation import statistics


def test_interval_is_scipys_when_every_patient_has_one_image():
    values = np.random.default_rng(1).normal(30, 2, 60)
    expected = stats.bootstrap((values,), np.mean, method="percentile", rng=0).confidence_interval
    assert statistics.interval(values, np.arange(60)) == pytest.approx(tuple(expected), abs=0.05)


def test_interval_counts_patients_not_images():
    """Ten copies of each patient's image are no more evidence than one."""
    values = np.random.default_rng(1).normal(30, 2, 30)
    once = statistics.interval(values, np.arange(30))
    copied = statistics.interval(np.repeat(values, 10), np.repeat(np.arange(30), 10))
    as_if_independent = statistics.interval(np.repeat(values, 10), np.arange(300))
    assert copied == pytest.approx(once)
    assert np.ptp(as_if_independent) < 0.5 * np.ptp(copied)


def test_interval_covers_the_truth_about_95_times_in_100():
    """Patients with several, correlated images each."""
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(100):
        sizes = rng.integers(1, 6, 60)
        patients = np.repeat(np.arange(60), sizes)
        values = 30 + rng.normal(0, 2, 60)[patients] + rng.normal(0, 0.5, len(patients))
        low, high = statistics.interval(values, patients)
        covered += low <= 30 <= high
    assert 88 <= covered <= 100


def test_interval_of_nothing():
    assert all(math.isnan(bound) for bound in statistics.interval(np.array([]), np.array([])))


def test_holm_is_the_textbook_case():
    # Holm 1979: the smallest p times 4, the next times 3, ... never falling.
    assert statistics.holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert statistics.holm(np.array([0.6, 0.7])) == pytest.approx([1.0, 1.0])
    assert len(statistics.holm(np.array([]))) == 0


def test_rank_biserial_by_hand():
    # Ranks of |d|: 1, 2, 3, 4; gains 1 + 3 + 4 = 8, losses 2: (8 - 2) / 10.
    assert statistics.rank_biserial(np.array([1.0, -2.0, 3.0, 4.0, 0.0])) == pytest.approx(0.6)
    assert statistics.rank_biserial(np.array([1.0, 2.0])) == 1
    assert statistics.rank_biserial(np.zeros(3)) == 0


def _scores(values, patients):
    names = [f"{i}.png" for i in range(len(values))]
    return pd.Series(values, names), pd.Series(patients, names)


def test_compare_tests_patients_means():
    rng = np.random.default_rng(3)
    a, patients = _scores(rng.normal(30, 2, 40), np.repeat(np.arange(20), 2))
    b = a - rng.normal(0.2, 0.5, 40)
    result = statistics.compare(a, b, patients)
    expected = stats.wilcoxon((a - b).groupby(patients).mean())
    assert result.p == pytest.approx(expected.pvalue)
    assert result.patients == 20
    assert result.difference == pytest.approx((a - b).mean())
    assert result.low < result.difference < result.high


def test_compare_leaves_out_infinite_psnr():
    a, patients = _scores([math.inf, 31.0, 33.0], [0, 1, 2])
    b, _ = _scores([30.0, 30.0, 31.0], [0, 1, 2])
    result = statistics.compare(a, b, patients)
    assert (result.difference, result.patients) == (1.5, 2)


def test_equal_models_are_not_told_apart():
    a, patients = _scores([30.0, 31.0], [0, 1])
    assert statistics.compare(a, a, patients)[:5] == (0, 0, 0, 1, 0)
