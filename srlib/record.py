"""What a result was made with, in a small file beside it: `table.csv` has `table.csv.made.json`.

It is the run's own memory. Captions are made from it, never from the config of whoever asks, and it
goes where the results go, which Snakemake's metadata does not. The result itself does not hold it, so
that the same pictures made with other settings are the same to the stages behind.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from srlib.errors import InputError
from srlib.files import replacing, sha256

Record = dict[str, Any]

# Larger files are the release's archives: named by their size, since reading them takes as long as the work.
_HASHED = 2**28  # bytes


def write(
    result: str | Path, params: Mapping[str, Any], wildcards: Mapping[str, str], inputs: Sequence[str | Path]
) -> None:
    """Write the record of a result: params (JSON texts become what they say), wildcards, inputs' content."""
    folder = Path(result).parent
    record = {
        "params": {name: _parsed(value) for name, value in params.items()},
        "wildcards": dict(wildcards),
        "inputs": {os.path.relpath(path, folder): _content(Path(path)) for path in inputs},
    }
    with replacing(_path(result)) as temporary:
        temporary.write_text(json.dumps(record, indent=1, sort_keys=True, default=str), encoding="utf-8")


def read(result: str | Path) -> Record | None:
    """`params`, `wildcards` and `inputs` of a result; None if it has no record."""
    try:
        return json.loads(_path(result).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def recall(result: str | Path) -> Record:
    """`read`, where there must be a record. Raises InputError if there is none."""
    if (record := read(result)) is None:
        raise InputError(
            f"{result}: no record of what it was made with ({_path(result).name}); delete it and run "
            "snakemake again"
        )
    return record


def differences(result: str | Path, params: Mapping[str, Any]) -> list[str]:
    """What a result was made with in place of these params, in words; nothing without a record."""
    made = (read(result) or {"params": {}})["params"]
    wanted = {name: _parsed(value) for name, value in params.items() if name in made}
    lines = [line for name in wanted for line in _differences(name, made[name], wanted[name])]
    return list(dict.fromkeys(lines))


def require(result: str | Path, params: Mapping[str, Any]) -> None:
    """Raise InputError if a result has no record, or was made with other params than these."""
    recall(result)
    if others := differences(result, params):
        raise InputError(
            f"{result}: made with other settings than the config's: {'; '.join(others)}; delete it and run "
            "snakemake again"
        )


def _differences(name: str, made: Any, wanted: Any) -> list[str]:
    if isinstance(made, dict) and isinstance(wanted, dict):
        keys = sorted(made.keys() | wanted.keys())
        return [line for key in keys for line in _differences(key, made.get(key), wanted.get(key))]
    if isinstance(made, list) and isinstance(wanted, list) and len(made) == len(wanted):
        return [line for pair in zip(made, wanted, strict=True) for line in _differences(name, *pair)]
    return [] if made == wanted else [f"{name} {json.dumps(made)}, not {json.dumps(wanted)}"]


def forget(result: str | Path) -> None:
    """Remove the record of a result that is made anew."""
    _path(result).unlink(missing_ok=True)


def check(result: str | Path) -> None:
    """Raise InputError if what a result was made of has changed since, and it was not made anew."""
    record = read(result)
    for name, content in (record["inputs"] if record else {}).items():
        origin = Path(os.path.normpath(Path(result).parent / name))
        if origin.is_file() and _content(origin) != content:
            raise InputError(
                f"{result}: made of another {origin} than the one that is there; delete {result} and run "
                "snakemake again"
            )


def _path(result: str | Path) -> Path:
    return Path(f"{result}.made.json")


def _parsed(value: Any) -> Any:
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value


def _content(path: Path) -> str | None:
    """sha256 of a file, or its size where it is large; None for a folder."""
    if not path.is_file():
        return None
    if (size := path.stat().st_size) > _HASHED:
        return f"{size} bytes"
    return sha256(path)
