"""What docs/results/ publishes can be checked by anyone, from the scores alone."""

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from srlib.__main__ import main

ROOT = Path(__file__).parents[2]
PUBLISHED = sorted((ROOT / "docs" / "results").glob("*/config.yaml"))


@pytest.mark.parametrize("config", PUBLISHED, ids=lambda path: path.parent.name)
def test_a_published_table_follows_from_the_published_scores(config, tmp_path, capsys):
    assert main(["table", str(config.parent), "--output", str(tmp_path)]) == 0
    assert "The same as" in capsys.readouterr().out
    assert (tmp_path / "tests.csv").read_bytes() == (config.parent / "tests.csv").read_bytes()


@pytest.mark.parametrize("config", PUBLISHED, ids=lambda path: path.parent.name)
def test_a_published_mean_is_the_mean_of_the_published_scores(config):
    table = pd.read_csv(config.parent / "table.csv").set_index("model")
    for model in table.index:
        files = list(config.parent.glob(f"models/{model}/seed*/scores.csv"))
        scores = pd.concat(map(pd.read_csv, files))  # of as many images each
        for metric in ("psnr", "ssim", "ms_ssim", "haarpsi"):
            assert table.loc[model, metric] == pytest.approx(scores[metric].mean(), rel=1e-5)


def test_the_example_of_the_help_is_published(capsys):
    with pytest.raises(SystemExit):
        main(["table", "--help"])
    (folder,) = re.findall(r"table (\S+) --output", capsys.readouterr().out.partition("example:")[2])
    assert ROOT / folder / "config.yaml" in PUBLISHED


@pytest.mark.parametrize("given", [["", "--output", "x"], ["x", "--output", ""]])
def test_an_empty_path_is_not_the_current_folder(given, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["table", *given])
    assert ended.value.code == 2
    assert re.search(r"argument (FOLDER|--output): empty; name a file or folder", capsys.readouterr().err)


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(PUBLISHED[0].parent, tmp_path / "copy")
    return tmp_path / "copy"


def test_one_changed_score_is_noticed(copy, tmp_path, capsys):
    scores = next(copy.glob("models/*/seed0/scores.csv"))
    scores.write_text(re.sub(r"\d\d\.\d+", "11.000000", scores.read_text(), count=1))
    assert main(["table", str(copy), "--output", str(tmp_path / "out")]) == 1
    assert "NOT the same as" in capsys.readouterr().out


def test_edges_that_were_not_scored_are_told(copy, tmp_path, capsys):
    with (copy / "config.yaml").open("a") as config:
        config.write("crop_border: 4\n")
    assert main(["table", str(copy), "--output", str(tmp_path / "out")]) == 0
    assert "which are without the 4 pixels along each edge." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("config.yaml", "give a results folder"),
        ("hr/test.manifest.csv", "test.manifest.csv"),
        ("models/bicubic/seed0/scores.csv", "scores.csv of 0 seeds, but config.yaml has 1"),
    ],
)
def test_what_is_missing_is_named(name, said, copy, tmp_path, capsys):
    (copy / name).unlink()
    with pytest.raises(SystemExit) as ended:
        main(["table", str(copy), "--output", str(tmp_path / "out")])
    assert ended.value.code == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out" / "table.csv").exists()


def test_a_config_that_is_not_whole_is_told(copy, tmp_path, capsys):
    (copy / "config.yaml").write_text("models:\n  bicubic: {network: bicubic, label: Bicubic}\n")
    with pytest.raises(SystemExit):
        main(["table", str(copy), "--output", str(tmp_path / "out")])
    assert "not the config.yaml that a run leaves in its results" in capsys.readouterr().err
