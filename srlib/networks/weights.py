"""Weight files: safetensors whose header says what network they belong to, so that one file is enough."""

import json
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn

from srlib.errors import InputError, shown
from srlib.files import replacing
from srlib.networks import catalog
from srlib.networks.header import RETRAIN, header, reading


def save(
    path: str | Path, network: nn.Module, name: str, arguments: dict[str, Any], spec: Any, run: Any = None
) -> None:
    """Write the weights of `network` = catalog.build(name, arguments), trained by `spec` (JSON values).

    run: what else decided them (JSON values): seed, device, threads, and the fingerprint of it all.
    Raises InputError if there is a weight that is not finite.
    """
    scale = catalog.scale(name, arguments)
    about = {"network": name, "arguments": arguments, "scale": scale, "spec": spec, "run": run}
    tensors = {key: value.detach().cpu().contiguous() for key, value in network.state_dict().items()}
    if bad := not_finite(tensors):
        raise InputError(
            f"{path}: not written, since training has made {bad} not finite; lower optimizer.learning_rate "
            "or set optimizer.clip_norm"
        )
    data = safetensors.torch.save(tensors, {"model": json.dumps(about, sort_keys=True)})
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def load(path: str | Path, remedy: str = RETRAIN) -> nn.Module:
    """The network of a weight file, on the CPU, in evaluation mode.

    Raises InputError, which ends with the remedy, if the file is damaged, is none of ours, was made by
    other code, or holds values that are not finite: their pictures would be black.
    """
    about = header(path, remedy)
    tensors = reading(path, lambda: safetensors.torch.load_file(path), remedy)
    if bad := not_finite(tensors):
        raise InputError(f"{path}: {shown(bad)} is not finite, so that all pictures would be black; {remedy}")
    try:
        network = catalog.build(
            about["network"], catalog.of_weights(about["network"], about["arguments"], path)
        )
        network.load_state_dict(tensors)
    except Exception as error:  # whatever hostile arguments lead a network to
        raise InputError(
            f"{path}: does not fit network '{shown(about['network'])}' ({shown(error)}); {remedy}"
        ) from error
    return network.eval()


def build_from(path: str | Path, name: str, arguments: dict[str, Any]) -> nn.Module:
    """The network catalog.build(name, arguments) with the weights of a file, for a training to start from.

    Raises InputError as `load` does, and if the weights are of another network or other arguments.
    """
    if catalog.traits(name).trained is None:
        return catalog.build(name, catalog.of_weights(name, arguments, path))
    remedy = "give `initial` another weight file"
    about = header(path, remedy)
    if why := catalog.mismatch(name, arguments, about["network"], about["arguments"]):
        raise InputError(f"{path}: weights of {shown(why)}; {remedy}, or the model the same arguments")
    network = catalog.build(name, arguments)
    network.load_state_dict(load(path, remedy).state_dict())
    return network


def not_finite(tensors: dict[str, Tensor]) -> str | None:
    """Name of the first tensor with a value that is NaN or infinite."""
    return next((key for key, tensor in tensors.items() if not torch.isfinite(tensor).all()), None)
