"""Weight files and pictures made for the tests of `restore`, and the command itself."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

from srlib.__main__ import main
from srlib.networks import catalog, weights

ROOT = Path(__file__).parents[1]
# Network -> its scale, the LR variant that it takes at x4, its arguments.
NETWORKS = {
    "linear": (4, "down4", {"scale": 4}),
    "srgan": (4, "down4", {"scale": 4}),
    "hybrid": (2, "down4_up2", {}),
    "vdsr": (1, "down4_up4", {}),
}


def write_weights(path, name="linear", **spec):
    """A weight file as training writes it. `linear` only repeats each pixel, so that SR is known."""
    scale, lr, arguments = NETWORKS[name]
    torch.manual_seed(0)
    network = catalog.build(name, arguments)
    if name == "vdsr":
        network.residual[-1].weight.data *= 0.1  # as small as what a trained one adds
    weights.save(path, network, name, arguments, {"lr": lr, "scale": scale} | spec)
    return path


def repeated(pixels, scale=4):
    """What `linear` as it starts makes of a picture."""
    return pixels.repeat(scale, 0).repeat(scale, 1)


def random_pixels(shape=(37, 101), dtype=np.uint8, seed=0):
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max + 1, shape, dtype)


def restore(*arguments):
    """The command's exit code, in this process."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        return main(["restore", *map(str, arguments)])
    except SystemExit as end:
        return end.code
    finally:
        signal.signal(signal.SIGTERM, before)


def start(*arguments, **options):
    """The command as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "srlib", "restore", *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
