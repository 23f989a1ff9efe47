"""The configuration, checked (srlib.checks), cut into the slices that jobs depend on."""

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from srlib import schema, specs
from srlib.data import variants
from srlib.errors import InputError
from srlib.networks import catalog as networks
from srlib.objectives import catalog as objectives
from srlib.objectives.vgg_variants import Vgg
from srlib.specs.degradation import Degradation
from srlib.specs.network import NetworkSpec
from srlib.specs.sample import SampleSpec
from srlib.specs.table import ModelRow
from srlib.specs.train import Loop, Optimizer, TrainSpec

Config = dict[str, Any]

PAPER_SCALE = 4  # shrunk by bicubic alone


def left_out(models: Any) -> list[str]:
    """Models of the defaults that an overlay leaves out: `models: {NAME: null}`."""
    # of a command line (`--config`) all values are text
    return [name for name in models if models[name] in (None, "null")] if isinstance(models, dict) else []


def check_left_out(names: Iterable[str], default: str | Path, overlays: Iterable[str | Path]) -> None:
    """Raise InputError for a name that is left out, but that no config has as a model.

    overlays: the config files of the run, of which a later one may leave out what an earlier one adds.
    """
    known = default_models(default)
    if unknown := [name for name in names if name not in known]:
        known += [name for overlay in overlays for name in _models_of(overlay)]
    for name in unknown:
        if name not in known:
            hint = schema.hint(str(name), known) or f"there are {', '.join(dict.fromkeys(known))}"
            raise InputError(f"config key models.{name}: there is no such model to leave out; {hint}")


def default_models(default: str | Path) -> list[str]:
    """The models of the default config, in its order."""
    return list(yaml.safe_load(Path(default).read_text(encoding="utf-8"))["models"])


def _models_of(overlay: str | Path) -> list[str]:
    """The models that a config file has, itself or in a section that is the config of a module."""
    content = yaml.safe_load(Path(overlay).read_text(encoding="utf-8")) or {}
    sections = [part for part in (content, *content.values()) if isinstance(part, dict)]
    models = [part["models"] for part in sections if isinstance(part.get("models"), dict)]
    return [name for part in models for name in part if part[name] is not None]


def in_order(models: Config, default: str | Path) -> Config:
    """The models in the order of the default config, new ones behind.

    Snakemake puts the keys that an overlay names before all others, so the order of tables and
    figures would change with an overlay that only changes a learning rate.
    """
    known = default_models(default)
    names = [name for name in known if name in models] + [name for name in models if name not in known]
    return {name: models[name] for name in names}


def is_trained(config: Config, name: str) -> bool:
    """Whether this model is trained: as its network says, or by an objective, where that leaves it open."""
    model = config["models"][name]
    trained = networks.traits(model["network"]).trained
    return "objective" in model if trained is None else trained


def is_closed_form(config: Config, name: str) -> bool:
    """Whether this model's weights are solved for, without steps, an optimizer or chance."""
    return is_trained(config, name) and objectives.is_closed_form(config["models"][name]["objective"])


def label(config: Config, name: str) -> str:
    """What figures and tables call the model."""
    return config["models"][name].get("label", name)


def seeds(config: Config, name: str) -> list[int]:
    """The seeds to train a model with; one is enough where there is no training, or no chance in it."""
    by_chance = is_trained(config, name) and not is_closed_form(config, name)
    return config["seeds"] if by_chance else config["seeds"][:1]


def sample_spec(config: Config, archives: list[int]) -> SampleSpec:
    """What decides the sample besides the images there are; archives: those to sample from."""
    dataset = config["dataset"]
    counts = {split: dataset[split] for split in ("train", "test", "validation")}
    chosen = {key: dataset[key] for key in ("seed", "view", "findings", "one_per_patient")}
    return SampleSpec(counts, archives, **chosen)


def origin(config: Config) -> Config:
    """Where the images are from, and how they were chosen: what a caption says of the sample."""
    dataset = config["dataset"]
    given = ("source", "test_source", "split")
    chosen = () if dataset["split"] else ("view", "findings", "one_per_patient", "official", "seed")
    return {key: dataset[key] for key in (*given, *chosen)}


def phantom_spec(config: Config) -> Config:
    """What decides the synthetic label table: how many images it must offer, and the seed."""
    dataset = config["dataset"]
    return {"images": dataset["train"] + dataset["test"] + dataset["validation"], "seed": dataset["seed"]}


def hr_side(config: Config) -> int:
    """Side of the HR pictures in pixels: dataset.size, cropped to what LR variants are whole parts of."""
    size = config["dataset"]["size"]
    return size - size % variants.multiple(config["scale"])


def lr_folder(config: Config, variant: str) -> str:
    """What the folder of an LR variant is called."""
    return variants.folder(variant, config["scale"])


def degradation(config: Config) -> Degradation:
    """How HR pictures become LR pictures; the seed decides nothing where there is no noise."""
    steps = dict(config["degradation"])
    if steps["photons"] is None and steps["electronic"] is None:
        del steps["seed"]
    return Degradation(config["scale"], **steps)


def run_row(config: Config, name: str) -> ModelRow:
    """What a table must know to collect a model's scores."""
    return ModelRow(name, label(config, name), len(seeds(config, name)))


def table_row(config: Config, name: str) -> ModelRow:
    """What the table says of a model besides its scores; the paper's figures are of its own task."""
    is_its_task = degradation(config) == Degradation(PAPER_SCALE)
    paper = config["models"][name].get("paper", {}) if is_its_task else {}
    return dataclasses.replace(run_row(config, name), paper=paper)


def network_spec(config: Config, name: str) -> NetworkSpec:
    """What builds the network; one whose scale is an argument is told that of its LR variant."""
    model = config["models"][name]
    scale = variants.shrinkage(model["lr"], config["scale"])
    given = {"scale": scale} if networks.traits(model["network"]).scale is None else {}
    arguments = model.get("arguments", {}) | given
    return NetworkSpec(model["network"], arguments, lr_folder(config, model["lr"]), scale)


def network_files(config: Config, name: str) -> dict[str, str]:
    """The files that a model's network is built from besides its weights, by the arguments that name them."""
    model = config["models"][name]
    return networks.files(model["network"], model.get("arguments", {}))


def train_spec(config: Config, name: str) -> TrainSpec:
    """What decides the weights of a model that is trained."""
    model = config["models"][name]
    objective = model["objective"]
    return TrainSpec(
        **vars(network_spec(config, name)),
        objective=objective,
        settings=objectives.settings(objective, config.get(objective, {}), model.get(objective) or {}),
        **({} if is_closed_form(config, name) else _steps(config, model)),
    )


def _steps(config: Config, model: Config) -> dict[str, Any]:
    """What of a TrainSpec an objective needs that is trained step by step."""
    return {
        "optimizer": specs.build(Optimizer, model["optimizer"]),
        "schedule": model["schedule"],
        "training": Loop(**config["training"] | model.get("training", {})),
        "initial": model.get("initial"),
    }


def initial_seed(config: Config, name: str, seed: int) -> int:
    """The seed of this model whose weights a training with `seed` starts from: the same, if it has it."""
    own = seeds(config, name)
    return seed if seed in own else own[0]


def content_weights(config: Config, name: str) -> Vgg | str | None:
    """The VGG weights that training a model reads: published ones, a path, or None where it reads none."""
    if not is_trained(config, name):
        return None
    spec = train_spec(config, name)
    return objectives.weights(spec.objective, spec.settings)
