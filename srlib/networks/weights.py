"""Weight files: safetensors whose header says what network they belong to, so that one file is enough.

The header is one JSON object under the key `model`: with several keys their order, and so the file's
bytes, would change from run to run.
"""

import json
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
from torch import nn

from srlib.errors import InputError
from srlib.files import replacing
from srlib.networks import catalog


def save(path: str | Path, network: nn.Module, name: str, arguments: dict[str, Any], spec: Any) -> None:
    """Write the weights of `network` = catalog.build(name, arguments), trained by `spec` (JSON values)."""
    scale = catalog.traits(name).scale or arguments["scale"]
    header = {"network": name, "arguments": arguments, "scale": scale, "spec": spec}
    tensors = {key: value.detach().cpu().contiguous() for key, value in network.state_dict().items()}
    with replacing(path) as temporary:
        safetensors.torch.save_file(tensors, temporary, {"model": json.dumps(header, sort_keys=True)})


def header(path: str | Path) -> dict[str, Any]:
    """What a weight file says of itself: `network`, `arguments`, `scale`, `spec`."""
    try:
        with safetensors.safe_open(path, "pt") as file:
            return json.loads((file.metadata() or {})["model"])
    except (safetensors.SafetensorError, KeyError, json.JSONDecodeError) as error:
        raise InputError(f"{path}: not a weight file of this project ({error}); train it again") from None
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such weight file; train the model first") from None


def load(path: str | Path) -> nn.Module:
    """The network of a weight file, on the CPU, in evaluation mode.

    Raises InputError if the file is damaged, is none of ours, or was made by other code.
    """
    about = header(path)
    network = catalog.build(about["network"], about["arguments"])
    try:
        network.load_state_dict(safetensors.torch.load_file(path))
    except (safetensors.SafetensorError, RuntimeError) as error:
        raise InputError(
            f"{path}: does not fit network '{about['network']}' ({error}); train it again"
        ) from None
    return network.eval()
