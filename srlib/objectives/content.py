"""Features for SRGAN's content loss: VGG's, or the pixels themselves."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from srlib.device import autocast
from srlib.objectives.losses import Features
from srlib.training.data import Batch, Pictures, to_unit

# Features of all HR pictures are computed once and kept if they take no more than this.
KEEP_BYTES = 2**30


def pixels(picture: Tensor) -> Tensor:
    """SRGAN-MSE's features: the pixels themselves, in the [-1, 1] of SRGAN's HR."""
    return 2 * picture - 1


def features(
    settings: dict[str, Any], device: torch.device, precision: str, file: str | Path | None
) -> Features:
    """The features as the config's `adversarial` says; file: VGG's weights, if needed."""
    if settings["content"] == "mse":
        return pixels
    from srlib.objectives import vgg  # here, because torchvision takes long to import

    if settings["weights"] == "imagenet":
        vgg.check_imagenet(settings["network"], file)
    network = vgg.VGGFeatures(settings["network"], *settings["layer"], file=file)
    network = network.to(device, memory_format=torch.channels_last)

    def of_picture(picture: Tensor) -> Tensor:
        with autocast(device, precision):
            return network(picture).float()

    return of_picture


@torch.no_grad()
def of_hr(features: Features, pictures: Pictures, batch: int, constant: bool) -> Callable[[Batch], Tensor]:
    """Features of a batch's HR pictures: looked up where they are constant and fit.

    batch: how many pictures to pass at once; constant: whether steps see whole pictures, as they are.
    """

    def of_batch(batch: Batch) -> Tensor:
        with torch.no_grad():
            return features(batch.hr)

    if features is pixels or not constant:
        return of_batch
    first = features(to_unit(pictures.hr[:1]))
    if first.nbytes * len(pictures.hr) > KEEP_BYTES:
        return of_batch
    kept = torch.cat([features(to_unit(part)) for part in pictures.hr.split(batch)])
    return lambda batch: kept[batch.index]
