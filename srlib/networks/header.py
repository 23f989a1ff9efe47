"""What a weight file says of itself, read without PyTorch: one JSON object under the key `model`.

With several keys their order, and so the file's bytes, would change from run to run.
"""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import safetensors

from srlib.errors import InputError, shown

Content = TypeVar("Content")

RETRAIN = "delete it, then run the same command again to train it anew"
ANOTHER = "give a weight file that a training of this project wrote"
_FIELDS = {"network": str, "arguments": dict, "scale": int, "spec": object}
_LONGEST = 2**20  # characters
_PICKLES = (b"PK\x03\x04", b"\x80\x02\x8a\x0a")  # how files of torch.save begin, new and old ones


def header(path: str | Path, remedy: str = RETRAIN) -> dict[str, Any]:
    """The arguments that `weights.save` was given, and `scale`.

    Raises InputError, which ends with the remedy, if it is no weight file of ours.
    """
    return reading(path, lambda: _header(path), remedy)


def is_pickle(path: str | Path) -> bool:
    """Whether a file is of PyTorch's own kind."""
    with Path(path).open("rb") as file:
        return file.read(4) in _PICKLES


def is_foreign(path: str | Path) -> bool:
    """Whether a file is another project's: of PyTorch's own kind, or safetensors that do not say what for."""
    with contextlib.suppress(OSError, safetensors.SafetensorError):
        if is_pickle(path):
            return True
        with safetensors.safe_open(path, "np") as file:
            return "model" not in (file.metadata() or {})
    return False


def reading(path: str | Path, read: Callable[[], Content], remedy: str) -> Content:
    """What `read` gives, its errors as an InputError that ends with the remedy."""
    _check_opens(path)
    try:
        return read()
    except (safetensors.SafetensorError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise InputError(
            f"{path}: damaged, or not a weight file of this project ({shown(error)}); {remedy}"
        ) from error


def _check_opens(path: str | Path) -> None:
    """Raise InputError for what cannot be opened, of which safetensors would say that it is not there."""
    try:
        with Path(path).open("rb"):
            pass
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such weight file; train the model first") from None
    except IsADirectoryError:
        raise InputError(f"{path}: a folder, not a weight file; name the weights.safetensors in it") from None
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); grant access to it, or name another file"
        ) from error


def _header(path: str | Path) -> dict[str, Any]:
    with safetensors.safe_open(path, "np") as file:
        text = (file.metadata() or {})["model"]
    if len(text) > _LONGEST:
        raise ValueError(f"its header has {len(text)} characters")
    about = json.loads(text)
    for field, kind in _FIELDS.items():
        if not isinstance(about[field], kind):
            raise TypeError(f"{field} in its header is {about[field]!r}")
    return about
