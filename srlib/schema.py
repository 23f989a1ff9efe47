"""Values from outside held against a JSON schema, and what is wrong with them in words."""

import contextlib
import difflib
import math
from collections.abc import Iterable, Iterator
from typing import Any

import jsonschema
import yaml

from srlib.errors import InputError

Schema = dict[str, Any]

# JSON counts 6.0 as an integer; range() and file names do not.
_Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)


def check(values: Any, schema: Schema, prefix: str = "config key ") -> None:
    """Raise InputError, naming every wrong key behind the prefix; numbers given as text become numbers.

    Snakemake's command line (`--config 'dataset={train: 12}'`) gives every value of a list or dict
    as text, and YAML reads 1e-4 as one; those are read, in place, where the schema wants something else.
    """
    problems = list(_unnamed(values, prefix))
    if not problems:
        validator = _Validator(schema)
        for error in list(validator.iter_errors(values)):
            if error.validator == "type" and isinstance(error.instance, str) and error.absolute_path:
                _read_text(values, list(error.absolute_path))
        errors = sorted(validator.iter_errors(values), key=lambda error: error.json_path)
        problems = [_explain(error, prefix) for error in errors] or list(_infinite(values, prefix))
    if problems:
        raise InputError("; ".join(problems))


def _unnamed(values: Any, key: str) -> Iterator[str]:
    """Names that YAML has read as numbers, booleans or nothing."""
    if isinstance(values, dict):
        for name, value in values.items():
            if isinstance(name, str):
                yield from _unnamed(value, f"{key}{name}.")
            else:
                hint = {"True": " (YES, ON, true)", "False": " (NO, OFF, false)"}.get(str(name), "")
                yield f"{key}{name}: YAML reads this name{hint} as {name!r}; put it in quotes"


def _infinite(values: Any, key: str) -> Iterator[str]:
    """Numbers that no bound of a schema holds back."""
    items = values.items() if isinstance(values, dict) else enumerate(values)
    for name, value in items:
        if isinstance(value, dict | list):
            yield from _infinite(value, f"{key}{name}.")
        elif isinstance(value, float) and not math.isfinite(value):
            yield f"{key}{name}: {value} is not a finite number"


def _read_text(values: Any, path: list[str | int]) -> None:
    """Replace the text at a path by the number, null or list that it spells."""
    for part in path[:-1]:
        values = values[part]
    text = values[path[-1]]
    with contextlib.suppress(yaml.YAMLError):
        values[path[-1]] = yaml.safe_load(text)
    with contextlib.suppress(ValueError):
        values[path[-1]] = float(text) if isinstance(values[path[-1]], str) else values[path[-1]]


def _explain(error: jsonschema.ValidationError, prefix: str) -> str:
    """A schema error as one sentence with the key's full name."""
    path = [str(part) for part in error.absolute_path]
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        unknown = [name for name in error.instance if name not in known]
        return "; ".join(_unknown(prefix + ".".join([*path, name]), name, known) for name in unknown)
    wants_text = error.validator == "type" and error.validator_value == "string"
    is_other = wants_text and not isinstance(error.instance, dict | list | None)
    quotes = "; put it in quotes" if is_other else ""
    return f"{prefix}{'.'.join(path) or '(top level)'}: {error.message}{quotes}"


def hint(name: str, known: Iterable[str]) -> str:
    """Which of the known names was perhaps meant, as a question; "" where none is like it."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]}?" if close else ""


def _unknown(key: str, name: str, known: list[str]) -> str:
    return f"{key}: unknown key; {hint(name, known) or 'known keys: ' + (', '.join(known) or 'none')}"
