"""The configuration: checked before anything runs, and cut into the slices that jobs depend on."""

import dataclasses
from pathlib import Path
from typing import Any

import yaml

from srlib import schema as schemas
from srlib import specs
from srlib.data.resample import variant_scale
from srlib.data.source import images_in
from srlib.errors import InputError
from srlib.evaluation import metrics
from srlib.networks import catalog as networks
from srlib.networks.catalog import traits
from srlib.objectives import catalog as objectives
from srlib.specs.network import NetworkSpec
from srlib.specs.sample import SampleSpec
from srlib.specs.table import ModelRow
from srlib.specs.train import Loop, Optimizer, TrainSpec

Config = dict[str, Any]


def check(config: Config, schema: str | Path) -> None:
    """Check types, keys and what the config alone can tell; numbers given as text become numbers.

    Raises InputError naming the key: unknown or missing keys, wrong types, arguments that the network
    does not take, a network that does not fit its LR variant, more images than there are, a training
    crop that does not fit the images.
    """
    schemas.check(config, _with_objectives(yaml.safe_load(Path(schema).read_text())))
    _check_paths(config)
    _check_counts(config["dataset"])
    if (reference := config["reference"]) not in config["models"]:
        known = ", ".join(config["models"])
        raise InputError(f"config key reference: no model {reference}; there are {known}")
    _check_metrics(config["metric_files"], config["dataset"]["size"])
    for name in config["models"]:
        _check_model(config, name)
    _check_labels(config)


def _with_objectives(schema: Config) -> Config:
    """The schema with what the objectives' files say: their names, and the section of each."""
    model = schema["$defs"]["model"]["properties"]
    model["objective"] = {"enum": objectives.names()}
    for name in objectives.names():
        if name in schema["properties"]:
            raise InputError(
                f"srlib/objectives/{name}.py: {name} is a key of the config already; rename the file"
            )
        if objectives.load(name).SETTINGS:
            schema["properties"][name] = model[name] = objectives.schema(name)
    return schema


def in_order(models: Config, default: str | Path) -> Config:
    """The models in the order of the default config, new ones behind.

    Snakemake puts the keys that an overlay names before all others, so the order of tables and
    figures would change with an overlay that only changes a learning rate.
    """
    known = list(yaml.safe_load(Path(default).read_text())["models"])
    names = [name for name in known if name in models] + [name for name in models if name not in known]
    return {name: models[name] for name in names}


def _check_paths(config: Config) -> None:
    results = Path(config["results"])
    _check_path("results", config["results"])
    _check_path("dataset.source", config["dataset"]["source"])
    _check_path("dataset.test_source", config["dataset"]["test_source"])
    _check_path("dataset.split", config["dataset"]["split"])
    if file := next((part for part in (results, *results.parents) if part.is_file()), None):
        raise InputError(
            f"config key results: {file} is a file; name a folder, new or with the results in it"
        )


def _check_path(key: str, path: str | None) -> None:
    if strange := sorted(set(path or "") & set("{}<>")):
        raise InputError(
            f"config key {key}: {path} has {' '.join(strange)} in it, which mean more to Snakemake; "
            "give a path without, such as a symbolic link to it"
        )


def _check_counts(dataset: Config) -> None:
    tests = 0 if dataset["test_source"] else dataset["test"]
    wanted = dataset["train"] + tests + dataset["validation"]
    if dataset["source"] in ("nih", "mirror") and wanted > (held := images_in(dataset["archives"])):
        raise InputError(
            f"config keys dataset.train, .test and .validation: {wanted} images asked for, but the archives "
            f"{dataset['archives']} (dataset.archives) hold {held}"
        )


def _check_metrics(files: dict[str, str], size: int) -> None:
    for metric in (metrics.METRICS[name] for name in metrics.available(files)):
        if size < metric.smallest:
            raise InputError(
                f"config key dataset.size: {size}, but {metric.label} needs {metric.smallest} pixels"
            )
    for name, path in files.items():
        if not Path(path).is_file():
            raise InputError(f"config key metric_files.{name}: {path} is not a file; correct the path")


def _check_model(config: Config, name: str) -> None:
    model = config["models"][name]
    key = f"config key models.{name}"
    try:
        network = traits(model["network"])
    except InputError as error:
        raise InputError(f"{key}.network: {error}") from None
    schemas.check(model.get("arguments", {}), _own_arguments(model["network"]), f"{key}.arguments.")
    scale = variant_scale(model["lr"])
    if network.scale not in (None, scale):
        raise InputError(
            f"{key}.lr: network {model['network']} enlarges {network.scale} times, but {model['lr']} "
            f"needs {scale} times; choose another LR variant or network"
        )
    if not network.trained:
        given = [
            k for k in ("objective", "optimizer", "schedule", "training", *objectives.names()) if k in model
        ]
        if given:
            raise InputError(f"{key}.{given[0]}: network {model['network']} is not trained; remove the key")
    else:
        _check_training(config, name)


def _check_training(config: Config, name: str) -> None:
    model, dataset = config["models"][name], config["dataset"]
    key = f"config key models.{name}"
    if "objective" not in model:
        raise InputError(
            f"{key}.objective: missing; network {model['network']} is trained, by one of "
            f"{', '.join(objectives.names())}"
        )
    for other in objectives.names():
        if other in model and other != model["objective"]:
            raise InputError(f"{key}.{other}: its objective is {model['objective']}; remove the key")
    optimizer = model["optimizer"]
    for of, own, foreign in [("adam", "betas", "momentum"), ("sgd", "momentum", "betas")]:
        if optimizer["name"] == of and foreign in optimizer:
            raise InputError(f"{key}.optimizer.{foreign}: {of} has none; its key is {own}")
    training = train_spec(config, name).training
    if training.batch > dataset["train"]:
        raise InputError(
            f"{key}.training.batch: {training.batch} is more than the {dataset['train']} images of "
            "dataset.train; lower it"
        )
    if training.crop is not None and training.crop > dataset["size"]:
        raise InputError(
            f"{key}.training.crop: {training.crop} pixels do not fit images of dataset.size {dataset['size']}"
        )
    weights = content_weights(config, name)
    _check_path(f"models.{name}.{model['objective']}.weights", weights)
    if weights not in (None, "imagenet") and not Path(weights).is_file():
        raise InputError(
            f"{key}.{model['objective']}.weights: {weights} is neither imagenet, untrained nor a file"
        )


def _own_arguments(network: str) -> Config:
    """JSON schema of the arguments that an entry gives; the scale of any network follows its LR variant."""
    arguments = networks.arguments(network)
    if traits(network).scale is None:
        arguments["properties"].pop("scale", None)
        arguments["required"] = [key for key in arguments["required"] if key != "scale"]
    return arguments


def _check_labels(config: Config) -> None:
    named: dict[str, str] = {}
    for name in config["models"]:
        if (other := named.setdefault(label(config, name), name)) != name:
            raise InputError(f"config key models.{name}.label: {other} has the same one; tables need two")


def is_trained(config: Config, name: str) -> bool:
    """Whether this model is trained, or only interpolates."""
    return traits(config["models"][name]["network"]).trained


def label(config: Config, name: str) -> str:
    """What figures and tables call the model."""
    return config["models"][name].get("label", name)


def seeds(config: Config, name: str) -> list[int]:
    """The seeds to train a model with; one is enough for a model without training."""
    return config["seeds"] if is_trained(config, name) else config["seeds"][:1]


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


def run_row(config: Config, name: str) -> ModelRow:
    """What a table must know to collect a model's scores."""
    return ModelRow(name, label(config, name), len(seeds(config, name)))


def table_row(config: Config, name: str) -> ModelRow:
    """What the table says of a model besides its scores."""
    return dataclasses.replace(run_row(config, name), paper=config["models"][name].get("paper", {}))


def network_spec(config: Config, name: str) -> NetworkSpec:
    """What builds the network; one that takes any scale is told that of its LR variant."""
    model = config["models"][name]
    scale = variant_scale(model["lr"])
    given = {"scale": scale} if traits(model["network"]).scale is None else {}
    return NetworkSpec(model["network"], model.get("arguments", {}) | given, model["lr"], scale)


def train_spec(config: Config, name: str) -> TrainSpec:
    """What decides the weights of a model that is trained."""
    model = config["models"][name]
    objective = model["objective"]
    return TrainSpec(
        **vars(network_spec(config, name)),
        objective=objective,
        settings=objectives.settings(objective, config.get(objective, {}), model.get(objective, {})),
        optimizer=specs.build(Optimizer, model["optimizer"]),
        schedule=model["schedule"],
        training=Loop(**config["training"] | model.get("training", {})),
    )


def content_weights(config: Config, name: str) -> str | None:
    """The VGG-19 weights that training a model reads: "imagenet", a path, or None where it reads none."""
    if not is_trained(config, name):
        return None
    spec = train_spec(config, name)
    return objectives.weights(spec.objective, spec.settings)
