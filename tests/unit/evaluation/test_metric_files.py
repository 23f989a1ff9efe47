"""Metrics that need a file: scored where it is given, left out and told where not; none waits for PyTorch."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from srlib.errors import InputError
from srlib.evaluation.metrics import METRICS, Metric, available, left_out, measure, scored


def _from_file(sr, hr, path):
    return float(Path(path).read_text()) * np.mean(sr)


@pytest.fixture
def learned(monkeypatch, tmp_path):
    """A metric that needs a file, as one with learned weights does, and its file."""
    monkeypatch.setitem(METRICS, "learned", Metric(_from_file, "Learned", needs="file"))
    (tmp_path / "weights").write_text("2")
    return str(tmp_path / "weights")


def test_a_metric_that_needs_a_file_is_scored_where_it_is_given(learned):
    ones = np.ones((4, 4), np.uint8)
    assert measure("learned", ones, ones, 4, {"learned": learned}) == 2
    assert available({"learned": learned}) == [*available([]), "learned"]


def test_a_metric_whose_file_is_not_given_is_left_out_and_told(learned):
    assert "learned" not in available([])
    columns = ["image", *available([])]
    assert list(scored(columns)) == available([])
    assert left_out(columns).endswith("gives no file for it: LPIPS, Learned.")
    assert left_out(METRICS) == ""


def test_a_file_for_an_unknown_metric_names_those_that_need_one(learned):
    with pytest.raises(InputError, match=r"metric_files\.leraned: .* those that do: lpips, learned"):
        available(["leraned"])
    with pytest.raises(InputError, match=r"metric_files\.psnr"):
        available(["psnr"])


def test_no_metric_without_a_file_imports_torch():
    """It takes longer than scoring."""
    code = """
import sys, numpy as np
from srlib.evaluation.metrics import available, measure
for name in available([]): measure(name, np.eye(176, dtype=np.uint8), np.eye(176, dtype=np.uint8), 4)
assert not {"torch", "torchvision", "piq"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
