"""The catalogue of objectives: what a network can be trained for, found by name as networks are.

An objective is a file of this folder with

    SETTINGS                     the keys of its section in the config: JSON schema of each, with its default
    caption(settings) -> str     its words in the caption of a table
    build(task) -> Objective     what trains, step by step (srlib.training.task), or
    fit(network, pairs, settings)    what solves in closed form, given the LR and HR training pictures

and, where they say more than nothing,

    used(settings) -> settings           without those that change nothing beside the others
    check(settings)                      InputError if they do not go together
    weights(settings) -> Vgg, str or None    the weights that it reads: published ones or a path

Planning imports these files, so they import torch inside functions alone.
"""

import ast
import importlib
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from srlib.code import parse
from srlib.errors import InputError
from srlib.objectives.vgg_variants import Vgg

Settings = dict[str, Any]

_FOLDER = Path(__file__).parent


@cache
def names() -> list[str]:
    """Names of all objectives, sorted."""
    return sorted(path.stem for path in _FOLDER.glob("*.py") if _states_settings(path))


def _states_settings(path: Path) -> bool:
    assigned = (node for node in parse(path).body if isinstance(node, ast.Assign))
    return any(isinstance(to, ast.Name) and to.id == "SETTINGS" for node in assigned for to in node.targets)


def load(name: str) -> ModuleType:
    """The objective's file, imported; InputError if there is none of this name."""
    if name not in names():
        raise InputError(f"objective: there is no '{name}'; choose one of {', '.join(names())}")
    return importlib.import_module(f"srlib.objectives.{name}")


def is_closed_form(name: str) -> bool:
    """Whether the objective is solved for, without steps and an optimizer."""
    return hasattr(load(name), "fit")


def schema(name: str) -> dict[str, Any]:
    """JSON schema of the objective's section in the config."""
    return {"type": "object", "additionalProperties": False, "properties": load(name).SETTINGS}


def settings(name: str, *given: Settings) -> Settings:
    """The settings that count: the defaults, then the given ones, later ones winning."""
    module = load(name)
    complete = {key: about["default"] for key, about in module.SETTINGS.items()}
    for one in given:
        complete |= one
    return module.used(complete) if hasattr(module, "used") else complete


def check(name: str, settings: Settings) -> None:
    """Raise InputError, which begins with the key, if complete settings do not go together."""
    module = load(name)
    if hasattr(module, "check"):
        module.check(settings)


def weights(name: str, settings: Settings) -> Vgg | str | None:
    """The weights that training by the objective reads: published ones, a path, or None."""
    module = load(name)
    return module.weights(settings) if hasattr(module, "weights") else None


def caption(name: str, settings: Settings) -> str:
    """The objective in words."""
    return load(name).caption(settings)
