"""A training step here beside those of BasicSR, KAIR and Lornatang's SRGAN-PyTorch: benchmarks/peers.md.

    python -m benchmarks.peers FOLDER NETWORK [--side 128] [--batch 4] [--repeats 7] [--device cpu]

FOLDER holds clones of the three, BasicSR, KAIR and SRGAN-PyTorch. Each loop runs its own lines, unchanged,
on our networks and losses, in a process of its own, so that memory is handed back as it would be alone. They
step in turn, while the others wait: what else runs on the machine slows all. Prints medians and ratios.
"""

import argparse
import contextlib
import importlib
import multiprocessing
import os
import statistics
import sys
import time
import types
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks import train_step
from srlib.networks import catalog
from srlib.objectives import catalog as objectives
from srlib.objectives import content
from srlib.objectives.discriminator import Discriminator, crop_side, crops

Step = Callable[[], object]
ADVERSARIAL = 1e-3  # weight
RATE = 1e-4


@dataclass(frozen=True)
class Task:
    """What all train: a network on one batch of noise, HR pictures of `side` pixels."""

    network: str
    side: int
    batch: int
    device: torch.device

    @property
    def gan(self) -> bool:
        """Whether it has a discriminator and VGG's content loss; else it has the mean square error."""
        return self.network != "vdsr"


class OnCrops(nn.Module):
    """Our discriminator on a crop of each picture, (N, 1, H, W) -> (N, 1), as our step shows it one."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = crop_side(side)
        self.discriminator = Discriminator(self.side)

    def forward(self, picture: Tensor) -> Tensor:
        corner = torch.zeros(2, dtype=torch.long, device=picture.device)
        return self.discriminator(crops(picture, self.side, corner))


def ours(task: Task, precision: str) -> Step:
    """The engine's own step."""
    return train_step.training_step(task.network, task.side, task.batch, precision, task.device)


def basicsr(task: Task, folder: Path) -> Step:
    """BasicSR's SRGANModel or SRModel."""
    sys.path.insert(0, str(folder))
    # without what their __init__ imports: data sets, a built version
    for name in ("basicsr", "basicsr.models"):
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__path__ = [str(folder.joinpath(*name.split(".")))]
    kind = ("srgan_model", "SRGANModel") if task.gan else ("sr_model", "SRModel")
    model = _without_init("basicsr.models." + kind[0], kind[1])
    lr, hr = _batch(task)
    model.opt, model.device, model.ema_decay = {"dist": False}, task.device, 0
    model.net_g = _generator(task)
    model.optimizer_g = _adam(model.net_g)
    model.cri_pix, model.cri_perceptual = F.mse_loss, None
    if task.gan:
        content_loss = _content_loss(task)
        model.net_d = _discriminator(task)
        model.optimizer_d = _adam(model.net_d)
        model.cri_pix, model.cri_perceptual = None, lambda sr, hr: (content_loss(sr, hr), None)
        model.cri_gan = lambda logits, real, is_disc: (
            _gan_loss(logits, real) * (1 if is_disc else ADVERSARIAL)
        )
        model.net_d_iters, model.net_d_init_iters = 1, 0

    def step() -> None:
        model.feed_data({"lq": lr, "gt": hr})
        model.optimize_parameters(1)

    return step


def kair(task: Task, folder: Path) -> Step:
    """KAIR's ModelGAN or ModelPlain."""
    sys.path.insert(0, str(folder))
    kind = ("model_gan", "ModelGAN") if task.gan else ("model_plain", "ModelPlain")
    model = _without_init("models." + kind[0], kind[1])
    lr, hr = _batch(task)
    off = ("G_optimizer_clipgrad", "G_regularizer_orthstep", "G_regularizer_clipstep", "E_decay")
    weights = {"G_lossfn_weight": 0 if task.gan else 1, "F_lossfn_weight": 1}
    model.opt_train = dict.fromkeys(off, 0) | weights | {"gan_type": "gan"}
    model.opt, model.device, model.log_dict = {"train": model.opt_train}, task.device, {}
    model.netG = _generator(task)
    model.G_optimizer = _adam(model.netG)
    model.G_lossfn, model.G_lossfn_weight = F.mse_loss, 1
    if task.gan:
        model.netD = _discriminator(task)
        model.D_optimizer = _adam(model.netD)
        model.F_lossfn, model.F_lossfn_weight = _content_loss(task), 1
        model.D_lossfn, model.D_lossfn_weight = _gan_loss, ADVERSARIAL
        model.D_update_ratio, model.D_init_iters = 1, 0

    def step() -> None:
        model.feed_data({"L": lr, "H": hr})
        model.optimize_parameters(1)

    return step


def srgan_pytorch(task: Task, folder: Path) -> Step:
    """The function `train` of Lornatang's train_gan.py or train_net.py, an epoch of one batch."""
    sys.path.insert(0, str(folder))
    loop = importlib.import_module("train_gan" if task.gan else "train_net")
    lr, hr = _batch(task)
    scale = hr.shape[-1] // lr.shape[-1]
    losses = {
        "PIXEL_LOSS": {"WEIGHT": [0.0 if task.gan else 1.0]},
        "CONTENT_LOSS": {"WEIGHT": [1.0]},
        "ADVERSARIAL_LOSS": {"WEIGHT": [ADVERSARIAL]},
    }
    config = {
        "SCALE": scale,
        "MODEL": {"D": {"NAME": "discriminator_for_vgg"}, "EMA": {"ENABLE": False}},
        "TRAIN": {"LOSSES": losses, "DATASET": {"GT_IMAGE_SIZE": task.side}, "PRINT_FREQ": 100},
    }
    generator, writer = _generator(task), SimpleNamespace(add_scalar=lambda *_: None)
    models, criteria, optimizers = [generator, None], [F.mse_loss], [_adam(generator)]
    if task.gan:
        discriminator = _discriminator(task)
        models.append(discriminator)
        criteria += [_content_loss(task), F.binary_cross_entropy_with_logits]
        optimizers.append(_adam(discriminator))
    scaler = torch.amp.GradScaler(task.device.type, enabled=task.device.type == "cuda")

    def step() -> None:
        batches = _OneBatch({"lr": lr, "gt": hr})
        loop.train(*models, batches, *criteria, *optimizers, 0, scaler, writer, task.device, config)

    return step


class _OneBatch:
    """What their loop asks of a loader."""

    def __init__(self, batch: dict[str, Tensor]) -> None:
        self.batch = batch

    def __len__(self) -> int:
        return 1

    def reset(self) -> None:
        self.left = [self.batch]

    def next(self) -> dict[str, Tensor] | None:
        return self.left.pop() if self.left else None


def _without_init(module: str, name: str) -> Any:
    """An object of a class, as its options would build it but for what we put in their place."""
    return object.__new__(getattr(importlib.import_module(module), name))


def _batch(task: Task) -> tuple[Tensor, Tensor]:
    side = task.side // train_step.SCALES[task.network]
    lr, hr = (torch.rand(task.batch, 1, size, size, device=task.device) for size in (side, task.side))
    return lr, hr


def _generator(task: Task) -> nn.Module:
    arguments = train_step.spec(task.network, task.batch, "float32").arguments
    return catalog.build(task.network, arguments).to(task.device).train()


def _discriminator(task: Task) -> nn.Module:
    return OnCrops(task.side).to(task.device).train()


def _content_loss(task: Task) -> Callable[[Tensor, Tensor], Tensor]:
    features = content.features(
        objectives.settings("adversarial", {"weights": "untrained"}), task.device, "float32", None
    )
    return lambda sr, hr: F.mse_loss(features(sr), features(hr.detach()))


def _gan_loss(logits: Tensor, real: bool) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, real))


def _adam(module: nn.Module) -> torch.optim.Adam:
    return torch.optim.Adam(module.parameters(), RATE)


LOOPS = {
    "ours, bfloat16": (ours, "bfloat16"),
    "ours, float32": (ours, "float32"),
    "BasicSR": (basicsr, None),
    "KAIR": (kair, None),
    "SRGAN-PyTorch": (srgan_pytorch, None),
}


def serve(turns: Connection, name: str, folder: Path, task: Task) -> None:
    """Make a step for each word that comes, and answer with its seconds."""
    build, precision = LOOPS[name]
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        step = build(task, precision or folder / name)
        while turns.recv():
            turns.send(train_step.seconds(step, task.device, time.perf_counter))


def measured(folder: Path, task: Task, repeats: int) -> dict[str, float]:
    """Median seconds of a step of each loop, after one that does not count."""
    new = multiprocessing.get_context("spawn")
    turns = {}
    for name in LOOPS:
        turns[name], other = new.Pipe()
        new.Process(target=serve, args=(other, name, folder, task), daemon=True).start()
        other.close()  # so that a process that ends is noticed
    times: dict[str, list[float]] = {name: [] for name in LOOPS}
    for _ in range(1 + repeats):
        for name, connection in turns.items():
            connection.send(True)
            times[name].append(connection.recv())
    for connection in turns.values():
        connection.send(False)
    return {name: statistics.median(seconds[1:]) for name, seconds in times.items()}


def main(arguments: list[str] | None = None) -> None:
    """Print a row of the table: seconds of ours, and the peers' over ours in both precisions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("network", choices=list(train_step.SCALES))
    parser.add_argument("--side", type=int, default=128, help="of HR, in pixels")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    given = parser.parse_args(arguments)
    for name, (_, precision) in LOOPS.items():
        if not precision and not (given.folder / name).is_dir():
            parser.error(
                f"{given.folder / name}: no such folder; benchmarks/peers.md says what to clone there"
            )
    task = Task(given.network, given.side, given.batch, torch.device(given.device))
    seconds = measured(given.folder, task, given.repeats)
    print("| network | side | " + " | ".join(seconds) + " |")
    print(f"| {given.network} | {given.side} | " + " | ".join(f"{s:.2f}" for s in seconds.values()) + " |")
    peers = list(seconds)[2:]
    for mine in list(seconds)[:2]:
        ratios = ", ".join(f"{name} {seconds[name] / seconds[mine]:.2f}" for name in peers)
        print(f"{mine}, times as fast as: {ratios}")


if __name__ == "__main__":
    main()
