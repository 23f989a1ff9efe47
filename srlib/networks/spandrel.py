"""Any network for super-resolution that the package spandrel knows (ESRGAN, SwinIR, HAT, ...), from a model
file of another project, or from what was trained from one here; which network it is, names and shapes of the
tensors tell.

Tensors are all that is taken from a file: no pickle is run.
"""

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import safetensors.torch
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srlib.errors import InputError, shown
from srlib.networks import catalog, weights
from srlib.networks.header import is_pickle

if TYPE_CHECKING:
    from spandrel import ImageModelDescriptor

SCALE = None  # the file's, which must be the argument `scale`
RECEPTIVE_FIELD = None  # not known
SIZE_MULTIPLE = 1  # what more it needs is padded inside
TRAINED = None  # as its entry says, from the file's weights

_CHANNELS = {1, 3}
_OURS = "network."  # what the name of every tensor of a `Foreign` begins with


class Foreign(nn.Module):
    """(N, 1, h, w) in [0, 1] -> (N, 1, scale h, scale w), clamped to [0, 1], but for training.

    A network for RGB gets the gray picture three times, and its three outputs are averaged.
    """

    def __init__(self, model: "ImageModelDescriptor") -> None:
        super().__init__()
        self.network = model.model
        self.model = model  # what to know of it
        self.scale, self.name = model.scale, model.architecture.name
        self.traits = catalog.traits("spandrel")

    def forward(self, lr: Tensor) -> Tensor:
        height, width = (side * self.scale for side in lr.shape[-2:])
        padded = _padded(lr, *self.model.size_requirements.get_padding(lr.shape[-1], lr.shape[-2]))
        # Not the descriptor's own call, which lets no gradient through; this is what it calls, and no more
        # public: it knows the ranges and the extra inputs and outputs of some networks.
        rgb = self.model._call_fn(self.network, padded.expand(-1, self.model.input_channels, -1, -1))
        rgb = rgb[..., :height, :width]
        return (rgb if self.training else rgb.clamp(0, 1)).mean(1, keepdim=True)


def _padded(lr: Tensor, right: int, below: int) -> Tensor:
    """With more columns and rows: mirrored as far as the picture goes, then repeated, as spandrel does it."""
    mirrored = [min(more, side - 1) for more, side in [(right, lr.shape[-1]), (below, lr.shape[-2])]]
    lr = F.pad(lr, (0, mirrored[0], 0, mirrored[1]), "reflect")
    return F.pad(lr, (0, right - mirrored[0], 0, below - mirrored[1]), "replicate")


def load(file: str | Path) -> Foreign:
    """The network of a model file, another project's or ours, on the CPU, in evaluation mode.

    Raises InputError if spandrel is missing, if the file is none, holds more than tensors or values that are
    not finite, or if its network does not make gray or RGB pictures of such pictures.
    """
    if importlib.util.find_spec("spandrel") is None:
        raise InputError(f"{file}: needs the package spandrel: run `make spandrel`, or pip install it")
    import spandrel

    tensors = spandrel.canonicalize_state_dict(_tensors(file))
    if bad := weights.not_finite({key: value for key, value in tensors.items() if torch.is_tensor(value)}):
        raise InputError(f"{file}: {shown(bad)} is not finite; get the file anew")
    try:
        model = spandrel.ModelLoader().load_from_state_dict(tensors)
    except spandrel.UnsupportedModelError:
        raise InputError(f"{file}: of no network that spandrel {spandrel.__version__} knows") from None
    except Exception as error:  # whatever odd tensors lead a network to
        raise InputError(f"{file}: does not fit the network that it is of ({shown(error)})") from error
    if not isinstance(model, spandrel.ImageModelDescriptor) or model.purpose == "FaceSR":
        raise InputError(f"{file}: its network, {model.architecture.name}, is for {model.purpose}")
    if not {model.input_channels, model.output_channels} <= _CHANNELS:
        raise InputError(f"{file}: takes {model.input_channels} channels, where gray or RGB is needed")
    return Foreign(model.float()).eval()


def _tensors(file: str | Path) -> dict[str, Tensor]:
    """By the names that they have in their network, where they are of a `Foreign`, too."""
    try:
        if is_pickle(file):
            return torch.load(file, map_location="cpu", weights_only=True)
        tensors = safetensors.torch.load_file(file)
        ours = all(key.startswith(_OURS) for key in tensors)
        return {key.removeprefix(_OURS): value for key, value in tensors.items()} if ours else tensors
    except FileNotFoundError:
        raise InputError(f"{file}: there is no such model file") from None
    except Exception as error:  # whatever the damage leads torch to, whose own words advise to trust the file
        raise InputError(
            f"{file}: damaged, or neither safetensors nor a PyTorch file that holds tensors alone; nothing "
            "else is read, for it could run code: get it as safetensors"
        ) from error


def build(file: Path, scale: int) -> Foreign:
    """The network of `file`, which must enlarge by `scale`."""
    network = load(file)
    if network.scale != scale:
        raise InputError(
            f"{file}: its network enlarges {network.scale} times, but its LR variant needs {scale}; choose "
            "another file, `lr` or `scale`"
        )
    return network
