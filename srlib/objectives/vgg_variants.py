"""The VGG networks of a content loss (Simonyan & Zisserman, ICLR 2015), and torchvision's file of each."""

from dataclasses import dataclass

from srlib.errors import InputError


@dataclass(frozen=True)
class Vgg:
    """One of them.

    convolutions: how many lie before each of its five max-poolings. url, size in bytes, sha256: of its
    ImageNet weights.
    """

    name: str
    label: str
    convolutions: tuple[int, ...]
    url: str
    size: int
    sha256: str

    @property
    def layers(self) -> list[list[int]]:
        """All [i, j] of its phi_{i,j}."""
        return [[i, j] for i, count in enumerate(self.convolutions, 1) for j in range(1, count + 1)]

    def check(self, i: int, j: int) -> None:
        """Raise InputError if it has no phi_{i,j}."""
        if [i, j] not in self.layers:
            counts = ", ".join(map(str, self.convolutions))
            raise InputError(
                f"adversarial.layer: {self.label} has no phi_{{{i},{j}}}; its last is {self.layers[-1]}, and "
                f"for i = 1 ... 5 j goes to {counts}"
            )


_ALL = [
    Vgg(
        "vgg19",
        "VGG-19",
        (2, 2, 4, 4, 4),
        "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
        574_673_361,
        "dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44",
    ),
    Vgg(
        "vgg16",
        "VGG-16",
        (2, 2, 3, 3, 3),
        "https://download.pytorch.org/models/vgg16-397923af.pth",
        553_433_881,
        "397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
    ),
]
VGGS = {vgg.name: vgg for vgg in _ALL}
