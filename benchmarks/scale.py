"""Time and peak memory of each stage of the workflow as the number of images grows.

    python -m benchmarks.scale [100 1000 5000] [--size 256] [--cores 2] [--folder FOLDER]

Each number is a whole run on that many synthetic X-rays of 1024 x 1024 out of twelve archives like the
release's, 40 % of them for training and the rest for testing: all models of config.yaml that are not trained
step by step, with every table, figure and page. A network's step takes as long whatever the number
(benchmarks/train_step.py). The figures are those of Snakemake's `benchmark:` files: seconds, summed over a
stage's jobs, and the memory of the largest, which is looked at every half second. The last two columns are
how the time grew from the first run to the last, as a power of the number of images, where 1 is linear, and
by how much memory each image more raised the peak. Below 1,000 images the start of the jobs hides both.
`--size` is the HR side. The folder is a temporary one if none is given; 5,000 images take 8 GB.
"""

import argparse
import csv
import io
import math
import subprocess
import sys
import tarfile
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml
from PIL import Image

from srlib.data import nih
from srlib.phantom import radiograph

ROOT = Path(__file__).parents[1]
# X-rays that are rendered, which takes a second each; the others are these, shifted.
ORIGINALS = 20
IMAGES_OF_A_PATIENT = 4


class Stage(NamedTuple):
    """What all jobs of a rule took: wall seconds in sum, and peak resident MB of the largest."""

    seconds: float = 0
    peak: float = 0


def write_release(folder: Path, count: int, originals: list[np.ndarray]) -> None:
    """A label table and twelve archives, with `count` images and some to spare: the originals, each shifted.

    originals: uint8 (H, W).
    """
    folder.mkdir()
    names = [image_name(number) for number in range(count + count // 3 + 100)]
    with (folder / "Data_Entry_2017_v2020.csv").open("w", newline="") as file:
        head = ["Image Index", "Finding Labels", "Patient ID", "View Position"]
        csv.writer(file).writerows([head, *([name, "No Finding", int(name[:8]), "PA"] for name in names)])
    for place, archive in enumerate(nih.ARCHIVES):
        with tarfile.open(folder / f"{archive.name}.tar.gz", "w:gz", compresslevel=1) as tar:
            for number in range(place, len(names), len(nih.ARCHIVES)):
                shift, original = divmod(number, len(originals))
                png = io.BytesIO()
                Image.fromarray(np.roll(originals[original], shift, axis=1)).save(
                    png, "PNG", compress_level=1
                )
                member = tarfile.TarInfo(f"images/{names[number]}")
                member.size = png.tell()
                png.seek(0)
                tar.addfile(member, png)


def image_name(number: int) -> str:
    """An image's name in the release's form: the numbers go to the archives in turn."""
    turn, place = divmod(number, len(nih.ARCHIVES))
    patient, follow_up = divmod(turn, IMAGES_OF_A_PATIENT)
    return f"{int(nih.ARCHIVES[place].first[:8]) + 1 + patient:08d}_{follow_up:03d}.png"


def config(count: int, size: int) -> dict:
    """The settings of a run on `count` images without a network's training."""
    train = 2 * count // 5
    models = yaml.safe_load((ROOT / "config.yaml").read_text())["models"]
    return {
        "results": "results",
        "device": "cpu",
        "reference": "linear",
        "dataset": {"source": "source", "train": train, "validation": 0, "test": count - train, "size": size},
        "models": dict.fromkeys(name for name, entry in models.items() if "optimizer" in entry),
    }


def run(count: int, size: int, folder: Path, originals: list[np.ndarray], cores: int) -> dict[str, Stage]:
    """Run the workflow in a new folder: what each of its stages took, in the order of their ends."""
    folder.mkdir()
    write_release(folder / "source", count, originals)
    (folder / "config.yaml").write_text(yaml.safe_dump(config(count, size)))
    called = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--cores", str(cores)]
    with (folder / "snakemake.log").open("w") as log:
        done = subprocess.run(
            [*called, "--configfile", "config.yaml"], cwd=folder, stdout=log, stderr=subprocess.STDOUT
        )
    if done.returncode:
        sys.exit(f"{count} images: snakemake stopped.\n{(folder / 'snakemake.log').read_text()[-3000:]}")
    return stages(folder / "results" / "benchmarks")


def stages(folder: Path) -> dict[str, Stage]:
    """Each stage by its `benchmark:` files, RULE.tsv or RULE/.../*.tsv, in the order of their ends."""
    found: dict[str, Stage] = defaultdict(Stage)
    for path in sorted(folder.rglob("*.tsv"), key=lambda path: path.stat().st_mtime_ns):
        rule = path.relative_to(folder).with_suffix("").parts[0]
        with path.open(newline="") as file:
            (row,) = csv.DictReader(file, delimiter="\t")
        peak = 0.0 if row["max_rss"] == "NA" else float(row["max_rss"])
        found[rule] = Stage(found[rule].seconds + float(row["s"]), max(found[rule].peak, peak))
    return dict(found)


def table(runs: dict[int, dict[str, Stage]]) -> str:
    """Markdown: a row for each stage; for each number of images seconds, ms an image and peak MB; growth."""
    counts = sorted(runs)
    first, last = runs[counts[0]], runs[counts[-1]]
    heads = [f"{count:,}: s | ms an image | peak MB" for count in counts]
    lines = [f"| stage | {' | '.join(heads)} | grows as | kB an image more |"]
    lines += ["|---|" + "---:|" * (3 * len(counts) + 2)]
    for rule in last:
        taken = [(runs[count].get(rule, Stage()), count) for count in counts]
        cells = [f"{s.seconds:.1f} | {1000 * s.seconds / count:.1f} | {s.peak:.0f}" for s, count in taken]
        power = growth(first.get(rule, Stage()).seconds, last[rule].seconds, counts[-1] / counts[0])
        more = memory(first.get(rule, Stage()).peak, last[rule].peak, counts[-1] - counts[0])
        lines.append(f"| {rule} | {' | '.join(cells)} | {power} | {more} |")
    return "\n".join(lines)


def growth(first: float, last: float, factor: float) -> str:
    """The power of the number of images by which the time grew; none where there is but one number."""
    return f"{math.log(last / first) / math.log(factor):.2f}" if first and last and factor > 1 else ""


def memory(first: float, last: float, more: int) -> str:
    """kB by which each image more raised a peak in MB; none where there is but one number."""
    return f"{1000 * (last - first) / more:.1f}" if first and last and more else ""


def main() -> None:
    """Print the table of all runs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("counts", type=int, nargs="*", default=[100, 1000, 5000], help="images of each run")
    parser.add_argument("--size", type=int, default=256, help="HR side in pixels, at most 1024")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--folder", help="where the runs are kept; it must not be there yet")
    given = parser.parse_args()
    if given.folder:
        Path(given.folder).mkdir(parents=True)
    originals = [radiograph(patient, "PA", 0, seed=0) for patient in range(ORIGINALS)]
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(given.folder or temporary)
        runs = {
            count: run(count, given.size, place / str(count), originals, given.cores)
            for count in given.counts
        }
    print(table(runs))


if __name__ == "__main__":
    main()
