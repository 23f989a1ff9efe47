"""`initial` of a model's entry, while planning."""

from pathlib import Path

import pytest
import yaml

from srlib import checks
from srlib import config as settings
from srlib.errors import InputError
from srlib.networks import catalog, weights

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "schemas" / "config.schema.yaml"


@pytest.fixture
def config():
    """The defaults, and SRGAN's generator with a pixel loss."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    pixels = {"objective": "residual", "label": "SRResNet"}
    config["models"]["srresnet"] = config["models"]["srgan"] | pixels
    del config["models"]["srresnet"]["adversarial"]
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


def test_another_way_to_start_vdsr_is_another_network(config):
    """Its start at the linear filters pads by replication; other weights are not used to that."""
    vdsr = config["models"]["vdsr"]
    config["models"]["other"] = vdsr | {"label": "VDSR, linear", "arguments": {"init": "linear"}}
    vdsr["initial"] = {"model": "other"}
    with pytest.raises(InputError, match="other has arguments with init linear, not random"):
        checks.check(config, SCHEMA)
    vdsr["arguments"] = {"init": "linear"}
    checks.check(config, SCHEMA)


def test_an_argument_that_is_the_default_may_be_said(config):
    hybrid = config["models"]["hybrid"]
    config["models"]["other"] = hybrid | {"label": "Other", "initial": {"model": "hybrid"}}
    config["models"]["other"]["arguments"] = {"sharpening": "groups"} | hybrid.get("arguments", {})
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
    with pytest.raises(InputError, match="hybrid has arguments with sharpening groups, not mean; give"):
        checks.check(config, SCHEMA)


def test_a_file_that_says_it_is_of_another_network_is_named(config, tmp_path):
    path = tmp_path / "w.safetensors"
    weights.save(path, catalog.build("linear", {"scale": 4}), "linear", {"scale": 4}, {})
    config["models"]["vdsr"]["initial"] = str(path)
    with pytest.raises(
        InputError, match=r"models\.vdsr\.initial: .*w\.safetensors has weights of network lin"
    ):
        checks.check(config, SCHEMA)


@pytest.fixture
def tuned(config, tmp_path):
    """An entry for a network of another project's file that is trained further."""
    (tmp_path / "x.pth").touch()
    shared = {"lr": "small", "objective": "l1", "optimizer": {"name": "adam", "learning_rate": 1e-4}}
    entry = {"network": "spandrel", "initial": str(tmp_path / "x.pth"), "schedule": "constant"} | shared
    config["models"]["tuned"] = entry
    return entry


def test_another_projects_network_is_trained_where_it_has_an_objective(config, tuned):
    checks.check(config, SCHEMA)
    assert settings.is_trained(config, "tuned")
    spec = settings.train_spec(config, "tuned")
    assert (spec.arguments, spec.initial) == ({"scale": 4}, tuned["initial"])
    assert settings.network_files(config, "tuned") == {}
    config["models"]["again"] = tuned | {"label": "Again", "initial": {"model": "tuned"}}
    checks.check(config, SCHEMA)
    config["models"]["plain"] = {
        "network": "spandrel",
        "lr": "small",
        "arguments": {"file": tuned["initial"]},
    }
    checks.check(config, SCHEMA)
    assert not settings.is_trained(config, "plain")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"initial": "no/such.pth"}, r"initial: no/such\.pth is not a file"),
        ({"initial": None}, "initial: missing; name the file of the weights"),
        ({"arguments": {"file": "x.pth"}}, "arguments.file: .*name it as `initial` instead"),
        (
            {"objective": None},
            "optimizer: network spandrel is not trained without an objective; add one, or rem",
        ),
        (
            {"objective": "least_squares"},
            "objective: least_squares solves in closed form, which network spandr",
        ),
        ({"initial": {"model": "srgan"}}, r"initial\.model: srgan has network srgan, not spandrel"),
        ({"initial": {"model": "plain"}}, r"initial\.model: plain has no weights, since it is not trained"),
        (
            {"lr": "half", "initial": {"model": "other"}},
            r"initial\.model: other has arguments with scale 4, not 2",
        ),
    ],
)
def test_what_its_training_lacks_is_named(config, tuned, changes, word):
    config["models"]["plain"] = {
        "network": "spandrel",
        "lr": "small",
        "arguments": {"file": tuned["initial"]},
    }
    config["models"]["other"] = tuned | {"label": "Other"}
    given = {key: value for key, value in (tuned | changes).items() if value is not None}
    config["models"]["tuned"] = given
    with pytest.raises(InputError, match=rf"config key models\.tuned\.{word}"):
        checks.check(config, SCHEMA)


def test_a_file_of_ours_is_trained_further_at_its_own_scale(config, tuned, tmp_path):
    pytest.importorskip("spandrel")
    from foreign import compact, written

    file = str(written(tmp_path / "x.pth", compact(scale=2)))
    network = catalog.build("spandrel", {"file": file, "scale": 2})
    tuned["initial"] = str(tmp_path / "w.safetensors")
    weights.save(tuned["initial"], network, "spandrel", {"scale": 2}, {})
    with pytest.raises(InputError, match=r"models\.tuned\.initial: .* arguments with scale 2, not 4"):
        checks.check(config, SCHEMA)
    tuned["lr"] = "half"
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
