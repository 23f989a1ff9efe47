"""PSNR without the pictures' outermost pixels, for each model of a results folder.

    python -m benchmarks.border results/whole-images [--reference linear]

Many X-rays end in a black or white line, a pixel or two wide: the edge of a film or of a detector. It is the
sharpest edge there is, and one that a network foresees. Papers of super-resolution leave out as many pixels
on each side as the scale has, 4; here 0, 4, 8 and 16. The last column is how far a model is above the
reference without 8, with the table's 95 % interval. Means over the test images and all seeds there are.
Then in how many HR pictures two neighbouring lines of the outermost 8 differ in the mean by over 30 levels.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from srlib.data.images import read_manifest, read_pictures
from srlib.evaluation.fidelity import psnr
from srlib.evaluation.pairs import pairs, without_border
from srlib.evaluation.statistics import intervals

BORDERS = [0, 4, 8, 16]  # pixels along each edge
COMPARED = 8
JUMP = 30  # gray levels


def measure(sr_manifests: list[Path], hr_manifest: Path) -> pd.DataFrame:
    """PSNR by image (rows) and border (columns), the mean over a model's seeds."""
    rows = [
        {"image": name} | {n: psnr(without_border(sr, n), without_border(hr, n)) for n in BORDERS}
        for manifest in sr_manifests
        for name, sr, hr in pairs(manifest, hr_manifest)
    ]
    return pd.DataFrame(rows).groupby("image").mean()


def above(values: pd.Series, reference: pd.Series, patients: pd.Series) -> str:
    """The mean difference and its interval, in words."""
    differences = (values - reference).to_frame("psnr")
    low, high = intervals(differences, patients).loc["psnr"]
    return f"{differences['psnr'].mean():+.2f} [{low:+.2f}, {high:+.2f}]"


def ends_in_a_line(picture: np.ndarray) -> bool:
    """Whether the mean gray level jumps from one line to the next within `COMPARED` of an edge (H, W)."""
    sides = (picture, picture[::-1], picture.T, picture.T[::-1])
    return any(np.abs(np.diff(side[: COMPARED + 1].mean(axis=1))).max() > JUMP for side in sides)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="a results folder")
    parser.add_argument("--reference", default="linear", metavar="MODEL")
    given = parser.parse_args()
    hr_manifest = given.results / "hr" / "test.manifest.csv"
    patients = pd.Series({row["name"]: row["patient"] for row in read_manifest(hr_manifest)})

    models = sorted({path.parts[-3] for path in given.results.glob("models/*/seed*/sr.manifest.csv")})
    if given.reference not in models:
        parser.error(f"--reference {given.reference}: no restored pictures in {given.results / 'models'}")
    of = {
        model: measure(sorted(given.results.glob(f"models/{model}/seed*/sr.manifest.csv")), hr_manifest)
        for model in models
    }
    columns = ["whole pictures (dB)", *(f"without {border}" for border in BORDERS[1:])]
    print(f"| model | {' | '.join(columns)} | above {given.reference}, without {COMPARED} |")
    print(f"|---|{'---:|' * (len(columns) + 1)}")
    for model, values in of.items():
        cells = " | ".join(f"{value:.2f}" for value in values.mean())
        print(f"| {model} | {cells} | {above(values[COMPARED], of[given.reference][COMPARED], patients)} |")
    lines = [ends_in_a_line(picture.pixels) for picture in read_pictures(hr_manifest)]
    print(f"\n{sum(lines)} of {len(lines)} HR pictures end in a line.")


if __name__ == "__main__":
    main()
