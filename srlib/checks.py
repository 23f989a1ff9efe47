"""The configuration, checked before anything runs: what it says must be possible."""

from pathlib import Path
from typing import Any

import yaml

from srlib import initial
from srlib import schema as schemas
from srlib.config import (
    Config,
    content_weights,
    hr_side,
    is_trained,
    label,
    network_files,
    network_spec,
    train_spec,
)
from srlib.data import variants
from srlib.data.source import images_in
from srlib.errors import InputError
from srlib.evaluation import metrics
from srlib.networks import catalog as networks
from srlib.networks.catalog import traits
from srlib.objectives import catalog as objectives


def check(config: Config, schema: str | Path) -> None:
    """Check types, keys and what the config alone can tell; numbers given as text become numbers.

    Raises InputError naming the key: unknown or missing keys, wrong types, arguments that the network
    does not take, a network that does not fit its LR variant, more images than there are, a training
    crop that does not fit the images.
    """
    _check_old_names(config.get("models"))
    _check_misspelt(config.get("models"))
    schemas.check(config, _with_objectives(yaml.safe_load(Path(schema).read_text(encoding="utf-8"))))
    _check_paths(config)
    _check_counts(config["dataset"])
    if (reference := config["reference"]) not in config["models"]:
        known = ", ".join(config["models"])
        raise InputError(f"config key reference: no model {reference}; there are {known}")
    _check_border(config["crop_border"], config["scale"])
    _check_metrics(config["metric_files"], hr_side(config) - 2 * config["crop_border"])
    for name in config["models"]:
        _check_model(config, name)
    initial.check(config)
    _check_restore(config)
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
            schema["properties"][name] = section = objectives.schema(name)
            model[name] = section | {"type": ["object", "null"]}  # null: an overlay takes another objective
    return schema


def _check_old_names(models: Any) -> None:
    """LR variants were called by their making at x4."""
    for name, model in models.items() if isinstance(models, dict) else []:
        variant = model.get("lr") if isinstance(model, dict) else None
        for new in variants.VARIANTS:
            if variant == variants.folder(new, 4):
                raise InputError(f"config key models.{name}.lr: {variant} is called {new}; write {new}")


def _check_misspelt(models: Any) -> None:
    """An entry whose misspelt name makes a new one of it, without a network."""
    entries = models.items() if isinstance(models, dict) else []
    entries = {str(name): model for name, model in entries if isinstance(model, dict)}
    known = [name for name, model in entries.items() if "network" in model]
    for name in entries.keys() - set(known):
        if hint := schemas.hint(name, known):
            raise InputError(f"config key models.{name}: has no network, which a new model needs; {hint}")


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


def _check_border(border: int, scale: int) -> None:
    if border % scale:
        raise InputError(
            f"config key crop_border: {border} is no multiple of the scale, so that LR consistency would be "
            f"that of other LR pictures; give {border - border % scale} or {border + scale - border % scale}"
        )


def _check_metrics(files: dict[str, str], side: int) -> None:
    for metric in (metrics.METRICS[name] for name in metrics.available(files)):
        if side < metric.smallest:
            raise InputError(
                f"config keys dataset.size and crop_border: leave {side} pixels to score, but {metric.label} "
                f"needs {metric.smallest}"
            )
    for name, path in files.items():
        if not Path(path).is_file():
            raise InputError(f"config key metric_files.{name}: {path} is not a file; correct the path")


def _check_model(config: Config, name: str) -> None:
    model = config["models"][name]
    key = f"config key models.{name}"
    try:
        trained = is_trained(config, name)
    except InputError as error:
        raise InputError(f"{key}.network: {error}") from None
    if not trained:
        _check_untrained(model, key)
    elif traits(model["network"]).trained is None and "file" in model.get("arguments", {}):
        raise InputError(
            f"{key}.arguments.file: its training starts from a file; name it as `initial` instead"
        )
    schemas.check(model.get("arguments", {}), _own_arguments(model, trained), f"{key}.arguments.")
    for argument, path in network_files(config, name).items():
        _check_path(f"models.{name}.arguments.{argument}", path)
        if not Path(path).is_file():
            raise InputError(f"{key}.arguments.{argument}: {path} is not a file; correct the path")
    _check_scale(config, name)
    if trained:
        _check_training(config, name)


def _check_untrained(model: Config, key: str) -> None:
    of_training = ("objective", "optimizer", "schedule", "training", "initial", *objectives.names())
    if given := [part for part in of_training if part in model]:
        could = traits(model["network"]).trained is None
        unless = " without an objective; add one, or" if could else ";"
        raise InputError(
            f"{key}.{given[0]}: network {model['network']} is not trained{unless} remove the key"
        )


def _check_scale(config: Config, name: str) -> None:
    model = config["models"][name]
    needed, can = variants.shrinkage(model["lr"], config["scale"]), networks.scales(model["network"])
    if can is not None and needed not in can:
        fits = [v for v in variants.VARIANTS if variants.shrinkage(v, config["scale"]) in can]
        choice = f"give it {' or '.join(fits)}" if fits else f"it cannot do scale {config['scale']}"
        raise InputError(
            f"config key models.{name}.lr: network {model['network']} enlarges {_one_of(can)} times, but LR "
            f"variant {model['lr']} needs {needed} at scale {config['scale']}; {choice}, or leave the model "
            f"out with models: {{{name}: null}}"
        )


def _one_of(numbers: list[int]) -> str:
    return " or ".join(filter(None, [", ".join(map(str, numbers[:-1])), str(numbers[-1])]))


def _check_training(config: Config, name: str) -> None:
    model, dataset = config["models"][name], config["dataset"]
    key = f"config key models.{name}"
    if "objective" not in model:
        raise InputError(
            f"{key}.objective: missing; network {model['network']} is trained, by one of "
            f"{', '.join(objectives.names())}"
        )
    for other in objectives.names():
        if model.get(other) is not None and other != model["objective"]:
            what = "remove the key, or set it to null"
            raise InputError(f"{key}.{other}: its objective is {model['objective']}; {what}")
    if objectives.is_closed_form(model["objective"]):
        _check_closed_form(model, key)
        return
    if missing := [part for part in ("optimizer", "schedule") if part not in model]:
        raise InputError(f"{key}.{missing[0]}: missing; objective {model['objective']} needs one")
    if traits(model["network"]).trained is None and "initial" not in model:
        raise InputError(
            f"{key}.initial: missing; name the file of the weights to start from, which are the network, too"
        )
    optimizer = model["optimizer"]
    of = optimizer["name"]
    own, foreign = ("momentum", "betas") if of == "sgd" else ("betas", "momentum")
    if foreign in optimizer:
        raise InputError(f"{key}.optimizer.{foreign}: {of} has none; its key is {own}")
    if of != "muon" and optimizer.get("adam_rate"):
        raise InputError(f"{key}.optimizer.adam_rate: it is of muon, not of {of}; set it to null")
    arguments = networks.complete(model["network"], network_spec(config, name).arguments)
    if optimizer.get("weight_decay") and arguments.get("init") == "linear":
        raise InputError(
            f"{key}.optimizer.weight_decay: it would shrink the linear filters that {name} starts from and "
            "holds; set it to 0, or arguments.init to random"
        )
    training = train_spec(config, name).training
    if training.batch > dataset["train"]:
        raise InputError(
            f"{key}.training.batch: {training.batch} is more than the {dataset['train']} images of "
            "dataset.train; lower it"
        )
    _check_crop(f"{key}.training.crop", training.crop, hr_side(config), config["scale"])
    if isinstance(start := model.get("initial"), str):
        _check_path(f"models.{name}.initial", start)
    _check_settings(config, name)


def _check_settings(config: Config, name: str) -> None:
    spec = train_spec(config, name)
    key = f"models.{name}.{spec.objective}.weights"
    try:
        objectives.check(spec.objective, spec.settings)
    except InputError as error:
        raise InputError(f"config key models.{name}.{error}") from None
    weights = content_weights(config, name)
    if isinstance(weights, str):
        _check_path(key, weights)
        if not Path(weights).is_file():
            raise InputError(f"config key {key}: {weights} is neither imagenet, untrained nor a file")


def _check_crop(key: str, crop: int | None, side: int, scale: int) -> None:
    multiple = variants.multiple(scale)
    if crop is not None and crop > side:
        raise InputError(f"{key}: {crop} pixels do not fit HR images of {side} (dataset.size, scale)")
    if crop is not None and crop % multiple:
        below = crop - crop % multiple
        raise InputError(
            f"{key}: {crop} is no multiple of {multiple}, which scale {scale} needs; give {below} or "
            f"{below + multiple}"
        )


def _check_closed_form(model: Config, key: str) -> None:
    if not traits(model["network"]).closed_form:
        raise InputError(
            f"{key}.objective: {model['objective']} solves in closed form, which network {model['network']} "
            "does not allow; choose another objective or network"
        )
    if given := [part for part in ("optimizer", "schedule", "training", "initial") if part in model]:
        raise InputError(f"{key}.{given[0]}: {model['objective']} is solved in closed form; remove the key")


def _own_arguments(model: Config, trained: bool) -> Config:
    """JSON schema of the arguments that an entry gives.

    The scale of any network follows its LR variant; the weights that a training starts from are `initial`.
    """
    network, arguments = traits(model["network"]), networks.arguments(model["network"])
    known = ["scale"] if network.scale is None else []
    known += ["file"] if trained and network.trained is None else []
    for key in known:
        arguments["properties"].pop(key, None)
    arguments["required"] = [key for key in arguments["required"] if key not in known]
    return arguments


def _check_restore(config: Config) -> None:
    if not (asked := config["restore"]):
        return
    if not Path(asked["pictures"]).is_dir():
        raise InputError(f"config key restore.pictures: {asked['pictures']} is not an existing folder")
    known = [n for n, model in config["models"].items() if traits(model["network"]).trained is not False]
    if asked["model"] not in known:
        raise InputError(
            f"config key restore.model: {asked['model']} is no model with weights; name {', '.join(known)}"
        )


def _check_labels(config: Config) -> None:
    named: dict[str, str] = {}
    for name in config["models"]:
        if (other := named.setdefault(label(config, name), name)) != name:
            raise InputError(f"config key models.{name}.label: {other} has the same one; tables need two")
