"""The tables' means, counts, marks and sentences, on scores small enough to do by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from srlib.data.images import MANIFEST_COLUMNS
from srlib.errors import InputError
from srlib.evaluation import summary
from srlib.evaluation.metrics import METRICS, Metric, available


def _scores(path, psnr, **others):
    images = [f"{i}.png" for i in range(len(psnr))]
    columns = {"image": images} | dict.fromkeys(available([]), 0.5) | {"psnr": psnr} | others
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


@pytest.fixture
def summarise(tmp_path):
    def run(scores, paper=None, caption="Two test images.", patients=None):
        scores = {
            model: values if isinstance(values[0], type(tmp_path)) else [_scores(tmp_path / model, values)]
            for model, values in scores.items()
        }
        images = pd.read_csv(next(iter(scores.values()))[0])["image"]
        whose = patients or range(len(images))
        rows = [[name, "", patient] for name, patient in zip(images, whose, strict=True)]
        pd.DataFrame(rows, columns=MANIFEST_COLUMNS).to_csv(tmp_path / "hr.manifest.csv", index=False)
        labels = {model: model.title() for model in scores}
        outputs = [tmp_path / name for name in ("table.csv", "tests.csv", "table.md", "table.html")]
        summary.summarise(scores, labels, paper or {}, tmp_path / "hr.manifest.csv", caption, *outputs)
        table = pd.read_csv(outputs[0], index_col="model")
        return table, pd.read_csv(outputs[1]), outputs[2].read_text()

    return run


def _cells(text, label):
    line = next(line for line in text.splitlines() if line.startswith(f"| {label} "))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_mean_over_images_and_seeds(summarise, tmp_path):
    paths = [_scores(tmp_path / "0.csv", [30, 32]), _scores(tmp_path / "1.csv", [33, 37])]
    table, _, _ = summarise({"vdsr": paths}, patients=[1, 1])
    assert table.loc["vdsr", "psnr"] == 33
    assert tuple(table.loc["vdsr", ["n", "patients", "seeds"]]) == (2, 1, 2)


def test_the_interval_goes_around_the_mean(summarise):
    table, _, text = summarise({"vdsr": [30, 31, 32, 33, 34]})
    low, mean, high = table.loc["vdsr", ["psnr_low", "psnr", "psnr_high"]]
    assert 30 < low < mean == 32 < high < 34
    assert f"32.00 [{low:.2f}, {high:.2f}]" in text


def test_infinite_psnr_is_left_out_and_counted(summarise):
    table, _, text = summarise({"copy": [math.inf, 30]})
    assert table.loc["copy", "psnr"] == 30
    assert table.loc["copy", "infinite_psnr"] == 1
    assert "1 picture without any error" in text


def test_a_model_without_any_error_has_no_mean(summarise):
    table, _, text = summarise({"copy": [math.inf, math.inf], "other": [30, 31], "third": [30, 32]})
    assert math.isnan(table.loc["copy", "psnr"])
    assert _cells(text, "Copy")[1] == "-"
    assert "nan" not in text


def test_the_papers_figures_stand_in_their_own_columns(summarise):
    paper = {"vdsr": {"psnr": 28.8, "uqi": 0.986}}
    table, _, text = summarise({"vdsr": [31, 31], "bicubic": [33, 33], "worse": [20, 20]}, paper)
    assert table.loc["vdsr", "paper_psnr"] == 28.8
    assert table.loc["vdsr", "paper_uqi"] == 0.986
    assert math.isnan(table.loc["bicubic", "paper_psnr"])
    assert _cells(text, "Vdsr")[1].endswith("(paper: 28.80)")
    first, second = (line for line in text.splitlines() if line.startswith("| Vdsr"))
    assert "0.986" not in first  # UQI by definition
    assert second.endswith("(paper: 0.986) |")  # UQI (sewar)
    assert "(28.80 dB, Vdsr, on another sample): Vdsr, Bicubic." in text


def test_best_is_bold_and_second_underlined(summarise, tmp_path):
    scores = {
        "low": [_scores(tmp_path / "0.csv", [30, 30], gmsd=0.1)],
        "high": [_scores(tmp_path / "1.csv", [34, 34], gmsd=0.3)],
        "middle": [_scores(tmp_path / "2.csv", [32, 32], gmsd=0.2)],
    }
    _, _, text = summarise(scores)
    first, second = text.split("\n\n")[:2]
    assert _cells(first, "High")[1].startswith("**34.00** [")
    assert _cells(first, "Middle")[1].startswith("<u>32.00</u> [")
    assert _cells(first, "Low")[1].startswith("30.00 [")
    assert _cells(second, "Low")[2].startswith("**0.1000**")  # of GMSD the smallest is best
    assert _cells(second, "Low")[4].startswith("0.5000")  # UQI (sewar) is not ranked


def test_every_pair_is_tested_by_every_metric(summarise):
    rng = np.random.default_rng(0)
    base = rng.normal(32, 2, 30)
    scores = {"a": base, "b": base + 0.5 + rng.normal(0, 0.1, 30), "c": base + rng.normal(0, 0.1, 30)}
    _, tests, text = summarise({model: list(values) for model, values in scores.items()})
    assert len(tests) == 3 * len(available([]))
    psnr = tests[tests["metric"] == "psnr"].set_index(["a", "b"])
    assert psnr.loc[("a", "b"), "difference"] == pytest.approx(-0.5, abs=0.1)
    assert psnr.loc[("a", "b"), "low"] < psnr.loc[("a", "b"), "difference"] < psnr.loc[("a", "b"), "high"]
    assert psnr.loc[("a", "b"), "p_holm"] < 1e-6
    assert psnr.loc[("a", "b"), "effect"] == -1
    assert psnr.loc[("a", "c"), "p_holm"] > 0.05
    assert (tests["p_holm"] >= tests["p"]).all()
    assert "By PSNR, B is best" in text
    assert "differs significantly from the second" in text
    assert "rank-biserial correlation +1.00" in text
    assert "These do not differ significantly in PSNR (p < 0.05): A and C." in text


def test_models_that_tie_do_not_differ_significantly(summarise):
    _, _, text = summarise({"a": [30, 32], "b": [30, 32]})
    assert "does not differ significantly from the second" in text
    assert "p = 1.000" in text
    assert "No two models differ significantly in PSNR (p < 0.05)." in text
    assert "bold" not in text  # of two, none is marked


def test_one_patient_tells_nothing_of_others(summarise):
    table, tests, text = summarise({"a": [30, 32], "b": [31, 32.5]}, patients=[7, 7])
    assert table[["psnr_low", "psnr_high"]].isna().all(axis=None)
    assert tests[["low", "high"]].isna().all(axis=None)
    assert _cells(text, "A")[1] == "31.00 [-, -]"
    assert "2 images of 1 patient and" in text
    assert "B is best with 31.75 dB, A second: +0.75 dB between them on one patient" in text
    assert "significant" not in text and "nan" not in text


def test_one_model_alone_is_not_compared(summarise):
    _, tests, text = summarise({"a": [30, 32]})
    assert tests.empty
    assert "no two models" in text


def test_the_caption_is_in_the_text(summarise):
    _, _, text = summarise({"m": [30, 32]}, caption="Synthetic X-rays.")
    assert "Synthetic X-rays. Mean over 2 images of 2 patients" in text


def test_seeds_scored_on_other_images_are_refused(summarise, tmp_path):
    paths = [_scores(tmp_path / "0.csv", [1, 2]), _scores(tmp_path / "1.csv", [1, 2, 3])]
    with pytest.raises(InputError, match=r"1\.csv"):
        summarise({"m": paths})


def test_a_missing_column_is_named(summarise, tmp_path):
    path = _scores(tmp_path / "s.csv", [1, 2])
    pd.read_csv(path).drop(columns="uqi").to_csv(path, index=False)
    with pytest.raises(InputError, match="no column uqi"):
        summarise({"m": [path]})


def test_a_scored_image_that_the_manifest_does_not_name_is_told(summarise, tmp_path):
    path = _scores(tmp_path / "s.csv", [1, 2])
    summarise({"m": [path]})
    pd.read_csv(path).assign(image=["0.png", "1.dcm"]).to_csv(path, index=False)
    outputs = [tmp_path / name for name in ("table.csv", "tests.csv", "table.md", "table.html")]
    with pytest.raises(InputError, match=r"1\.dcm: scored, but not in .*hr\.manifest\.csv"):
        summary.summarise({"m": [path]}, {"m": "M"}, {}, tmp_path / "hr.manifest.csv", "", *outputs)


def test_a_metric_that_needs_a_file_is_shown_where_it_is_scored_and_told_where_not(
    summarise, tmp_path, monkeypatch
):
    learned = Metric(max, "Learned", larger_is_better=False, needs="file", note="Learned: of this test.")
    monkeypatch.setitem(METRICS, "learned", learned)
    path = _scores(tmp_path / "s.csv", [1, 2], learned=0.5)
    scored, _, text = summarise({"m": [path]})
    assert scored.loc["m", "learned"] == 0.5
    assert "| Learned |" in text.replace("  ", "")
    assert "except for GMSD, Learned. " in text
    assert "Learned: of this test." in text
    pd.read_csv(path).drop(columns="learned").to_csv(path, index=False)
    without, _, text = summarise({"m": [path]})
    assert "learned" not in without
    assert text.count("Learned") == 1
    assert "Not scored, because the config key metric_files gives no file for it: LPIPS, Learned." in text
