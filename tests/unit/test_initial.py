"""`initial` of a model's entry, while planning."""

from pathlib import Path

import pytest
import yaml

from srlib import checks
from srlib import config as settings
from srlib.errors import InputError

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "schemas" / "config.schema.yaml"


@pytest.fixture
def config():
    """The defaults, and SRGAN's generator with a pixel loss."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    pixels = {"objective": "residual", "label": "SRResNet"}
    config["models"]["srresnet"] = config["models"]["srgan"] | pixels
    return config


def test_weights_of_a_file_or_of_another_model_belong_to_what_is_trained(config, tmp_path):
    (tmp_path / "w.safetensors").touch()
    assert settings.train_spec(config, "srgan").initial is None
    for initial in (str(tmp_path / "w.safetensors"), {"model": "srresnet"}):
        config["models"]["srgan"]["initial"] = initial
        checks.check(config, SCHEMA)
        assert settings.train_spec(config, "srgan").initial == initial


def test_another_way_to_start_is_no_other_network(config):
    config["models"]["srresnet"]["arguments"] = {"init": "linear"}
    config["models"]["srgan"]["initial"] = {"model": "srresnet"}
    checks.check(config, SCHEMA)


@pytest.mark.parametrize(
    ("model", "initial", "word"),
    [
        ("vdsr", "no/such.safetensors", r"initial: no/such\.safetensors is not a file"),
        ("vdsr", "a{b}", r"initial: a\{b\} has \{ \} in it"),
        ("vdsr", 3, "initial: 3 is not of type"),
        ("vdsr", {"modle": "srgan"}, r"initial\.modle: unknown key; did you mean model\?"),
        ("srgan", {"model": "srresnt"}, r"initial\.model: no model srresnt; there are .*srresnet"),
        ("srgan", {"model": "bicubic"}, r"initial\.model: bicubic has no weights"),
        ("srgan", {"model": "vdsr"}, r"initial\.model: vdsr has network vdsr, not srgan"),
        ("vdsr", {"model": "vdsr"}, "initial: vdsr needs vdsr; let one of them start by itself"),
        ("bicubic", "w.safetensors", "initial: network bicubic is not trained; remove the key"),
        ("linear", {"model": "linear"}, "initial: .* closed form; remove the key"),
    ],
)
def test_what_no_training_could_start_from_is_named_with_what_to_do(config, model, initial, word):
    config["models"][model]["initial"] = initial
    with pytest.raises(InputError, match=rf"config key models\.{model}\.{word}"):
        checks.check(config, SCHEMA)


def test_other_arguments_are_named(config):
    config["models"]["mean"] = config["models"]["hybrid"] | {"label": "Mean", "initial": {"model": "hybrid"}}
    config["models"]["mean"]["arguments"] = {"sharpening": "mean", "init": "random"}
    with pytest.raises(InputError, match="hybrid has arguments with sharpening not given, not mean; give"):
        checks.check(config, SCHEMA)


def test_a_circle_of_models_is_named_all_the_way(config):
    models = config["models"]
    models["third"] = models["srgan"] | {"label": "Third", "initial": {"model": "srgan"}}
    models["srgan"]["initial"], models["srresnet"]["initial"] = {"model": "srresnet"}, {"model": "third"}
    with pytest.raises(InputError, match=r"srgan\.initial: srgan needs srresnet needs third needs srgan;"):
        checks.check(config, SCHEMA)


def test_a_chain_may_be_long(config):
    config["models"]["third"] = config["models"]["srgan"] | {"label": "Third", "initial": {"model": "srgan"}}
    config["models"]["srgan"]["initial"] = {"model": "srresnet"}
    checks.check(config, SCHEMA)


def test_it_starts_from_the_same_seed_or_the_only_one(config):
    config["seeds"] = [3, 5]
    assert settings.initial_seed(config, "srresnet", 5) == 5
    assert settings.initial_seed(config, "linear", 5) == 3  # solved in closed form: one run is all there is
