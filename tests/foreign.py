"""Networks of other projects and their model files, with random weights. Needs the package spandrel."""

import safetensors.torch
import torch
from spandrel.architectures.Compact import Compact
from spandrel.architectures.SPAN import SPAN
from spandrel.architectures.SwinIR import SwinIR


def compact(channels=3, scale=4, **more):
    torch.manual_seed(0)
    network = Compact(num_in_ch=channels, num_out_ch=channels, num_feat=8, num_conv=2, upscale=scale, **more)
    return network.eval()


def swin():
    """For gray pictures whose sides are multiples of 8, at x2; drops paths by chance while it trains."""
    torch.manual_seed(0)
    parts = {"depths": [2], "num_heads": [2], "embed_dim": 8, "window_size": 8, "upscale": 2}
    return SwinIR(in_chans=1, img_size=16, upsampler="pixelshuffledirect", **parts).eval()


def span():
    """For RGB at x2; some of its weights are made of others when it restores, and are idle in training."""
    torch.manual_seed(0)
    return SPAN(num_in_ch=3, num_out_ch=3, feature_channels=8, upscale=2).eval()


def written(path, network):
    """The file of a network: safetensors, or PyTorch's own kind by another ending."""
    if path.suffix == ".safetensors":
        safetensors.torch.save_file(network.state_dict(), path)
    else:
        torch.save({"params_ema": network.state_dict(), "iter": 7}, path)
    return path
