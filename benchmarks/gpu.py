"""The parts of benchmarks/gpu.sh, each a process of its own; a row of a Markdown table from each.

    python -m benchmarks.gpu card
    python -m benchmarks.gpu step NETWORK [--precision float32] [--compile] [--deterministic]
    python -m benchmarks.gpu train NETWORK
    python -m benchmarks.gpu infer NETWORK [--precision float32]

`--device cpu --side 32 --repeats 1` shows on a CPU that they work.
"""

import argparse
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch

from benchmarks import train_step
from srlib import device as devices
from srlib import training
from srlib.inference import restore
from srlib.jobs import said
from srlib.networks import catalog
from srlib.training import engine

EPOCHS, COUNT = 6, 300  # config.yaml's: 450 steps of four images


def per_call(call: Callable[[], object], device: torch.device, repeats: int) -> float:
    """Seconds of a call, over many that need not wait for each other."""

    def calls() -> None:
        for _ in range(repeats):
            call()

    return train_step.seconds(calls, device, time.perf_counter) / repeats


def card(given: argparse.Namespace, device: torch.device) -> str:
    """The card by name, with its driver, and its peaks: a matrix product in each precision."""
    lines = [f"torch {torch.__version__}, {torch.get_num_threads()} threads of the CPU"]
    if device.type == "cuda":
        asked = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader", f"--id={device.index}"]
        driver = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
        lines = [
            f"{torch.cuda.get_device_name(device)}, driver {driver or 'unknown'}, CUDA {torch.version.cuda}, "
            f"cuDNN {torch.backends.cudnn.version()}",
            *lines,
        ]
    side = 8192 if device.type == "cuda" else 256
    for precision in ("float32", "bfloat16"):
        a, b = (torch.rand(side, side, device=device, dtype=getattr(torch, precision)) for _ in range(2))
        per_call(lambda a=a, b=b: a @ b, device, 3)
        taken = per_call(lambda a=a, b=b: a @ b, device, given.repeats)
        lines.append(f"{precision} product of {side} x {side}: {2 * side**3 / taken / 1e12:.1f} TFLOP/s")
    return "\n".join(f"- {line}" for line in lines)


def step(given: argparse.Namespace, device: torch.device) -> str:
    """A training step on four images, after the first, which chooses algorithms and compiles."""
    call = train_step.training_step(
        given.network,
        given.side,
        given.batch,
        given.precision,
        device,
        deterministic=given.deterministic,
        compiled=given.compile,
    )
    first = per_call(call, device, 1)
    per_call(call, device, 2)
    taken = per_call(call, device, given.repeats)
    precision = devices.precision(given.precision, device)
    how = ", ".join(name for name in ("compile", "deterministic") if getattr(given, name)) or "as it is"
    speed = f"{1000 * taken:.1f} | {given.batch / taken:.1f} | {first:.1f}"
    return f"| {given.network} | {precision} | {how} | {speed} |"


def train(given: argparse.Namespace, device: torch.device) -> str:
    """A whole training on noise, with its files written; the process's start comes on top."""
    scale, side = train_step.SCALES[given.network], given.side
    spec = train_step.spec(given.network, given.batch, given.precision)
    spec = replace(spec, training=replace(spec.training, epochs=given.epochs))
    hr = np.random.default_rng(0).integers(0, 256, (given.count, side, side), np.uint8)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        training.train(spec, hr[:, ::scale, ::scale], hr, folder=folder, seed=0, device=device.type)
    taken = time.perf_counter() - started
    steps = given.epochs * -(-given.count // given.batch)
    return f"| {given.network} | {devices.precision(given.precision, device)} | {steps} | {taken:.1f} |"


def infer(given: argparse.Namespace, device: torch.device) -> str:
    """Pictures restored a second, one at a time and 16 together, from and to the host's memory."""
    engine.configure(device, deterministic=False)
    scale = train_step.SCALES[given.network]
    arguments = {} if catalog.traits(given.network).scale else {"scale": scale}
    network = catalog.build(given.network, arguments).eval().to(device, memory_format=torch.channels_last)
    one = np.random.default_rng(0).integers(0, 256, (given.side // scale,) * 2, np.uint8)
    rates = []
    with devices.autocast(device, devices.precision(given.precision, device)):
        for lr in (one, np.stack([one] * 16)):
            per_call(lambda lr=lr: restore(network, lr), device, 3)
            taken = per_call(lambda lr=lr: restore(network, lr), device, given.repeats)
            rates.append(lr.size / one.size / taken)
    precision = devices.precision(given.precision, device)
    return f"| {given.network} | {precision} | {rates[0]:.1f} | {rates[1]:.1f} |"


PARTS = {"card": card, "step": step, "train": train, "infer": infer}


def parsed(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line's arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("part", choices=list(PARTS))
    parser.add_argument("network", nargs="?", default="vdsr", choices=list(train_step.SCALES))
    parser.add_argument("--device", default="cuda", choices=["cpu", "cuda"])
    parser.add_argument("--precision", default="auto", choices=["auto", "float32", "bfloat16"])
    parser.add_argument("--side", type=int, default=256, help="of HR, in pixels")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--count", type=int, default=COUNT, help="training images")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--deterministic", action="store_true")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Print what a part finds."""
    given = parsed(arguments)
    with said():
        print(PARTS[given.part](given, devices.choose(given.device)), flush=True)


if __name__ == "__main__":
    main()
