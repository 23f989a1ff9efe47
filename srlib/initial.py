"""`initial` of a model's entry: the weights that its training starts from, checked before anything runs."""

from pathlib import Path
from typing import Any

from srlib.config import Config, is_trained, network_spec
from srlib.errors import InputError, shown
from srlib.networks import catalog
from srlib.networks.header import header


def check(config: Config) -> None:
    """Raise InputError, naming the key, unless the weights to start from are there or will be."""
    for name in config["models"]:
        start = config["models"][name].get("initial")
        if isinstance(start, str):
            _check_file(config, name, start)
        elif start is not None:
            _check_model(config, name, start["model"])
    for name in config["models"]:
        _check_chain(config, name)


def _check_file(config: Config, name: str, path: str) -> None:
    key = f"config key models.{name}.initial"
    if not Path(path).is_file():
        raise InputError(
            f"{key}: {path} is not a file; correct the path, or give {{model: NAME}} for the weights of "
            "another model of this config"
        )
    wanted, found = network_spec(config, name), _stated(path)
    if found and (
        why := catalog.mismatch(wanted.network, wanted.arguments, found["network"], found["arguments"])
    ):
        raise InputError(
            f"{key}: {path} has weights of {shown(why)}; name another file, or give both the same"
        )


def _stated(path: str) -> dict[str, Any] | None:
    """What a weight file says of itself; None if it is not ours or damaged, which its training will tell."""
    try:
        return header(path)
    except (InputError, OSError):
        return None


def _check_model(config: Config, name: str, other: str) -> None:
    key = f"config key models.{name}.initial.model"
    if other not in config["models"]:
        raise InputError(f"{key}: no model {other}; there are {', '.join(config['models'])}")
    if not is_trained(config, other):
        raise InputError(f"{key}: {other} has no weights, since it is not trained; name one that is")
    wanted, found = network_spec(config, name), network_spec(config, other)
    if why := catalog.mismatch(wanted.network, wanted.arguments, found.network, found.arguments):
        raise InputError(f"{key}: {other} has {why}; give both the same network and arguments")


def _check_chain(config: Config, name: str) -> None:
    """Follow a model to the one that starts by itself."""
    chain = [name]
    while isinstance(start := config["models"][chain[-1]].get("initial"), dict):
        chain.append(start["model"])
        if chain[-1] in chain[:-1]:
            raise InputError(
                f"config key models.{name}.initial: {' needs '.join(chain)}; let one of them start by itself"
            )
