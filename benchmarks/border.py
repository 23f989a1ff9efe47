"""PSNR without the pictures' outermost pixels, for each model of a results folder.

    python -m benchmarks.border results/whole-images [--reference linear]

Many X-rays end in a black or white line, a pixel or two wide: the edge of a film or of a detector. It is the
sharpest edge there is, and one that a network foresees. Papers of super-resolution leave out as many pixels
on each side as the scale has, 4; here 0, 4, 8 and 16. The last column is how far a model is above the
reference without 8, with the table's 95 % interval. Means over the test images and all seeds there are.
"""

import argparse
from pathlib import Path

import pandas as pd

from srlib.data.images import read_manifest
from srlib.evaluation.fidelity import psnr
from srlib.evaluation.pairs import pairs, without_border
from srlib.evaluation.statistics import intervals

BORDERS = [0, 4, 8, 16]  # pixels along each edge
COMPARED = 8


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


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="a results folder")
    parser.add_argument("--reference", default="linear", metavar="MODEL")
    given = parser.parse_args()
    hr_manifest = given.results / "hr" / "test.manifest.csv"
    patients = pd.Series({row["name"]: row["patient"] for row in read_manifest(hr_manifest)})

    def of(model: str) -> pd.DataFrame:
        return measure(sorted(given.results.glob(f"models/{model}/seed*/sr.manifest.csv")), hr_manifest)

    reference = of(given.reference)
    print(
        "| model | whole pictures (dB) |" + "".join(f" without {margin} |" for margin in BORDERS[1:]), end=""
    )
    print(f" above {given.reference}, without {COMPARED} |\n|---|{'---:|' * (len(BORDERS) + 1)}")
    for model in sorted({path.parts[-3] for path in given.results.glob("models/*/seed*/sr.manifest.csv")}):
        values = of(model)
        cells = " | ".join(f"{value:.2f}" for value in values.mean())
        print(f"| {model} | {cells} | {above(values[COMPARED], reference[COMPARED], patients)} |", flush=True)


if __name__ == "__main__":
    main()
