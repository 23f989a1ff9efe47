"""VGG-19 features phi_{i,j} for SRGAN's content loss, through torchvision's network and weight file."""

import hashlib
from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision.models.vgg import cfgs, make_layers

from srlib.errors import InputError

URL = "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth"
BYTES = 574_673_361
SHA256 = "dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44"

CONVOLUTIONS = (2, 2, 4, 4, 4)  # in blocks 1 ... 5
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
FEATURE_SCALE = 1 / 12.75  # SRGAN, section 3.2


class VGG19Features(nn.Module):
    """phi_{i,j}: the j-th convolution before the i-th max-pooling, after activation, times 1/12.75.

    (N, 1, H, W) in [0, 1] -> (N, C, H / 2^(i-1), W / 2^(i-1)). Gray is replicated to three channels
    and normalised as ImageNet. The weights are fixed; gradients reach the input only.

    file: a torchvision state dict of vgg19, or None for random weights (He et al., always the same).
    Raises InputError for a layer that VGG-19 does not have, or a file that does not hold it.
    """

    def __init__(self, i: int, j: int, file: str | Path | None = None) -> None:
        super().__init__()
        depth = _depth(i, j)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.features = make_layers(cfgs["E"], batch_norm=False)[:depth]
            for layer in self.features:
                if isinstance(layer, nn.Conv2d):
                    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                    nn.init.zeros_(layer.bias)
        if file is not None:
            self._load(file)
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(IMAGENET_STD).view(1, 3, 1, 1))
        self.requires_grad_(False).eval()

    def forward(self, picture: Tensor) -> Tensor:
        return FEATURE_SCALE * self.features((picture - self.mean) / self.std)

    def _load(self, file: str | Path) -> None:
        remedy = "give torchvision's vgg19 weight file, or set adversarial.weights to untrained"
        try:
            state = torch.load(file, map_location="cpu", weights_only=True, mmap=True)
            wanted = self.features.state_dict()
            self.features.load_state_dict({key: state[f"features.{key}"] for key in wanted})
        except FileNotFoundError:
            raise InputError(f"{file}: there is no such file; {remedy}") from None
        except Exception as error:  # torch.load raises whatever the damage leads it to
            raise InputError(f"{file}: does not hold VGG-19's features ({error}); {remedy}") from None


def _depth(i: int, j: int) -> int:
    """How many of torchvision's layers lead to phi_{i,j}: conv and ReLU each, a pooling per block."""
    if not (1 <= i <= 5 and 1 <= j <= CONVOLUTIONS[i - 1]):
        raise InputError(
            f"adversarial.layer: VGG-19 has no phi_{{{i},{j}}}; j goes to {CONVOLUTIONS} for i = 1 ... 5"
        )
    return 2 * (sum(CONVOLUTIONS[: i - 1]) + j) + (i - 1)


def check_imagenet(file: str | Path) -> None:
    """Raise InputError unless the file is torchvision's ImageNet weights, byte for byte."""
    with Path(file).open("rb") as data:
        found = hashlib.file_digest(data, "sha256").hexdigest()
    if found != SHA256:
        raise InputError(f"{file}: sha256 {found} is not that of {URL}; delete it and fetch it again")
