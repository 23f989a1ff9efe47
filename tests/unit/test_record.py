"""What a result was made with lies beside it, and says when that has changed."""

import json

import pytest

from srlib import record
from srlib.errors import InputError


@pytest.fixture
def result(tmp_path):
    """out/scores.csv, made of pictures.csv with some settings."""
    (tmp_path / "out").mkdir()
    (tmp_path / "pictures.csv").write_text("a\n")
    path = tmp_path / "out" / "scores.csv"
    path.write_text("1\n")
    params = {"spec": '{"epochs": 1, "crop": null}', "size": 256, "code": "1e0"}
    record.write(path, params, {"seed": "0"}, [tmp_path / "pictures.csv"])
    return path


def test_texts_of_json_become_what_they_say(result):
    made = record.recall(result)
    assert made["params"]["spec"] == {"epochs": 1, "crop": None}
    assert made["params"]["size"] == 256
    assert made["wildcards"] == {"seed": "0"}


def test_inputs_are_named_from_where_the_result_lies(result):
    assert list(record.recall(result)["inputs"]) == ["../pictures.csv"]


def test_a_run_that_was_moved_keeps_its_memory(result, tmp_path):
    moved = tmp_path / "moved"
    moved.mkdir()
    for name in ("out", "pictures.csv"):
        (tmp_path / name).rename(moved / name)
    record.check(moved / "out" / "scores.csv")
    (moved / "pictures.csv").write_text("b\n")
    with pytest.raises(
        InputError, match=r"scores\.csv: made of another .*pictures\.csv than the one that is"
    ):
        record.check(moved / "out" / "scores.csv")


def test_an_input_that_changed_since_is_named_with_the_remedy(result, tmp_path):
    record.check(result)
    (tmp_path / "pictures.csv").write_text("b\n")
    with pytest.raises(InputError, match=r"delete .*scores\.csv and run snakemake again"):
        record.check(result)


def test_an_input_that_is_gone_is_no_fault(result, tmp_path):
    """Archives are deleted once their images are extracted."""
    (tmp_path / "pictures.csv").unlink()
    record.check(result)


def test_other_settings_are_named(result):
    assert record.differences(result, {"spec": {"epochs": 1, "crop": None}, "size": 256}) == []
    said = record.differences(result, {"spec": {"epochs": 2, "crop": None}, "size": 192})
    assert said == ["epochs 1, not 2", "size 256, not 192"]
    with pytest.raises(InputError, match=r"other settings than the config's: epochs 1, not 2; delete"):
        record.require(result, {"spec": {"epochs": 2, "crop": None}})


def test_of_a_list_only_what_differs_is_named(result):
    record.write(result, {"models": '[{"label": "A", "runs": 1}, {"label": "B", "runs": 1}]'}, {}, [])
    renamed = '[{"label": "A", "runs": 1}, {"label": "C", "runs": 1}]'
    assert record.differences(result, {"models": renamed}) == ['label "B", not "C"']
    assert record.differences(result, {"models": "[]"}) != []


def test_without_a_record_nothing_is_claimed(tmp_path):
    (tmp_path / "scores.csv").write_text("1\n")
    record.check(tmp_path / "scores.csv")
    assert record.read(tmp_path / "scores.csv") is None
    with pytest.raises(InputError, match="no record of what it was made with"):
        record.recall(tmp_path / "scores.csv")


def test_a_damaged_record_is_none(result):
    (result.parent / "scores.csv.made.json").write_text(json.dumps({"params": {}})[:5])
    assert record.read(result) is None


def test_a_forgotten_record_is_gone(result):
    record.forget(result)
    record.forget(result)
    assert record.read(result) is None
