"""Weight files: safetensors whose header says what network they belong to, so that one file is enough.

The header is one JSON object under the key `model`: with several keys their order, and so the file's
bytes, would change from run to run.
"""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from srlib.errors import InputError, shown
from srlib.files import replacing
from srlib.networks import catalog

_FIELDS = {"network": str, "arguments": dict, "scale": int, "spec": object}
_LONGEST_HEADER = 2**20  # characters
_PICKLES = (b"PK\x03\x04", b"\x80\x02\x8a\x0a")  # how files of torch.save begin, new and old ones
RETRAIN = "delete it, then run the same command again to train it anew"
ANOTHER = "give a weight file that a training of this project wrote"


def save(
    path: str | Path, network: nn.Module, name: str, arguments: dict[str, Any], spec: Any, run: Any = None
) -> None:
    """Write the weights of `network` = catalog.build(name, arguments), trained by `spec` (JSON values).

    run: what else decided them (JSON values): seed, device, threads, and the fingerprint of it all.
    Raises InputError if there is a weight that is not finite.
    """
    scale = catalog.scale(name, arguments)
    header = {"network": name, "arguments": arguments, "scale": scale, "spec": spec, "run": run}
    tensors = {key: value.detach().cpu().contiguous() for key, value in network.state_dict().items()}
    if bad := not_finite(tensors):
        raise InputError(
            f"{path}: not written, since training has made {bad} not finite; lower optimizer.learning_rate "
            "or set optimizer.clip_norm"
        )
    data = safetensors.torch.save(tensors, {"model": json.dumps(header, sort_keys=True)})
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def header(path: str | Path, remedy: str = RETRAIN) -> dict[str, Any]:
    """What a weight file says of itself: the arguments of `save`, and `scale`.

    Raises InputError, which ends with the remedy, if it is no weight file of ours.
    """
    return _reading(path, lambda: _header(path), remedy)


def load(path: str | Path, remedy: str = RETRAIN) -> nn.Module:
    """The network of a weight file, on the CPU, in evaluation mode.

    Raises InputError, which ends with the remedy, if the file is damaged, is none of ours, was made by
    other code, or holds values that are not finite: their pictures would be black.
    """
    about = header(path, remedy)
    tensors = _reading(path, lambda: safetensors.torch.load_file(path), remedy)
    if bad := not_finite(tensors):
        raise InputError(f"{path}: {shown(bad)} is not finite, so that all pictures would be black; {remedy}")
    try:
        network = catalog.build(about["network"], about["arguments"])
        network.load_state_dict(tensors)
    except Exception as error:  # whatever hostile arguments lead a network to
        raise InputError(
            f"{path}: does not fit network '{shown(about['network'])}' ({shown(error)}); {remedy}"
        ) from error
    return network.eval()


def start_from(path: str | Path, network: nn.Module, name: str, arguments: dict[str, Any]) -> None:
    """Give the weights of a file to `network` = catalog.build(name, arguments), for a training to start from.

    Raises InputError as `load` does, and if the weights are of another network or other arguments.
    """
    remedy = "give `initial` another weight file"
    about = header(path, remedy)
    if why := catalog.mismatch(name, arguments, about["network"], about["arguments"]):
        raise InputError(f"{path}: weights of {shown(why)}; {remedy}, or the model the same arguments")
    network.load_state_dict(load(path, remedy).state_dict())


def is_pickle(path: str | Path) -> bool:
    """Whether a file is of PyTorch's own kind."""
    with Path(path).open("rb") as file:
        return file.read(4) in _PICKLES


def is_foreign(path: str | Path) -> bool:
    """Whether a file is another project's: of PyTorch's own kind, or safetensors that do not say what for."""
    with contextlib.suppress(OSError, safetensors.SafetensorError):
        if is_pickle(path):
            return True
        with safetensors.safe_open(path, "pt") as file:
            return "model" not in (file.metadata() or {})
    return False


def not_finite(tensors: dict[str, Tensor]) -> str | None:
    """Name of the first tensor with a value that is NaN or infinite."""
    return next((key for key, tensor in tensors.items() if not torch.isfinite(tensor).all()), None)


def _reading(path: str | Path, read: Callable[[], Any], remedy: str) -> Any:
    try:
        return read()
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such weight file; train the model first") from None
    except (safetensors.SafetensorError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise InputError(
            f"{path}: damaged, or not a weight file of this project ({shown(error)}); {remedy}"
        ) from error


def _header(path: str | Path) -> dict[str, Any]:
    with safetensors.safe_open(path, "pt") as file:
        text = (file.metadata() or {})["model"]
    if len(text) > _LONGEST_HEADER:
        raise ValueError(f"its header has {len(text)} characters")
    about = json.loads(text)
    for field, kind in _FIELDS.items():
        if not isinstance(about[field], kind):
            raise TypeError(f"{field} in its header is {about[field]!r}")
    return about
