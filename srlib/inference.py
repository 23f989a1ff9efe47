"""Inference: SR pictures from LR pictures."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from srlib import device as devices
from srlib.data.images import Picture, read_pictures, write_pictures
from srlib.networks import catalog
from srlib.networks.weights import load
from srlib.specs.network import NetworkSpec


@torch.inference_mode()
def restore(network: nn.Module, lr: np.ndarray, device: torch.device) -> np.ndarray:
    """SR picture of an LR picture: uint8 (h, w) -> uint8 (H, W), clamped to [0, 255] and rounded.

    The network must be on the device and in evaluation mode. It runs in float32.
    """
    x = torch.tensor(lr, device=device)[None, None].float() / 255
    return (network(x)[0, 0] * 255).clamp(0, 255).round().to(torch.uint8).cpu().numpy()


def restore_folder(
    lr_manifest: str, sr_manifest: str, spec: NetworkSpec, weights: str | None, device: str
) -> None:
    """Restore the pictures of a manifest with one model, and write the SR pictures and their manifest.

    weights: file of the trained weights, None for a network without any.
    """
    place = devices.choose(device)
    network = catalog.build(spec.network, spec.arguments).eval() if weights is None else load(weights)
    network.to(place)

    def pictures() -> Iterator[Picture]:
        for picture in read_pictures(lr_manifest):
            yield picture._replace(pixels=restore(network, picture.pixels, place))

    write_pictures(pictures(), sr_manifest)
