"""Training on several devices of one machine: one process each, the same engine in all of them.

Each process takes its share of every batch. What is synchronised, so that N processes compute what
one would with the same batch: gradients (averaged), the statistics of BatchNorm (over the whole
batch, forward and backward), and the terms of the history (averaged). What is not: nothing else is
shared; initial weights, order and crops are the same in all processes because the seed is.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.nn.functional import all_reduce

from srlib import device as devices
from srlib.errors import InputError


def rank() -> int:
    """Number of this process; 0 writes the files."""
    return dist.get_rank() if dist.is_initialized() else 0


def world() -> int:
    """How many processes train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def average(tensors: list[Tensor]) -> None:
    """Replace each tensor by its mean over the processes."""
    if world() == 1:
        return
    for work in [dist.all_reduce(tensor, async_op=True) for tensor in tensors]:
        work.wait()
    for tensor in tensors:
        tensor /= world()


def wait() -> None:
    """Until all processes are here."""
    if world() > 1:
        dist.barrier()


class _BatchNorm(nn.BatchNorm2d):
    """BatchNorm over the batches of all processes. (torch's own SyncBatchNorm runs on CUDA alone.)"""

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        x = x.float()
        count = world() * x.numel() // x.shape[1]
        mean = all_reduce(x.sum((0, 2, 3))) / count
        centred = x - mean[:, None, None]
        variance = all_reduce(centred.square().sum((0, 2, 3))) / count
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * count / (count - 1), self.momentum)
            self.num_batches_tracked += 1
        scale = self.weight * torch.rsqrt(variance + self.eps)
        return centred * scale[:, None, None] + self.bias[:, None, None]


def synchronise_batch_norms(network: nn.Module) -> None:
    """Let the network's BatchNorms see the whole batch, if there are several processes."""
    if world() > 1:
        for module in network.modules():
            if type(module) is nn.BatchNorm2d:
                module.__class__ = _BatchNorm


@contextmanager
def group(device: str) -> Iterator[None]:
    """Within the block, this process is one of those that torchrun started, each with its own device."""
    dist.init_process_group("nccl" if devices.choose(device).type == "cuda" else "gloo")
    try:
        yield
    finally:
        dist.destroy_process_group()


def launch(
    spec: Any,
    lr: np.ndarray,
    hr: np.ndarray,
    validation: tuple[np.ndarray, np.ndarray] | None,
    folder: str,
    vgg_weights: str | Path | None,
    options: dict[str, Any],
) -> None:
    """Run `engine.train` with these arguments in options["processes"] processes, through torchrun.

    Their output goes to stderr. Raises the InputError that a process raised.
    """
    processes = options["processes"]
    with tempfile.TemporaryDirectory(prefix="training-") as name:
        exchange = Path(name)
        vgg = None if vgg_weights is None else str(vgg_weights)
        arguments = {"spec": spec, "folder": folder, "vgg_weights": vgg, **options}
        (exchange / "arguments.json").write_text(json.dumps(arguments))
        pictures = {"lr": lr, "hr": hr}
        if validation is not None:
            pictures |= {"validation_lr": validation[0], "validation_hr": validation[1]}
        np.savez(exchange / "pictures.npz", **pictures)
        status = _torchrun(exchange, processes)
        if (exchange / "error").exists():
            raise InputError((exchange / "error").read_text())
        if status:
            raise RuntimeError(f"a training process in {folder} failed; its error stands above")


def _torchrun(exchange: Path, processes: int) -> int:
    """Start the workers, pass their output on to stderr, return their exit code."""
    threads = max(1, len(os.sched_getaffinity(0)) // processes)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    command += ["-m", "srlib.training.worker", str(exchange)]
    path = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"OMP_NUM_THREADS": str(threads), "PYTHONPATH": path}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as run:
        for line in run.stdout:
            print(line, end="", file=sys.stderr)
    return run.returncode
