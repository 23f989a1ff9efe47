"""Intervals, tests and effect sizes against scipy's bootstrap, textbook cases and known truths."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from srlib.evaluation import statistics


def _interval(values, patients):
    """The interval of one column."""
    bounds = statistics.intervals(pd.DataFrame({"x": values}), pd.Series(patients))
    return tuple(bounds.loc["x"])


def test_interval_is_scipys_when_every_patient_has_one_image():
    values = np.random.default_rng(1).normal(30, 2, 60)
    expected = stats.bootstrap((values,), np.mean, method="percentile", rng=0).confidence_interval
    assert _interval(values, np.arange(60)) == pytest.approx(tuple(expected), abs=0.05)


def test_interval_counts_patients_not_images():
    """Ten copies of each patient's image are no more evidence than one."""
    values = np.random.default_rng(1).normal(30, 2, 30)
    once = _interval(values, np.arange(30))
    copied = _interval(np.repeat(values, 10), np.repeat(np.arange(30), 10))
    as_if_independent = _interval(np.repeat(values, 10), np.arange(300))
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
        low, high = _interval(values, patients)
        covered += low <= 30 <= high
    assert 88 <= covered <= 100


def test_interval_of_nothing():
    assert all(math.isnan(bound) for bound in _interval([math.nan, math.nan], [0, 1]))


def test_one_patient_tells_nothing_of_others():
    assert all(math.isnan(bound) for bound in _interval([30.0, 31.0, 32.0], [7, 7, 7]))
    assert all(math.isnan(bound) for bound in _interval([30.0, 31.0, math.nan], [7, 7, 8]))
    assert all(math.isfinite(bound) for bound in _interval([30.0, 31.0, 32.0], [7, 7, 8]))


def test_what_has_no_value_is_left_out():
    """As if the images were not there, but for the draws."""
    values = np.random.default_rng(1).normal(30, 2, 40)
    some = np.append(values, [math.nan] * 10)
    assert _interval(some, np.arange(50)) == pytest.approx(_interval(values, np.arange(40)), abs=0.05)


def test_blocks_of_draws_change_nothing(monkeypatch):
    values, patients = np.random.default_rng(1).normal(30, 2, 30), np.repeat(np.arange(15), 2)
    at_once = _interval(values, patients)
    monkeypatch.setattr(statistics, "BLOCK", 100)  # six draws at a time
    assert _interval(values, patients) == pytest.approx(at_once, rel=1e-12)


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
    result = statistics.compare(a - b, patients)
    expected = stats.wilcoxon((a - b).groupby(patients).mean())
    assert result.p == pytest.approx(expected.pvalue)
    assert result.patients == 20
    assert result.difference == pytest.approx((a - b).mean())


def test_compare_leaves_out_what_has_no_value():
    differences, patients = _scores([math.nan, 1.0, 2.0], [0, 1, 2])
    result = statistics.compare(differences, patients)
    assert (result.difference, result.patients) == (1.5, 2)


def test_equal_models_do_not_differ():
    differences, patients = _scores([0.0, 0.0], [0, 1])
    assert statistics.compare(differences, patients)[:3] == (0, 1, 0)
