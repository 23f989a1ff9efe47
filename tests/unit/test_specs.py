"""Specs come out of JSON as they went in."""

import dataclasses
import json

import pytest
import yaml

from srlib import config as settings
from srlib import specs
from srlib.specs.network import NetworkSpec
from srlib.specs.sample import SampleSpec
from srlib.specs.table import ModelRow
from srlib.specs.train import Optimizer, TrainSpec


@pytest.fixture
def config(pytestconfig):
    return yaml.safe_load((pytestconfig.rootpath / "config.yaml").read_text())


def test_specs_travel_as_json(config):
    for kind, spec in [
        (NetworkSpec, settings.network_spec(config, "bicubic")),
        (TrainSpec, settings.train_spec(config, "srgan")),
        (SampleSpec, settings.sample_spec(config, [1, 2])),
        (list[ModelRow], [settings.table_row(config, name) for name in config["models"]]),
    ]:
        assert specs.from_json(kind, specs.to_json(spec)) == spec


def test_json_changes_exactly_when_the_content_does(config):
    spec = settings.train_spec(config, "srgan")
    reordered = dataclasses.replace(spec, settings=dict(reversed(spec.settings.items())))
    other = dataclasses.replace(spec, optimizer=Optimizer("adam", 2e-4))
    assert specs.to_json(reordered) == specs.to_json(spec) != specs.to_json(other)


def test_specs_in_a_spec_are_rebuilt(config):
    built = specs.build(TrainSpec, json.loads(specs.to_json(settings.train_spec(config, "vdsr"))))
    assert built.optimizer == Optimizer("muon", 1e-3, clip_norm=0.05)
    assert built.optimizer.betas == (0.9, 0.999)


def test_a_field_that_there_is_none_of_is_no_spec():
    with pytest.raises(TypeError, match="momentun"):
        specs.build(Optimizer, {"name": "sgd", "learning_rate": 1, "momentun": 0.9})
