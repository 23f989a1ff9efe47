"""Scores by view and by finding."""

import pandas as pd
import pytest

from srlib.data.split import SPLIT_COLUMNS, write_split
from srlib.errors import InputError
from srlib.evaluation import subgroups
from srlib.evaluation.metrics import METRICS


@pytest.fixture
def files(tmp_path):
    split = {"image": ["a.png", "b.png", "c.png", "d.png"], "view": ["PA", "AP", "AP", "PA"], "split": "test"}
    others = dict.fromkeys(set(SPLIT_COLUMNS) - set(split), "1")
    write_split(pd.DataFrame(split | others)[SPLIT_COLUMNS], tmp_path / "split.csv")
    flat = dict.fromkeys(METRICS, 0.5)
    scores = {"image": ["a.png", "b.png", "c.png"]} | flat | {"psnr": [30, 32, 36]}
    pd.DataFrame(scores).to_csv(tmp_path / "0.csv", index=False)
    pd.DataFrame(scores | {"psnr": [32, 32, float("inf")]}).to_csv(tmp_path / "1.csv", index=False)
    boxes = {"image": ["a.png", "a.png", "b.png"], "finding": ["Mass", "Mass", "Nodule"]} | flat
    pd.DataFrame(boxes | {"ssim": [0.9, None, 0.8]}).to_csv(tmp_path / "boxes.csv", index=False)
    with (tmp_path / "split.csv").open("a") as file:  # of one name, in the source to train on
        file.write(",".join({"image": "a.png", "view": "LL", "split": "train", "archive": "x"}.get(c, "9")
                            for c in SPLIT_COLUMNS) + "\n")  # fmt: skip
    return tmp_path


def _write(folder, scores, boxes):
    labels = {model: model.upper() for model in scores}
    subgroups.write(
        scores, boxes, labels, folder / "split.csv", folder / "subgroups.csv", folder / "subgroups.md"
    )
    table = pd.read_csv(folder / "subgroups.csv").set_index(["kind", "value", "model"])
    return table, (folder / "subgroups.md").read_text()


def test_by_view_over_images_and_seeds(files):
    table, text = _write(files, {"m": [files / "0.csv", files / "1.csv"]}, {})
    assert table.loc[("view", "PA", "m"), "psnr"] == 31
    assert table.loc[("view", "AP", "m"), "psnr"] == pytest.approx(100 / 3, rel=1e-5)  # infinite: left out
    assert table.loc[("view", "AP", "m"), "n"] == 2
    assert table.loc[("images", "all", "m"), "n"] == 3
    assert "| AP   |   2 | 33.33 |" in text
    assert "boxes" not in text


def test_by_finding_with_the_number_of_boxes(files):
    table, text = _write(files, {"m": [files / "0.csv"]}, {"m": [files / "boxes.csv"]})
    assert table.loc[("finding", "Mass", "m"), "ssim"] == 0.9
    assert tuple(table.loc[("finding", "Mass", "m"), ["n", "n_ssim", "n_psnr"]]) == (2, 1, 2)
    assert table.loc[("boxes", "all", "m"), "n"] == 3
    assert "| Nodule  |   1 | 0.8000 |" in text


def test_models_stand_side_by_side(files):
    _, text = _write(files, {"m": [files / "0.csv"], "k": [files / "1.csv"]}, {})
    assert text.splitlines()[0] == "| View |   n |     M |     K |"


def test_no_box_on_the_test_images(files):
    (files / "none.csv").write_text(",".join(["image", "finding", *METRICS]) + "\n")
    table, text = _write(files, {"m": [files / "0.csv"]}, {"m": [files / "none.csv"]})
    assert table.loc[("boxes", "all", "m"), "n"] == 0
    assert "nan" not in text


def test_scores_of_images_that_the_split_does_not_name_are_refused(files):
    """Without their view they would vanish from the table without a word."""
    scores = pd.read_csv(files / "0.csv")
    scores.assign(image=["a.png", "b.png", "e.png"]).to_csv(files / "renamed.csv", index=False)
    with pytest.raises(InputError, match=r"e\.png: scored, but not in .*split\.csv \(1 such"):
        _write(files, {"m": [files / "renamed.csv"]}, {})
    assert not (files / "subgroups.csv").exists()


def test_models_scored_on_other_images_are_refused(files):
    pd.read_csv(files / "0.csv").iloc[:2].to_csv(files / "less.csv", index=False)
    with pytest.raises(InputError, match=r"less\.csv: other images"):
        _write(files, {"m": [files / "0.csv"], "k": [files / "less.csv"]}, {})


def test_a_finding_called_all_is_one_of_them(files):
    boxes = pd.read_csv(files / "boxes.csv").assign(finding=["all", "all", "Nodule"])
    boxes.to_csv(files / "boxes.csv", index=False)
    table, text = _write(files, {"m": [files / "0.csv"]}, {"m": [files / "boxes.csv"]})
    assert table.loc[("finding", "all", "m"), "n"] == 2
    assert table.loc[("boxes", "all", "m"), "n"] == 3
    assert "| all     |   2 |" in text
    assert "| all     |   3 |" in text
