import copy
from pathlib import Path

import pytest
import yaml

from srlib import checks
from srlib import config as settings
from srlib.errors import InputError
from srlib.evaluation.metrics import METRICS, Metric
from srlib.objectives import catalog as objectives
from srlib.objectives.vgg_variants import VGGS
from srlib.specs.train import Loop

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "schemas" / "config.schema.yaml"


@pytest.fixture
def config():
    return yaml.safe_load((ROOT / "config.yaml").read_text())


def test_the_default_is_the_papers_protocol(config):
    checks.check(config, SCHEMA)
    dataset, training = config["dataset"], config["training"]
    assert (dataset["train"], dataset["test"], dataset["size"], config["scale"]) == (300, 200, 256, 4)
    assert (training["epochs"], training["batch"], training["crop"]) == (6, 4, None)


def test_models_keep_their_order_whatever_an_overlay_names_first(config):
    models = {"mine": {}, **dict(reversed(config["models"].items()))}
    assert list(settings.in_order(models, ROOT / "config.yaml")) == [*config["models"], "mine"]


def test_what_is_left_out_must_be_a_model_of_some_config(tmp_path):
    default, overlay, module = ROOT / "config.yaml", tmp_path / "a.yaml", tmp_path / "b.yaml"
    overlay.write_text("models: {mine: {network: linear}, gone: null}\n")
    module.write_text("xrays: {models: {theirs: {network: linear}}}\n")
    settings.check_left_out(["hybrid", "mine", "theirs"], default, [default, overlay, module])
    for name, hint in (("hybird", "did you mean hybrid"), ("gone", "there are bicubic, .*mine")):
        with pytest.raises(InputError, match=rf"models\.{name}: there is no such model to .*{hint}"):
            settings.check_left_out([name], default, [default, overlay])


def test_an_entry_without_a_network_may_be_a_misspelt_one(config):
    config["models"]["vdrs"] = {"training": {"epochs": 3}}
    with pytest.raises(InputError, match=r"models\.vdrs: has no network.*did you mean vdsr\?"):
        checks.check(config, SCHEMA)


def test_two_models_of_one_label_are_refused(config):
    config["models"]["lanczos"]["label"] = "Bicubic"
    with pytest.raises(InputError, match=r"models\.lanczos\.label"):
        checks.check(config, SCHEMA)


def test_an_entrys_own_training_wins(config):
    config["models"]["vdsr"]["training"] = {"epochs": 80}
    assert settings.train_spec(config, "vdsr").training == Loop(**config["training"] | {"epochs": 80})
    assert settings.train_spec(config, "srgan").training.epochs == 6


def test_a_models_slice_changes_only_with_what_it_uses(config):
    other = copy.deepcopy(config)
    other["adversarial"]["content"] = "mse"
    other["models"]["hybrid"]["optimizer"]["learning_rate"] = 1
    other["device"] = "cpu"
    assert settings.train_spec(config, "vdsr") == settings.train_spec(other, "vdsr")
    assert settings.train_spec(config, "srgan") != settings.train_spec(other, "srgan")


def test_every_objective_can_be_given_and_no_other(config):
    for name in objectives.names():
        if objectives.is_closed_form(name):
            continue
        config["models"]["vdsr"]["objective"] = name
        checks.check(config, SCHEMA)
        assert settings.train_spec(config, "vdsr").objective == name
    config["models"]["vdsr"]["objective"] = "l2"
    with pytest.raises(InputError, match=r"models\.vdsr\.objective: 'l2' is not one of .*'residual'"):
        checks.check(config, SCHEMA)


@pytest.mark.parametrize(
    ("model", "change", "word"),
    [
        ("linear", {"optimizer": {"name": "adam", "learning_rate": 1}}, "optimizer: .*closed form; remove"),
        ("linear", {"training": {"epochs": 1}}, "training: .*closed form; remove"),
        ("vdsr", {"objective": "least_squares"}, "objective: .*network vdsr does not allow"),
        ("vdsr", {"optimizer": None}, "optimizer: missing; objective residual needs one"),
        ("linear", {"objective": "l1"}, "optimizer: missing; objective l1 needs one"),
    ],
)
def test_what_is_solved_in_closed_form_has_no_optimizer_and_all_else_has_one(config, model, change, word):
    config["models"][model] |= change
    config["models"][model] = {k: v for k, v in config["models"][model].items() if v is not None}
    with pytest.raises(InputError, match=rf"models\.{model}\.{word}"):
        checks.check(config, SCHEMA)


def test_one_seed_is_enough_where_there_is_no_chance(config):
    config["seeds"] = [0, 1]
    assert [len(settings.seeds(config, name)) for name in ("bicubic", "linear", "vdsr")] == [1, 1, 2]


def test_an_objectives_settings_default_to_its_own_and_an_entrys_win(config):
    del config["adversarial"]
    assert settings.train_spec(config, "srgan").settings["layer"] == [5, 4]
    config["adversarial"] = {"layer": [2, 2], "weight": 0.1}
    config["models"]["srgan"]["adversarial"] = {"weight": 0.2}
    checks.check(config, SCHEMA)
    chosen = settings.train_spec(config, "srgan").settings
    assert (chosen["layer"], chosen["weight"]) == ([2, 2], 0.2)


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"contents": "mse"}, r"contents: unknown key; did you mean content\?"),
        ({"layer": [1, 3]}, r"layer: \[1, 3\] is not one of"),
        ({"weight": -1}, "weight: -1 is less than"),
    ],
)
def test_an_objectives_settings_are_checked_while_planning(config, given, word):
    config["models"]["srgan"]["adversarial"] = given
    with pytest.raises(InputError, match=rf"models\.srgan\.adversarial\.{word}"):
        checks.check(config, SCHEMA)


@pytest.mark.parametrize(
    ("model", "arguments", "word"),
    [
        ("srgan", {"init": "rand"}, r"init: 'rand' is not one of \['linear', 'interpolation', 'random'\]"),
        ("srgan", {"inti": "random"}, r"inti: unknown key; did you mean init\?"),
        ("hybrid", {"sharpening": 3}, "sharpening: 3 is not one of"),
        ("bicubic", {"scale": 2}, "scale: unknown key"),  # it follows from the LR variant
        ("srgan", {"scale": 2}, "scale: unknown key"),
    ],
)
def test_arguments_are_checked_while_planning(config, model, arguments, word):
    config["models"][model]["arguments"] = arguments
    with pytest.raises(InputError, match=rf"config key models\.{model}\.arguments\.{word}"):
        checks.check(config, SCHEMA)


def test_files_that_a_network_is_built_from_are_looked_for_while_planning(config, tmp_path):
    other = {"network": "spandrel", "lr": "small", "arguments": {"file": str(tmp_path / "x.pth")}}
    config["models"]["other"] = other
    with pytest.raises(InputError, match=r"models\.other\.arguments\.file: .*x\.pth is not a file; correct"):
        checks.check(config, SCHEMA)
    (tmp_path / "x.pth").touch()
    checks.check(config, SCHEMA)
    assert settings.network_files(config, "other") == other["arguments"]
    other["arguments"] = {}
    with pytest.raises(InputError, match=r"models\.other\.arguments\..*'file' is a required property"):
        checks.check(config, SCHEMA)


def test_optimiser_is_answered_by_the_right_key(config):
    config["models"]["vdsr"]["optimiser"] = config["models"]["vdsr"].pop("optimizer")
    with pytest.raises(InputError, match=r"models\.vdsr\.optimiser: unknown key; did you mean optimizer\?"):
        checks.check(config, SCHEMA)


@pytest.mark.parametrize(
    ("name", "foreign", "own"),
    [
        ("adam", {"momentum": 0.9}, "betas"),
        ("muon", {"momentum": 0.9}, "betas"),
        ("sgd", {"betas": [0.9, 0.99]}, "momentum"),
    ],
)
def test_an_optimizer_takes_its_own_momentum_alone(config, name, foreign, own):
    config["models"]["vdsr"]["optimizer"] = {"name": name, "learning_rate": 0.1} | foreign
    with pytest.raises(
        InputError, match=rf"optimizer\.{next(iter(foreign))}: {name} has none; its key is {own}"
    ):
        checks.check(config, SCHEMA)


def test_muon_alone_has_an_adam_beside_it(config):
    optimizer = config["models"]["vdsr"]["optimizer"]
    optimizer |= {"adam_rate": 1e-4}
    checks.check(config, SCHEMA)
    assert settings.train_spec(config, "vdsr").optimizer.adam_rate == 1e-4
    optimizer["name"] = "adam"
    with pytest.raises(
        InputError, match=r"vdsr\.optimizer\.adam_rate: it is of muon, not of adam; set it to null"
    ):
        checks.check(config, SCHEMA)
    optimizer["adam_rate"] = None
    checks.check(config, SCHEMA)


def test_filters_that_are_held_have_no_weight_decay(config):
    config["models"]["vdsr"]["optimizer"]["weight_decay"] = 0.1
    checks.check(config, SCHEMA)
    config["models"]["vdsr"]["arguments"] = {"init": "linear"}
    with pytest.raises(
        InputError, match=r"vdsr\.optimizer\.weight_decay: it would shrink the linear filters"
    ):
        checks.check(config, SCHEMA)


def test_a_batch_must_not_be_larger_than_the_training_set(config):
    config["dataset"]["train"] = 3
    with pytest.raises(InputError, match=r"training\.batch: 4 is more than the 3 images of dataset\.train"):
        checks.check(config, SCHEMA)


def test_an_objective_called_as_a_key_is_refused(config, monkeypatch):
    monkeypatch.setattr(objectives, "names", lambda: ["residual", "training"])
    with pytest.raises(
        InputError, match=r"srlib/objectives/training\.py: training is a key .*rename the file"
    ):
        checks.check(config, SCHEMA)


def test_settings_of_another_objective_are_refused(config):
    config["models"]["vdsr"]["adversarial"] = {"weight": 0}
    with pytest.raises(InputError, match=r"models\.vdsr\.adversarial: its objective is residual; .* null"):
        checks.check(config, SCHEMA)


def test_an_overlay_that_takes_another_objective_sets_the_settings_of_the_first_to_null(config):
    config["models"]["srgan"] |= {"objective": "l1", "adversarial": None}
    checks.check(config, SCHEMA)
    assert settings.train_spec(config, "srgan").settings == {}
    config["models"]["srgan"]["objective"] = "adversarial"  # with those of the section alone
    assert settings.train_spec(config, "srgan").settings["generator_rate"] is None


def test_models_without_training_run_once(config):
    config["seeds"] = [3, 4]
    assert settings.seeds(config, "bicubic") == [3]
    assert settings.seeds(config, "vdsr") == [3, 4]


@pytest.mark.parametrize(
    ("adversarial", "expected"),
    [
        ({}, VGGS["vgg19"]),
        ({"network": "vgg16"}, VGGS["vgg16"]),
        ({"weights": "untrained"}, None),
        ({"content": "mse"}, None),
        ({"weights": "my.pth"}, "my.pth"),
    ],
)
def test_which_models_read_vgg_weights(config, adversarial, expected):
    config["models"]["srgan"]["adversarial"] = adversarial
    assert settings.content_weights(config, "srgan") == expected
    assert settings.content_weights(config, "vdsr") is None


def test_a_layer_that_the_smaller_vgg_does_not_have_is_named(config):
    config["adversarial"] |= {"network": "vgg16"}
    message = r"models\.srgan\.adversarial\.layer: VGG-16 has no phi_\{5,4\}; its last is \[5, 3\]"
    with pytest.raises(InputError, match=message):
        checks.check(config, SCHEMA)
    config["models"]["srgan"]["adversarial"] = config["models"]["hybrid"]["adversarial"] = {"layer": [5, 3]}
    checks.check(config, SCHEMA)
    config["adversarial"] |= {"content": "mse"}  # which has no layers
    config["models"]["srgan"]["adversarial"] = {}
    checks.check(config, SCHEMA)


def test_the_reference_must_be_a_model(config):
    config["reference"] = "vdrs"
    with pytest.raises(InputError, match="config key reference: no model vdrs; there are bicubic"):
        checks.check(config, SCHEMA)


def test_a_file_for_a_metric_that_needs_none_stops_before_anything_runs(config):
    config["metric_files"] = {"lpip": "weights.pth"}
    with pytest.raises(InputError, match=r"metric_files\.lpip: no metric of this name needs a file"):
        checks.check(config, SCHEMA)


def test_a_metrics_file_that_is_not_there_is_named(config, monkeypatch):
    monkeypatch.setitem(METRICS, "learned", Metric(max, "Learned", needs="file"))
    config["metric_files"] = {"learned": "elsewhere/weights.pth"}
    with pytest.raises(InputError, match=r"metric_files\.learned: elsewhere/weights\.pth is not a file"):
        checks.check(config, SCHEMA)


def test_pictures_too_small_for_a_metric_stop_before_anything_runs(config, monkeypatch):
    monkeypatch.setitem(METRICS, "wide", Metric(max, "Wide", smallest=300))
    with pytest.raises(InputError, match=r"dataset\.size and crop_border: leave 256 .* Wide needs 300"):
        checks.check(config, SCHEMA)


def test_a_border_that_leaves_too_little_or_moves_the_lr_grid_is_refused(config):
    config["crop_border"] = 44
    checks.check(config, SCHEMA)
    config["crop_border"] = 48  # of 256 pixels 160 are left
    with pytest.raises(InputError, match="crop_border: leave 160 pixels to score, but MS-SSIM needs 161"):
        checks.check(config, SCHEMA)
    config["crop_border"] = 6
    with pytest.raises(InputError, match=r"crop_border: 6 is no multiple of the scale.* give 4 or 8"):
        checks.check(config, SCHEMA)
