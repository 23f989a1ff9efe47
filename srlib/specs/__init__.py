"""Specs: the slices of the checked config that jobs get, as frozen dataclasses.

`srlib.config` makes them once; they travel as JSON in a rule's params and are rebuilt by the script.
Each has a file of its own, so that a new field of one makes no other job's code another.
"""

import dataclasses
import json
import types
import typing
from typing import Any, TypeVar

Spec = TypeVar("Spec")


def to_json(spec: Any) -> str:
    """A spec, or plain values with specs in them, as JSON that changes exactly when its content does."""
    return json.dumps(spec, sort_keys=True, default=dataclasses.asdict)


def from_json(kind: type[Spec], text: str) -> Spec:
    """The spec that `to_json` wrote."""
    return build(kind, json.loads(text))


def build(kind: type[Spec], values: Any) -> Spec:
    """A spec from a dict of its fields, specs in it from dicts of theirs; a list or tuple of one kind.

    A kind of `Spec | None` takes None, too.
    """
    if values is None:
        return None
    if typing.get_origin(kind) is types.UnionType:
        kind = typing.get_args(kind)[0]
    if typing.get_origin(kind) in (list, tuple):
        inner = typing.get_args(kind)[0]
        return typing.get_origin(kind)(build(inner, value) for value in values)
    if not dataclasses.is_dataclass(kind):
        return values
    kinds = typing.get_type_hints(kind)
    return kind(**{name: build(kinds.get(name), value) for name, value in values.items()})
