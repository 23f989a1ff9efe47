"""What bfloat16 changes in restored pictures, for each trained model of a results folder.

    python -m benchmarks.precision results/whole-images

Each seed restores the first test images in float32 and in bfloat16: how many of the 8-bit pixels differ
by more than one gray level, the PSNR that is lost, and how many times as fast it is.
"""

import argparse
import itertools
import time
from pathlib import Path

import numpy as np
from skimage.metrics import peak_signal_noise_ratio

from srlib import device as devices
from srlib.data.images import read_pictures
from srlib.inference import eight_bit, restore
from srlib.networks.header import header
from srlib.networks.weights import load


def measure(weights: Path, count: int, device: str) -> tuple[float, float, float]:
    """Share of the pixels that differ by more than a gray level, PSNR lost in dB, and times as fast."""
    results, folder = weights.parents[3], header(weights)["spec"]["lr"]
    network = load(weights).to(devices.choose(device))
    taken, differing, lost = dict.fromkeys(("float32", "bfloat16"), 0.0), [], []
    manifests = (results / "lr" / folder / "test.manifest.csv", results / "hr" / "test.manifest.csv")
    for lr, hr in itertools.islice(zip(*map(read_pictures, manifests), strict=True), count):
        srs = []
        for precision in taken:
            started = time.perf_counter()
            srs.append(eight_bit(restore(network, lr.pixels, precision=precision), lr.name))
            taken[precision] += time.perf_counter() - started
        differing.append(np.mean(np.abs(srs[0].astype(int) - srs[1]) > 1))
        lost.append(np.subtract(*(peak_signal_noise_ratio(hr.pixels, sr) for sr in srs)))
    return float(np.mean(differing)), float(np.mean(lost)), taken["float32"] / taken["bfloat16"]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="a results folder")
    parser.add_argument("--count", type=int, default=20, help="test images")
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    given = parser.parse_args()
    print("| model | pixels more than one gray level apart | PSNR lost (dB) | times as fast |")
    print("|---|---:|---:|---:|")
    for weights in sorted(given.results.glob("models/*/seed*/weights.safetensors")):
        if header(weights)["spec"].get("training"):
            differing, lost, faster = measure(weights, given.count, given.device)
            print(
                f"| {weights.parts[-3]}, {weights.parts[-2]} | {differing:.3%} | {lost:.3f} | {faster:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
