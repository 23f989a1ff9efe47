"""SRGAN's discriminator: Ledig et al., CVPR 2017, figure 4."""

import itertools
import math

import torch
from torch import Tensor, nn


class Discriminator(nn.Module):
    """Logits that a picture is HR and not SR: (N, 1, side, side) in [0, 1] -> (N, 1).

    Inside, the paper's three channels in [-1, 1]. The dense layer ties it to one picture side; at 256
    it has 138.9 M parameters, 134.2 M of them there.
    """

    def __init__(self, side: int) -> None:
        super().__init__()
        layers = [nn.Conv2d(3, 64, 3, padding=1), nn.LeakyReLU(0.2, inplace=True)]
        widths = [64, 64, 128, 128, 256, 256, 512, 512]
        for number, (inputs, outputs) in enumerate(itertools.pairwise(widths)):
            layers += [
                nn.Conv2d(inputs, outputs, 3, stride=2 - number % 2, padding=1),
                nn.BatchNorm2d(outputs),
                nn.LeakyReLU(0.2, inplace=True),
            ]
        self.features = nn.Sequential(*layers)  # (N, 512, last, last)
        last = math.ceil(side / 16)  # four strides, each of which rounds up
        self.decision = nn.Sequential(
            nn.Flatten(), nn.Linear(512 * last**2, 1024), nn.LeakyReLU(0.2), nn.Linear(1024, 1)
        )

    def forward(self, *pictures: Tensor) -> Tensor:
        """Logits of one or several batches, one after the other.

        BatchNorm sees each batch alone; the dense layers, whose gradients are large, see them at once.
        """
        features = [self.features((2 * picture - 1).expand(-1, 3, -1, -1)) for picture in pictures]
        return self.decision(torch.cat(features))
