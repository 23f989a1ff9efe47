"""What is wrong with a config's names, types and numbers is told by key."""

from pathlib import Path

import pytest
import yaml

from srlib import checks
from srlib.errors import InputError

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "schemas" / "config.schema.yaml"


@pytest.fixture
def config():
    return yaml.safe_load((ROOT / "config.yaml").read_text())


@pytest.mark.parametrize(("name", "word"), [(123, "123"), (False, "NO, OFF"), (None, "None"), (1.5, "1.5")])
def test_a_name_that_yaml_does_not_read_as_text_is_named(config, name, word):
    config["models"][name] = config["models"]["bicubic"]
    with pytest.raises(InputError, match=rf"config key models\..*{word}.*put it in quotes"):
        checks.check(config, SCHEMA)


@pytest.mark.parametrize("number", [".nan", ".inf", "1.0e+999"])
def test_numbers_that_are_none_are_named(config, number):
    for value in (yaml.safe_load(number), number):
        config["models"]["vdsr"]["optimizer"]["learning_rate"] = value
        with pytest.raises(
            InputError, match=r"models\.vdsr\.optimizer\.learning_rate: .* not a finite number"
        ):
            checks.check(config, SCHEMA)


def test_yamls_1e_4_is_a_number(config):
    config["models"]["vdsr"]["optimizer"]["learning_rate"] = yaml.safe_load("1e-4")
    checks.check(config, SCHEMA)
    assert config["models"]["vdsr"]["optimizer"]["learning_rate"] == 1e-4


def test_a_whole_float_is_no_count(config):
    config["training"]["epochs"] = 6.0
    with pytest.raises(InputError, match=r"training\.epochs: 6\.0 is not of type 'integer'"):
        checks.check(config, SCHEMA)


def test_text_that_yaml_reads_as_something_else_is_asked_for_in_quotes(config):
    config["models"]["vdsr"]["label"] = 19
    with pytest.raises(
        InputError, match=r"models\.vdsr\.label: 19 is not of type 'string'; put it in quotes"
    ):
        checks.check(config, SCHEMA)


def test_a_value_that_was_left_away_is_not_asked_for_in_quotes(config):
    config["dataset"]["source"] = None
    with pytest.raises(InputError, match=r"dataset\.source: None is not of type 'string'$"):
        checks.check(config, SCHEMA)


def test_every_object_of_the_schema_refuses_unknown_keys():
    def objects(node):
        if isinstance(node, dict):
            if node.get("type") == "object":
                yield node
            for value in node.values():
                yield from objects(value)

    closed = [node for node in objects(yaml.safe_load(SCHEMA.read_text())) if "properties" in node]
    assert closed
    assert all(node["additionalProperties"] is False for node in closed)


def test_an_unknown_key_is_named_with_the_nearest_known_one(config):
    config["dataset"]["trian"] = 3
    with pytest.raises(InputError, match=r"dataset\.trian: unknown key; did you mean train\?"):
        checks.check(config, SCHEMA)


def test_numbers_given_as_text_are_read_where_numbers_are_wanted(config):
    config["seeds"] = ["0", "1"]
    config["dataset"] |= {"train": "12", "source": "phantom"}
    config["training"]["crop"] = "null"
    checks.check(config, SCHEMA)
    assert (config["seeds"], config["dataset"]["train"], config["training"]["crop"]) == ([0, 1], 12, None)
    config["models"]["vdsr"]["label"] = "19"
    checks.check(config, SCHEMA)
    assert config["models"]["vdsr"]["label"] == "19"
