"""What follows from the config's scale and degradation, and what is said where something cannot."""

import re
from pathlib import Path

import pytest
import yaml

from srlib import checks
from srlib import config as settings
from srlib.errors import InputError
from srlib.networks import catalog as networks
from srlib.specs.degradation import Degradation

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "schemas" / "config.schema.yaml"


@pytest.fixture
def config():
    return yaml.safe_load((ROOT / "config.yaml").read_text())


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_every_model_of_the_default_config_follows_the_scale(config, scale):
    config["scale"] = scale
    checks.check(config, SCHEMA)
    found = {name: settings.network_spec(config, name).scale for name in config["models"]}
    assert found == {
        "bicubic": scale,
        "lanczos": scale,
        "linear": scale,
        "vdsr": 1,
        "srgan": scale,
        "hybrid": 2,
    }
    assert settings.network_spec(config, "srgan").arguments["scale"] == scale


@pytest.mark.parametrize(
    ("variant", "scale", "word"),
    [
        (
            "full",
            4,
            "enlarges 2, 3 or 4 times, but LR variant full needs 1 at scale 4; give it small or half",
        ),
        (
            "full",
            2,
            "full needs 1 at scale 2; give it small or half, or leave the model out with models: {srgan: ",
        ),
    ],
)
def test_a_networks_scale_must_fit_its_lr_variant(config, variant, scale, word):
    config["scale"], config["models"]["srgan"]["lr"] = scale, variant
    with pytest.raises(InputError, match=re.escape(word)) as error:
        checks.check(config, SCHEMA)
    assert "config key models.srgan.lr" in str(error.value)


def test_a_network_that_cannot_do_the_scale_is_told_so(config, monkeypatch):
    """One of a fixed scale of 4, at 3."""
    monkeypatch.setattr(networks, "scales", lambda name: [4] if name == "srgan" else None)
    config["scale"] = 3
    with pytest.raises(
        InputError, match=r"models\.srgan\.lr: .*it cannot do scale 3, or leave the model out"
    ):
        checks.check(config, SCHEMA)


@pytest.mark.parametrize(("old", "new"), [("down4", "small"), ("down4_up2", "half"), ("down4_up4", "full")])
def test_the_old_name_of_an_lr_variant_is_answered_by_the_new_one(config, old, new):
    config["models"]["hybrid"]["lr"] = old
    with pytest.raises(InputError, match=rf"models\.hybrid\.lr: {old} is called {new}; write {new}"):
        checks.check(config, SCHEMA)


@pytest.mark.parametrize(
    ("scale", "size", "side"), [(2, 255, 254), (3, 256, 252), (4, 256, 256), (4, 255, 252)]
)
def test_hr_sides_are_cropped_to_a_multiple(config, scale, size, side):
    config["scale"], config["dataset"]["size"] = scale, size
    assert settings.hr_side(config) == side


@pytest.mark.parametrize(
    ("scale", "crop", "word"),
    [
        (3, 64, "no multiple of 6.* give 60 or 66"),
        (4, 66, "64 or 68"),
        (3, 258, "do not fit HR images of 252"),
    ],
)
def test_a_crop_must_fit_scale_and_size(config, scale, crop, word):
    config["scale"], config["training"]["crop"] = scale, crop
    with pytest.raises(InputError, match=rf"models\.vdsr\.training\.crop: .*{word}"):
        checks.check(config, SCHEMA)


def test_a_model_is_left_out_by_null(config):
    config["models"] |= {"hybrid": None, "srgan": "null"}  # the latter is what a command line gives
    assert settings.left_out(config["models"]) == ["srgan", "hybrid"]


def test_the_seed_of_a_degradation_counts_where_there_is_noise(config):
    config["degradation"] |= {"blur": 1.2, "seed": 5}
    checks.check(config, SCHEMA)
    assert settings.degradation(config) == Degradation(4, blur=1.2)
    config["degradation"]["photons"] = 1e4
    assert settings.degradation(config) == Degradation(4, blur=1.2, photons=1e4, seed=5)


@pytest.mark.parametrize("change", [{"scale": 2}, {"degradation": {"blur": 1.0}}])
def test_the_papers_figures_stand_beside_its_own_task_alone(config, change):
    assert settings.table_row(config, "vdsr").paper["psnr"] == 28.8
    changed = {
        key: config[key] | value if isinstance(value, dict) else value for key, value in change.items()
    }
    assert settings.table_row(config | changed, "vdsr").paper == {}


@pytest.mark.parametrize(
    ("key", "value"), [("blur", 0), ("photons", -1), ("electronic", "much"), ("jpeg", 101), ("jpg", 50)]
)
def test_a_wrong_degradation_is_named(config, key, value):
    config["degradation"][key] = value
    with pytest.raises(InputError, match=rf"config key degradation\.{key}: "):
        checks.check(config, SCHEMA)
