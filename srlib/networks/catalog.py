"""The catalogue of networks: what each one needs to be told of, read without importing torch.

A network is a file of this folder that states SCALE, RECEPTIVE_FIELD, SIZE_MULTIPLE and TRAINED as
literal constants and has a function `build`, whose parameters are the config's `arguments:` and which
gives an nn.Module. `catalog` is safe to import while a
workflow is being planned; torch is imported by `build` alone.

One whose TRAINED is None is what its weights say: its argument `file` is a weight file, and it may be trained
from there or not, as its entry says.
"""

import ast
import contextlib
import importlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from srlib import schema
from srlib.code import parse
from srlib.errors import InputError

if TYPE_CHECKING:
    from torch import nn

_FOLDER = Path(__file__).parent
_TYPES = {  # in JSON schema
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "str": {"type": "string"},
    "Path": {"type": "string", "minLength": 1, "format": "path"},
}


class Traits(NamedTuple):
    """What a caller must know of a network.

    scale: SR side / LR side, or None if it is an argument (`scale`).
    receptive_field: side, in LR pixels, of the square that can influence an SR pixel; odd. None for a
        network with global parts (an attention over the whole picture), where every pixel can.
    size_multiple: LR sides must be multiples of it.
    trained: whether it has weights to learn; None if it is any network, built from its weights (`file`), and
        learns where it is given an objective.
    closed_form: whether the best weights can be solved for (it has `solve(pairs, ridge)`).
    init_stays: whether its argument `init` says more than how weights start: what the network computes.
    """

    scale: int | None
    receptive_field: int | None
    size_multiple: int
    trained: bool | None
    closed_form: bool = False
    init_stays: bool = False

    @property
    def may_round(self) -> bool:
        """Whether it may restore in bfloat16: what is solved for is exact, others' networks may not do."""
        return bool(self.trained) and not self.closed_form


_REQUIRED = set(Traits._fields) - set(Traits._field_defaults)


@cache
def _catalogue() -> dict[str, ast.Module]:
    trees = {path.stem: parse(path) for path in sorted(_FOLDER.glob("*.py"))}
    return {name: tree for name, tree in trees.items() if _constants(tree).keys() >= _REQUIRED}


def _constants(tree: ast.Module) -> dict[str, Any]:
    """The literal constants of a module, by their names in lower case."""
    constants = {}
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value)):
                constants[name.lower()] = value
    return constants


def names() -> list[str]:
    """Names of all networks, sorted."""
    return list(_catalogue())


def traits(name: str) -> Traits:
    """Traits of the network `name`; InputError if there is none."""
    if name not in _catalogue():
        raise InputError(f"network: there is no '{name}'; choose one of {', '.join(names())}")
    constants = _constants(_catalogue()[name])
    return Traits(**{field: constants[field] for field in Traits._fields if field in constants})


def scale(name: str, given: dict[str, Any]) -> int:
    """SR side / LR side of the network with these arguments."""
    return traits(name).scale or given["scale"]


def scales(name: str) -> list[int] | None:
    """The scales that a network can have; None for any. InputError if there is no such network."""
    if fixed := traits(name).scale:
        return [fixed]
    return arguments(name)["properties"].get("scale", {}).get("enum")


def arguments(name: str) -> dict[str, Any]:
    """JSON schema of the arguments of a network: the parameters of its `build`.

    `Literal[...]` states the choices; int, float, bool and str are held to their type; `Path` is a file's,
    given as text; any other annotation, or none, takes any value. Raises InputError for an unknown network
    or one without `build`.
    """
    of_build = _parameters(name)
    required = [p.arg for p in of_build.args[: len(of_build.args) - len(of_build.defaults)]]
    pairs = zip(of_build.kwonlyargs, of_build.kw_defaults, strict=True)
    required += [p.arg for p, default in pairs if default is None]
    return {
        "type": "object",
        "additionalProperties": of_build.kwarg is not None,
        "properties": {p.arg: _values(p.annotation) for p in of_build.args + of_build.kwonlyargs},
        "required": required,
    }


def complete(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """The arguments that a network is built with: those given, and the defaults of the others.

    Raises InputError as `arguments`.
    """
    of_build = _parameters(name)
    optional = of_build.args[len(of_build.args) - len(of_build.defaults) :]
    pairs = zip(optional + of_build.kwonlyargs, of_build.defaults + of_build.kw_defaults, strict=True)
    return {p.arg: value.value for p, value in pairs if isinstance(value, ast.Constant)} | given


def _parameters(name: str) -> ast.arguments:
    """Those of a network's `build`; InputError for an unknown network or one without."""
    traits(name)
    for node in _catalogue()[name].body:
        if isinstance(node, ast.FunctionDef) and node.name == "build":
            return node.args
    raise InputError(f"srlib/networks/{name}.py: has no `def build(...)`; every network needs one")


def files(name: str, given: dict[str, Any]) -> dict[str, str]:
    """The files that a network with these arguments is built from, by the arguments that name them."""
    properties = arguments(name)["properties"]
    return {key: path for key, path in given.items() if properties.get(key, {}).get("format") == "path"}


def of_weights(name: str, given: dict[str, Any], weights: str | Path) -> dict[str, Any]:
    """The arguments with which a network is built to hold these weights; one that they make up, from them."""
    return given | {"file": str(weights)} if traits(name).trained is None else given


def mismatch(name: str, given: dict[str, Any], other: str, others: dict[str, Any]) -> str | None:
    """Why weights of the network `other` do not fit `name`, each with these arguments; None if they do.

    `init` is left aside where it says how weights start, and nothing of what they are for.
    """
    if other != name:
        return f"network {other}, not {name}"
    given, others = complete(name, given), complete(name, others)
    keys = sorted((given.keys() | others.keys()) - ({"init"} if not traits(name).init_stays else set()))
    unlike = [
        f"{key} {others.get(key, 'not given')}, not {given.get(key, 'left out')}"
        for key in keys
        if given.get(key) != others.get(key)
    ]
    return f"arguments with {'; '.join(unlike)}" if unlike else None


def _values(annotation: ast.expr | None) -> dict[str, Any]:
    """JSON schema of what a parameter takes, as far as its annotation says it."""
    match annotation:
        case ast.Subscript(value=ast.Name(id="Literal") | ast.Attribute(attr="Literal"), slice=choices):
            with contextlib.suppress(ValueError):  # a name, which only running the file would tell
                values = ast.literal_eval(choices)
                return {"enum": list(values) if isinstance(values, tuple) else [values]}
        case ast.Name(id=name) if name in _TYPES:
            return _TYPES[name]
    return {}


def build(name: str, given: dict[str, Any]) -> "nn.Module":
    """A new network, with the given arguments of its `build`; `traits` is an attribute of it.

    Its parameters come from torch's global random generator.
    Raises InputError for an unknown network, argument or value.
    """
    schema.check(given, arguments(name), prefix=f"network {name}: arguments.")
    network = importlib.import_module(f"srlib.networks.{name}").build(**given)
    network.traits = traits(name)
    return network
