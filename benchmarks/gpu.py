"""The parts of benchmarks/gpu.sh, each a process of its own; rows of a Markdown table from each.

    python -m benchmarks.gpu card
    python -m benchmarks.gpu train [NETWORK] [--precision float32]
    python -m benchmarks.gpu step [NETWORK] [--precision float32] [--eager] [--compile] [--deterministic]
    python -m benchmarks.gpu infer [NETWORK] [--precision float32]

All have config.yaml's settings, but for VGG's weights, which are untrained. `--device cpu --side 32
--repeats 1` shows on a CPU that they work.
"""

import argparse
import math
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import yaml

from benchmarks import train_step
from srlib import config, training
from srlib import device as devices
from srlib.inference import restore
from srlib.jobs import said
from srlib.networks import catalog
from srlib.specs.train import TrainSpec
from srlib.training import engine, graph
from srlib.training.task import Objective

ROOT = Path(__file__).parents[1]
NETWORKS = list(train_step.SCALES)
COUNT = 300  # training images of config.yaml


def recipe(network: str, given: argparse.Namespace, **loop: object) -> TrainSpec:
    """config.yaml's settings for a model, and those of its `training` that are given."""
    settings = yaml.safe_load((ROOT / "config.yaml").read_text())
    settings["adversarial"]["weights"] = "untrained"  # as fast
    spec = config.train_spec(settings, network)
    changed = {"precision": given.precision, "batch": given.batch, "tensorboard": False} | loop
    return replace(spec, training=replace(spec.training, **changed))


def per_call(call: Callable[[], object], device: torch.device, repeats: int) -> float:
    """Seconds of a call, over many that need not wait for each other."""

    def calls() -> None:
        for _ in range(repeats):
            call()

    return train_step.seconds(calls, device, time.perf_counter) / repeats


def product(precision: str, device: torch.device, repeats: int) -> float:
    """FLOP/s of a large matrix product: a device's peak, as far as it can be had."""
    side = 8192 if device.type == "cuda" else 256
    a, b = (torch.rand(side, side, device=device, dtype=getattr(torch, precision)) for _ in range(2))
    per_call(lambda: a @ b, device, 3)
    return 2 * side**3 / per_call(lambda: a @ b, device, repeats)


def card(given: argparse.Namespace, device: torch.device) -> Iterator[str]:
    """The card by name, with its driver, and its peaks: a matrix product in each precision."""
    if device.type == "cuda":
        asked = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader", f"--id={device.index}"]
        driver = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
        yield (
            f"- {torch.cuda.get_device_name(device)}, driver {driver or 'unknown'}, "
            f"CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}"
        )
    yield f"- torch {torch.__version__}, {torch.get_num_threads()} threads of the CPU"
    for precision in ("float32", "bfloat16"):
        yield f"- {precision} product: {product(precision, device, given.repeats) / 1e12:.1f} TFLOP/s"


def step(given: argparse.Namespace, device: torch.device) -> Iterator[str]:
    """A training step on four images, of a GAN against its discriminator.

    After the first ones, which choose algorithms, compile and are recorded.
    """
    precision = devices.precision(given.precision, device)
    peak = product(precision, device, given.repeats)
    how = ", ".join(name for name in ("eager", "compile", "deterministic") if getattr(given, name))
    if given.eager:
        graph.WARM_UP = math.inf
    for network in given.networks:
        spec = recipe(network, given, epochs=1, deterministic=given.deterministic)
        spec = replace(spec, schedule="constant", settings=spec.settings | {"pretraining": 0})
        objective, batch = train_step.objective_and_batch(spec, given.side, device)

        def call(objective: Objective = objective, batch: object = batch) -> object:
            return objective.step(batch)

        work = train_step.flops(call)
        if given.compile:
            for learner in objective.learners.values():
                learner.module.compile()
        before = per_call(call, device, 5) * 5
        taken = per_call(call, device, given.repeats)
        speed = f"{1000 * taken:.2f} | {given.batch / taken:.1f} | {work / taken / 1e12:.1f}"
        share = f"{100 * work / taken / peak:.1f} %"
        yield f"| {network} | {precision} | {how or 'as it is'} | {speed} | {share} | {before:.1f} |"


def train(given: argparse.Namespace, device: torch.device) -> Iterator[str]:
    """A whole training on noise, with its files written; the process's start comes on top.

    With the peaks of the host's memory and of the device's, which holds what its graphs use, too.
    """
    for network in given.networks:
        spec = recipe(network, given)
        spec = replace(spec, training=replace(spec.training, epochs=given.epochs or spec.training.epochs))
        hr = np.random.default_rng(0).integers(0, 256, (given.count, given.side, given.side), np.uint8)
        started = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            lr = hr[:, :: spec.scale, :: spec.scale]
            training.train(spec, lr, hr, folder=folder, seed=0, device=device.type)
        taken = time.perf_counter() - started
        steps = spec.training.epochs * -(-given.count // given.batch)
        host = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        of_device = f"{torch.cuda.max_memory_reserved() / 2**30:.1f}" if device.type == "cuda" else "-"
        precision = devices.precision(given.precision, device)
        yield f"| {network} | {precision} | {steps} | {taken:.1f} | {host:.1f} | {of_device} |"


def infer(given: argparse.Namespace, device: torch.device) -> Iterator[str]:
    """Pictures restored a second, one at a time and 16 together, from and to the host's memory."""
    engine.configure(device, deterministic=False)
    for network in given.networks:
        spec = recipe(network, given)
        module = catalog.build(network, spec.arguments).eval()
        module.to(device, memory_format=torch.channels_last)
        one = np.random.default_rng(0).integers(0, 256, (given.side // spec.scale,) * 2, np.uint8)
        rates = []
        for lr in (one, np.stack([one] * 16)):

            def call(module: torch.nn.Module = module, lr: np.ndarray = lr) -> np.ndarray:
                return restore(module, lr, precision=given.precision)

            per_call(call, device, 3)
            rates.append(lr.size / one.size / per_call(call, device, given.repeats))
        precision = devices.precision(given.precision, device)
        yield f"| {network} | {precision} | {rates[0]:.1f} | {rates[1]:.1f} |"


PARTS = {"card": card, "step": step, "train": train, "infer": infer}


def parsed(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line's arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("part", choices=list(PARTS))
    parser.add_argument("network", nargs="?", choices=NETWORKS, help="default: all")
    parser.add_argument("--device", default="cuda", choices=["cpu", "cuda"])
    parser.add_argument("--precision", default="auto", choices=["auto", "float32", "bfloat16"])
    parser.add_argument("--side", type=int, default=256, help="of HR, in pixels")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--epochs", type=int, help="default: config.yaml's")
    parser.add_argument("--count", type=int, default=COUNT, help="training images")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--eager", action="store_true", help="steps kernel by kernel, not as CUDA graphs")
    parser.add_argument("--deterministic", action="store_true")
    given = parser.parse_args(arguments)
    given.networks = [given.network] if given.network else NETWORKS
    return given


def main(arguments: list[str] | None = None) -> None:
    """Print what a part finds."""
    given = parsed(arguments)
    with said():
        for row in PARTS[given.part](given, devices.choose(given.device)):
            print(row, flush=True)


if __name__ == "__main__":
    main()
