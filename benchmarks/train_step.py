"""Speed of one training step of each trained model, beside the machine's own convolution.

    python -m benchmarks.train_step [--side 256] [--batch 4] [--repeats 3] [--device auto] [--precision auto]
        [--busy] [network]

The step is the engine's own (content loss: untrained VGG-19 phi_5,4, without any caching). Its FLOPs
are counted by torch's FlopCounterMode. The yardstick is one 3x3 convolution from 64 to 64 channels,
forward and backward, on a batch of whole pictures, in the same process; steps and yardstick alternate,
so that what else runs on the machine slows both, and the medians are compared. With --busy, for a
machine with other work: one thread, and the process's CPU time in place of the wall's.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from srlib import device as devices
from srlib.networks import catalog
from srlib.objectives import adversarial, content, residual
from srlib.objectives import catalog as objectives
from srlib.specs.train import Loop, Optimizer, TrainSpec
from srlib.training import data, engine
from srlib.training.task import Objective, Task

SCALES = {"vdsr": 1, "srgan": 4, "hybrid": 2}  # HR side / LR side
OBJECTIVES = {"vdsr": residual, "srgan": adversarial, "hybrid": adversarial}


def spec(network: str, batch: int, precision: str) -> TrainSpec:
    """A step's settings that the peers have, too: without our starts, by Adam."""
    untrained = {"weights": "untrained", "pretraining": 0}
    objective = OBJECTIVES[network].__name__.rpartition(".")[2]
    return TrainSpec(
        network,
        arguments={} if catalog.traits(network).scale else {"scale": SCALES[network]},
        lr="any",
        scale=SCALES[network],
        objective=objective,
        settings=objectives.settings(objective, untrained if objective == "adversarial" else {}),
        optimizer=Optimizer("adam", 1e-4),
        schedule="constant",
        training=Loop(
            epochs=1, batch=batch, crop=None, deterministic=False, tensorboard=False, precision=precision
        ),
    )


def objective_and_batch(spec: TrainSpec, side: int, device: torch.device) -> tuple[Objective, data.Batch]:
    """What learns, and a batch of whole noise pictures to learn from."""
    engine.configure(device, spec.training.deterministic)
    rng = np.random.default_rng(0)
    hr = rng.integers(0, 256, (spec.training.batch, side, side), np.uint8)
    pictures = data.load(hr[:, :: spec.scale, :: spec.scale], hr, device)
    content.KEEP_BYTES = 0  # no caching
    objective = objectives.load(spec.objective).build(Task(spec, pictures, 0))
    (batch,) = data.batches(pictures, len(hr), None, 0, 1)
    return objective, batch


def training_step(
    network: str, side: int, batch: int, precision: str, device: torch.device
) -> Callable[[], object]:
    """The engine's step."""
    objective, one = objective_and_batch(spec(network, batch, precision), side, device)
    return lambda: objective.step(one)


def yardstick(side: int, batch: int, precision: str, device: torch.device) -> Callable[[], object]:
    """One 3x3x64 convolution, forward and backward to input and weights."""
    new = {"device": device, "dtype": getattr(torch, devices.precision(precision, device))}
    x, w, up = (
        torch.rand(*shape, 64, *sides, **new).to(memory_format=torch.channels_last)
        for shape, sides in (((batch,), (side, side)), ((64,), (3, 3)), ((batch,), (side, side)))
    )

    def step() -> None:
        x.grad = w.grad = None
        F.conv2d(x, w, padding=1).backward(up)

    return step


def flops(step: Callable[[], object]) -> int:
    """Floating point operations of a step."""
    with FlopCounterMode(display=False) as counter:
        step()
    return counter.get_total_flops()


def seconds(step: Callable[[], object], device: torch.device, clock: Callable[[], float]) -> float:
    """Time of a step, to the end of its work on the device."""
    started = clock()
    step()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return clock() - started


def measure(network: str, options: argparse.Namespace) -> None:
    """Print a network's row of the table."""
    side, batch, repeats, device = (
        options.side,
        options.batch,
        options.repeats,
        devices.choose(options.device),
    )
    clock = time.perf_counter
    if options.busy:
        torch.set_num_threads(1)
        clock = time.process_time
    step = training_step(network, side, batch, options.precision, device)
    bare = yardstick(side, batch, options.precision, device)
    work, bare_work = flops(step), flops(bare)
    times, bare_times = [], []
    for _ in range(repeats):
        bare_times += [seconds(bare, device, clock) for _ in range(8)]
        times.append(seconds(step, device, clock))
        bare_times += [seconds(bare, device, clock) for _ in range(8)]
    time_, bare_time = statistics.median(times), statistics.median(bare_times)
    speed, bare_speed = work / time_ / 1e9, bare_work / bare_time / 1e9
    peak = (
        torch.cuda.max_memory_allocated() / 2**30
        if device.type == "cuda"
        else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    )
    print(
        f"| {network} | {batch / time_:.3g} | {work / 1e9:.0f} | {speed:.1f} | {bare_speed:.1f} "
        f"| {100 * speed / bare_speed:.0f} % | {peak:.1f} |",
        flush=True,
    )


def main() -> None:
    """Measure each network in a process of its own, so that its memory is its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network", nargs="?", choices=list(OBJECTIVES), help="default: all")
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--busy", action="store_true")
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--precision", default="auto", choices=["auto", "float32", "bfloat16"])
    options = parser.parse_args()
    if options.network:
        return measure(options.network, options)
    print(f"torch {torch.__version__}, {1 if options.busy else torch.get_num_threads()} threads")
    print("| network | images/s | GFLOP per step | GFLOP/s | 3x3x64 yardstick GFLOP/s | ratio | peak GiB |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for network in OBJECTIVES:
        subprocess.run([sys.executable, "-m", "benchmarks.train_step", *sys.argv[1:], network], check=True)


if __name__ == "__main__":
    main()
