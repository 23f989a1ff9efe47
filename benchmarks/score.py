"""Milliseconds of CPU that a metric takes for a pair of pictures, beside the package piq.

    python -m benchmarks.score [--side 256] [--pairs 20]

Both see the same synthetic X-rays and their bicubic restorations, with one thread, pair after pair with all
metrics of each, as a scoring job does; the two alternate, and medians are compared. piq takes tensors,
which are made beforehand; in double precision, as here, and in single, as it is mostly used.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import piq
import torch

from srlib.data.resample import resize
from srlib.evaluation.metrics import METRICS, available, measure
from srlib.phantom.xray import radiograph

SCALE = 4
KINDS = (torch.float64, torch.float32)
PIQ: dict[str, Callable[..., torch.Tensor]] = {
    "psnr": piq.psnr,
    "ssim": piq.ssim,
    "ms_ssim": piq.multi_scale_ssim,
    "haarpsi": piq.haarpsi,
    "gmsd": piq.gmsd,
}


def pictures(count: int, side: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """SR and HR, uint8 (side, side)."""
    originals = [radiograph(number, "PA", 0, seed=0, size=side) for number in range(count)]
    small = [resize(hr, side // SCALE, side // SCALE) for hr in originals]
    return [(resize(lr, side, side), hr) for lr, hr in zip(small, originals, strict=True)]


def milliseconds(function: Callable[..., object], sr: object, hr: object) -> float:
    """CPU time of one call."""
    started = time.process_time()
    function(sr, hr)
    return 1000 * (time.process_time() - started)


def ways(name: str) -> list[tuple[Callable[..., object], Callable[[np.ndarray], object]]]:
    """Functions that compute a metric, and what makes their arguments of the pictures."""
    here = partial(measure, name, scale=SCALE), np.asarray
    return [here, *((PIQ[name], partial(tensor, kind=kind)) for kind in KINDS if name in PIQ)]


def tensor(picture: np.ndarray, kind: torch.dtype) -> torch.Tensor:
    """(1, 1, H, W) in [0, 1]."""
    return torch.tensor(picture, dtype=kind)[None, None] / 255


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--pairs", type=int, default=20)
    given = parser.parse_args()
    torch.set_num_threads(1)
    rows: dict[str, list[list[float]]] = {name: [] for name in available([])}
    for sr, hr in pictures(given.pairs, given.side):
        for name, row in rows.items():
            row.append([milliseconds(function, made(sr), made(hr)) for function, made in ways(name)])
    medians = {name: np.median(row, 0) for name, row in rows.items()}
    print("| metric | here (ms) | piq, double (ms) | piq, single (ms) | ratio to double, single |")
    print("|---|---:|---:|---:|---:|")
    for name, times in medians.items():
        print(_line(METRICS[name].label, times))
    print(_line("those of both", np.sum([medians[name] for name in PIQ], 0)))


def _line(label: str, times: np.ndarray) -> str:
    ours, *theirs = times
    ratio = ", ".join(f"{other / ours:.1f}" for other in theirs)
    return f"| {label} | {ours:.1f} | {' | '.join(f'{t:.1f}' for t in theirs) or ' | '} | {ratio} |"


if __name__ == "__main__":
    main()
