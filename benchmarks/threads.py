"""How trainings share a CPU's cores best: one after the other on all of them, or side by side on a part each.

    python -m benchmarks.threads [network ...] [--processes 1 2 4] [--seconds 20] [--side 256] [--batch 4]

So many processes take steps of one network (those of benchmarks/train_step.py) at the same time, each with
its share of the cores as threads, for so long; their steps a second are added up. Each needs the memory of
a training.
"""

import argparse
import multiprocessing
import os
import time
from multiprocessing.synchronize import Barrier

import torch

from benchmarks import train_step

NETWORKS = list(train_step.SCALES)
CORES = len(os.sched_getaffinity(0))
_start: Barrier


def main() -> None:
    """Print a Markdown table, a row for each network and number of processes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "networks", nargs="*", metavar="network", help=f"of {', '.join(NETWORKS)}; default: all"
    )
    parser.add_argument("--processes", type=int, nargs="+", default=halves(CORES), help="numbers to try")
    parser.add_argument("--seconds", type=float, default=20, help="of each number, after a first step")
    parser.add_argument("--side", type=int, default=256, help="of HR, in pixels")
    parser.add_argument("--batch", type=int, default=4)
    given = parser.parse_args()
    unknown = set(given.networks) - set(NETWORKS)
    if unknown:
        parser.error(f"no network {', '.join(sorted(unknown))}; there are {', '.join(NETWORKS)}")
    if not all(1 <= number <= CORES for number in given.processes):
        parser.error(f"--processes: from 1 to {CORES}, the cores of this machine")
    print(f"torch {torch.__version__}, {CORES} cores\n")
    print("| network | processes | threads of each | s a step | steps a second in all | of the first row's |")
    print("|---|---:|---:|---:|---:|---:|", flush=True)
    for network in given.networks or NETWORKS:
        first = None
        for number in given.processes:
            rates = side_by_side(number, network, given.side, given.batch, given.seconds)
            first = first or sum(rates)
            row = f"{number} | {CORES // number} | {number / sum(rates):.3g} | {sum(rates):.3g}"
            print(f"| {network} | {row} | {sum(rates) / first:.2f} |", flush=True)


def halves(cores: int) -> list[int]:
    """1, 2, 4 ... up to so many."""
    return [2**power for power in range(cores.bit_length())]


def side_by_side(number: int, network: str, side: int, batch: int, seconds: float) -> list[float]:
    """Steps a second of each of so many processes."""
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(number, _begin, (spawn.Barrier(number), CORES // number)) as pool:
        return pool.starmap(_rate, [(network, side, batch, seconds)] * number, chunksize=1)


def _begin(start: Barrier, threads: int) -> None:
    global _start
    _start = start
    torch.set_num_threads(threads)


def _rate(network: str, side: int, batch: int, seconds: float) -> float:
    """Steps a second, from when all processes have taken their first one."""
    step = train_step.training_step(network, side, batch, "auto", torch.device("cpu"))
    step()
    _start.wait()
    steps, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        step()
        steps += 1
    return steps / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
