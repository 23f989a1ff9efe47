"""Megapixels a second of `restore`, beside the usual way: whole pictures in float32, one after the other.

    python -m benchmarks.restore [--network srgan] [--side 256] [--count 8] [--repeats 3] [--device auto]

Both read the same synthetic X-rays (PNG, side x side pixels) and write their x4 pictures with the same
weights, which are random; the two ways alternate, and the medians are compared.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from srlib.networks import catalog, weights
from srlib.phantom.xray import radiograph
from srlib.restore import files, model
from srlib.restore.plan import plan

SCALE = 4
LR = {4: "down4", 2: "down4_up2", 1: "down4_up4"}  # by what the network enlarges


def write_pictures(folder: Path, side: int, count: int) -> list[Path]:
    """Synthetic X-rays as PNG files."""
    folder.mkdir()
    for number in range(count):
        image = Image.fromarray(radiograph(number, "PA", 0, seed=0, size=side))
        image.save(folder / f"{number}.png")
    return sorted(folder.iterdir())


def write_weights(path: Path, network: str) -> Path:
    """A weight file of a network as it starts."""
    arguments = {} if catalog.traits(network).scale else {"scale": SCALE}
    scale = catalog.scale(network, arguments)
    weights.save(path, catalog.build(network, arguments), network, arguments, {"lr": LR[scale]})
    return path


@torch.inference_mode()
def usual(paths: list[Path], chosen: model.Model, folder: Path) -> None:
    """What most code does: open, to float32, whole through the network, to 8 bits, save; then the next."""
    device = next(chosen.network.parameters()).device
    for path in paths:
        image = Image.open(path).convert("L")
        side = [round(length * chosen.enlargement) for length in image.size]
        lr = torch.from_numpy(np.array(image.resize(side, Image.Resampling.BICUBIC), np.float32) / 255)
        sr = chosen.network(lr[None, None].to(device))[0, 0].clamp(0, 1).mul(255).round().byte()
        Image.fromarray(sr.cpu().numpy()).save(folder / path.name)


def ours(paths: list[Path], chosen: model.Model, folder: Path) -> None:
    """The command's own way."""
    files.restore(plan(paths, folder), chosen)


def timed(way: Callable[..., None], *arguments: object) -> float:
    """Seconds that one way takes into an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        way(*arguments, Path(folder))
        return time.perf_counter() - started


def main() -> None:
    """Print a line for each way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--network", default="srgan")
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--count", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--device", default="auto")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = write_pictures(Path(folder, "in"), given.side, given.count)
        chosen = model.load(write_weights(Path(folder, "w.safetensors"), given.network), given.device, "auto")
        seconds = {way: [] for way in (usual, ours)}
        timed(usual, paths[:1], chosen)  # what is done once at the start
        for _ in range(given.repeats):
            for way, taken in seconds.items():
                taken.append(timed(way, paths, chosen))
    megapixels = given.count * (SCALE * given.side) ** 2 / 1e6
    rates = {way: megapixels / statistics.median(taken) for way, taken in seconds.items()}
    device = next(chosen.network.parameters()).device
    print(
        f"{given.network}, {given.count} of {given.side} x {given.side}, x{SCALE}, {device}", file=sys.stderr
    )
    for way, rate in rates.items():
        print(f"{way.__name__:8} {rate:8.2f} megapixels/s  {rate / rates[usual]:5.2f}")


if __name__ == "__main__":
    main()
