"""Weight files as ONNX files."""

import importlib.util
import json
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import nn

from srlib.errors import InputError, shown
from srlib.files import replacing, sha256
from srlib.networks import weights
from srlib.networks.header import ANOTHER, header

USE = "Restoration, not for diagnosis: the detail in its pictures is estimated, not measured."
_PACKAGES = ("onnx", "onnxruntime", "onnxscript")
_TOLERANCE = 1e-5  # of pictures in [0, 1]


def export(path: str | Path, output: str | Path | None = None) -> tuple[Path, float]:
    """Write the network of a weight file as ONNX, for any number of pictures of any size.

    output: the file; None: beside the weights. It takes `lr`, float32 (n, 1, h, w) in [0, 1], and gives
    `sr` (n, 1, H, W), to be clamped to [0, 1]; its metadata says what LR pictures it wants (`lr`) and what
    it was made of. Returns the file and the largest difference of onnxruntime's pictures from PyTorch's.
    Raises InputError if the weights cannot be read or the network not be exported, if a package is missing,
    or if onnxruntime's pictures differ by more than 1e-5; then nothing is written.
    """
    output = Path(output or Path(path).with_suffix(".onnx"))
    if output.suffix != ".onnx":
        raise InputError(f"{output}: name an ONNX file, whose name ends in .onnx")
    if missing := [package for package in _PACKAGES if importlib.util.find_spec(package) is None]:
        raise InputError(f"ONNX needs {', '.join(missing)}: run `make onnx`, or pip install them")
    network, about = weights.load(path, ANOTHER), header(path, ANOTHER)
    model = _convert(network, about["network"])
    _describe(model, network, about, sha256(path))
    content = model.SerializeToString()
    difference = _difference(content, network)
    if difference > _TOLERANCE:
        raise InputError(
            f"{path}: onnxruntime's pictures differ from PyTorch's by up to {difference:.1e}, not written; "
            f"network {about['network']} does not convert with these versions of {', '.join(_PACKAGES)}"
        )
    with replacing(output) as temporary:
        temporary.write_bytes(content)
    return output, difference


def _convert(network: nn.Module, name: str) -> Any:
    """The network as an onnx.ModelProto whose N, H and W are free."""
    multiple = network.traits.size_multiple
    sides = {axis: torch.export.Dim(letter) * multiple for axis, letter in [(2, "h"), (3, "w")]}
    example = torch.rand(2, 1, 8 * multiple, 9 * multiple)  # sides of 0 and 1 would be taken for fixed
    _check_still(network, example, name)
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # of torch about itself
            program = torch.onnx.export(
                network,
                (example,),
                input_names=["lr"],
                output_names=["sr"],
                dynamic_shapes=({0: torch.export.Dim("n")} | sides,),
                dynamo=True,
                verbose=False,
            )
    except torch.onnx.OnnxExporterError as error:
        reason = str(error.__cause__ or error).partition("\n")[0]
        raise InputError(f"network {name}: cannot be exported for pictures of any size ({reason})") from None
    return program.model_proto


def _check_still(network: nn.Module, example: torch.Tensor, name: str) -> None:
    """Raise InputError for a network that makes some weights of others as it computes (SPAN), at which
    torch.export crashes.
    """
    places = [parameter.data_ptr() for parameter in network.parameters()]
    with torch.no_grad():
        network(example)
    if places != [parameter.data_ptr() for parameter in network.parameters()]:
        raise InputError(f"network {name}: sets its own weights as it computes, so it cannot be exported")


def _describe(model: Any, network: nn.Module, about: dict[str, Any], digest: str) -> None:
    """Metadata, in place of what PyTorch notes of its own files and of the machine's folders."""
    import onnx

    for part in (*model.graph.node, *model.graph.input, *model.graph.output, *model.graph.value_info):
        del part.metadata_props[:]
    traits, spec = network.traits, about["spec"]
    properties = {
        "use": USE,
        "network": about["network"],
        "arguments": json.dumps(about["arguments"], sort_keys=True),
        "scale": about["scale"],
        "lr": spec.get("lr", "unknown") if isinstance(spec, dict) else "unknown",
        "receptive_field": traits.receptive_field or "the whole picture",
        "size_multiple": traits.size_multiple,
        "weights_sha256": digest,
    }
    onnx.helper.set_model_props(model, {key: str(value) for key, value in properties.items()})


def _difference(content: bytes, network: nn.Module) -> float:
    """The largest difference between onnxruntime's and PyTorch's SR, at other sizes than the example's.

    Relative to the largest pixel, where that is above 1: an untrained network may be far from [0, 1].
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    multiple, generator = network.traits.size_multiple, torch.Generator().manual_seed(0)
    differences = []
    for count, height, width in [(1, 13, 30), (3, 24, 11)]:
        lr = torch.rand(count, 1, height * multiple, width * multiple, generator=generator)
        try:
            (found,) = session.run(None, {"lr": lr.numpy()})
        except Exception as error:  # of onnxruntime, whose errors have no base of their own
            raise InputError(
                f"the network cannot be exported for pictures of any size (onnxruntime: {shown(error)})"
            ) from error
        with torch.no_grad():
            sr = network(lr)
        difference = (sr - torch.from_numpy(found)).abs().max() / sr.abs().max().clamp(min=1)
        differences.append(difference.item())
    return max(differences)
