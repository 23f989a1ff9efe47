"""The catalogue of networks: what each one needs to be told of, read without importing torch.

A network is a file of this folder that states SCALE, RECEPTIVE_FIELD, SIZE_MULTIPLE and TRAINED as
literal constants and has `build(**arguments) -> nn.Module`. `catalog` is safe to import while a
workflow is being planned; torch is imported by `build` alone.
"""

import ast
import importlib
import inspect
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from srlib.errors import InputError

if TYPE_CHECKING:
    from torch import nn

_FOLDER = Path(__file__).parent


class Traits(NamedTuple):
    """What a caller must know of a network.

    scale: SR side / LR side, or None if it takes any (then an argument `scale`).
    receptive_field: side, in LR pixels, of the square that can influence an SR pixel; odd.
    size_multiple: LR sides must be multiples of it.
    trained: whether it has weights to learn.
    """

    scale: int | None
    receptive_field: int
    size_multiple: int
    trained: bool


@cache
def _catalogue() -> dict[str, Traits]:
    traits = {path.stem: _read_traits(path) for path in sorted(_FOLDER.glob("*.py"))}
    return {name: value for name, value in traits.items() if value is not None}


def _read_traits(path: Path) -> Traits | None:
    constants = {}
    for statement in ast.parse(path.read_text()).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value)):
                constants[name.lower()] = value
    if not constants.keys() >= set(Traits._fields):
        return None
    return Traits(*(constants[field] for field in Traits._fields))


def names() -> list[str]:
    """Names of all networks, sorted."""
    return list(_catalogue())


def traits(name: str) -> Traits:
    """Traits of the network `name`; InputError if there is none."""
    try:
        return _catalogue()[name]
    except KeyError:
        raise InputError(f"network: there is no '{name}'; choose one of {', '.join(names())}") from None


def build(name: str, arguments: dict[str, Any]) -> "nn.Module":
    """A new network, with the given arguments of its `build`.

    Its parameters come from torch's global random generator.
    Raises InputError for an unknown network, argument or value.
    """
    traits(name)
    builder = importlib.import_module(f"srlib.networks.{name}").build
    try:
        inspect.signature(builder).bind(**arguments)
    except TypeError as error:
        raise InputError(f"arguments of network '{name}': {error}; it takes {_parameters(builder)}") from None
    return builder(**arguments)


def _parameters(builder: Any) -> str:
    return ", ".join(str(p) for p in inspect.signature(builder).parameters.values()) or "none"
