"""Time and peak memory of each stage of the workflow as the number of images grows.

    python -m benchmarks.scale [100 1000 5000] [--cores 2] [--folder FOLDER]

Each number is a whole run on that many synthetic X-rays, 40 % of them for training and the rest for
testing: all models of config.yaml that are not trained step by step, with every table, figure and page. A
network's step takes as long whatever the number (benchmarks/train_step.py). The figures are those of
Snakemake's `benchmark:` files: seconds, summed over a stage's jobs, and the memory of the largest, which is
looked at every half second. The last column is how the time grew from the first run to the last, as a power
of the number of images: 1 is linear. Below 1,000 images the start of the jobs hides it. The folder is a
temporary one if none is given.
"""

import argparse
import csv
import math
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).parents[1]


class Stage(NamedTuple):
    """What all jobs of a rule took: wall seconds in sum, and peak resident MB of the largest."""

    seconds: float = 0
    peak: float = 0


def config(count: int) -> dict:
    """The settings of a run on `count` images without a network's training."""
    train = 2 * count // 5
    models = yaml.safe_load((ROOT / "config.yaml").read_text())["models"]
    return {
        "results": "results",
        "device": "cpu",
        "reference": "linear",
        "dataset": {"source": "phantom", "train": train, "validation": 0, "test": count - train},
        "models": dict.fromkeys(name for name, entry in models.items() if "optimizer" in entry),
    }


def run(count: int, folder: Path, cores: int) -> dict[str, Stage]:
    """Run the workflow in an empty folder: what each of its stages took, in the order of their ends."""
    folder.mkdir()
    (folder / "config.yaml").write_text(yaml.safe_dump(config(count)))
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
    """Markdown: a row for each stage, and for each number of images seconds, ms an image and peak MB."""
    counts = sorted(runs)
    first, last = runs[counts[0]], runs[counts[-1]]
    heads = [f"{count:,}: s | ms an image | peak MB" for count in counts]
    lines = [f"| stage | {' | '.join(heads)} | grows as |", "|---|" + "---:|" * (3 * len(counts) + 1)]
    for rule in last:
        taken = [(runs[count].get(rule, Stage()), count) for count in counts]
        cells = [f"{s.seconds:.1f} | {1000 * s.seconds / count:.1f} | {s.peak:.0f}" for s, count in taken]
        power = growth(first.get(rule, Stage()).seconds, last[rule].seconds, counts[-1] / counts[0])
        lines.append(f"| {rule} | {' | '.join(cells)} | {power} |")
    return "\n".join(lines)


def growth(first: float, last: float, factor: float) -> str:
    """The power of the number of images by which the time grew; none where there is but one number."""
    return f"{math.log(last / first) / math.log(factor):.2f}" if first and last and factor > 1 else ""


def main() -> None:
    """Print the table of all runs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("counts", type=int, nargs="*", default=[100, 1000, 5000], help="images of each run")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--folder", help="where the runs are kept; it must not be there yet")
    given = parser.parse_args()
    if given.folder:
        Path(given.folder).mkdir(parents=True)
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(given.folder or temporary)
        runs = {count: run(count, place / str(count), given.cores) for count in given.counts}
    print(table(runs))


if __name__ == "__main__":
    main()
