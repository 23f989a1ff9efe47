"""What an objective is built from, and what it must be."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from srlib import device as devices
from srlib.networks import catalog
from srlib.networks.header import header
from srlib.networks.weights import build_from
from srlib.specs.train import Optimizer, TrainSpec
from srlib.training import data
from srlib.training.data import Batch
from srlib.training.learner import Learner
from srlib.training.seeds import initialising


class Objective(Protocol):
    """What trains; `learners` are named "generator", whose weights are the result, and as it likes."""

    learners: dict[str, Learner]
    terms: tuple[str, ...]

    def step(self, batch: Batch) -> Tensor:
        """Learn from a batch: each learner descends, then advances.

        Returns the terms, float32 (T,), without waiting for the device. What is `graph.replayed` may hold
        the descending, not the advancing.
        """
        ...


@dataclass(frozen=True)
class Task:
    """A training: its spec, its pictures on their device, and the files that it reads.

    weights: of the objective; initial: of the network, to start from.
    """

    spec: TrainSpec
    pictures: data.Pictures
    seed: int
    weights: str | Path | None = None
    initial: str | Path | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """The objective's own settings."""
        return self.spec.settings

    @property
    def device(self) -> torch.device:
        """Where pictures, and so learners, are."""
        return self.pictures.hr.device

    @property
    def precision(self) -> str:
        """What the convolutions compute in."""
        return devices.precision(self.spec.training.precision, self.device)

    @property
    def batch(self) -> int:
        """Pictures in a batch."""
        return self.spec.training.batch

    @property
    def crop(self) -> int | None:
        """HR side of the crops, None for whole pictures."""
        return self.spec.training.crop

    @property
    def constant(self) -> bool:
        """Whether every epoch sees the same pictures."""
        return self.crop is None and not self.spec.training.flips

    @property
    def side(self) -> int:
        """HR side of what a step sees, in pixels; of pictures that are not square the smaller one."""
        return self.crop or min(self.pictures.hr.shape[-2:])

    def generator(self, steps: int | None = None) -> Learner:
        """The network as it starts: from the weights that are given, or by itself; steps: as of `learner`.

        One whose own start is computed from data sees the training pictures, and holds what that start
        holds; given weights that come from such a start are held so, too.
        """
        initial = self.initial
        learner = self.learner("generator", self._network, steps)
        if not hasattr(learner.module, "hold"):
            return learner
        if not initial or header(initial)["arguments"].get("init") == "linear":
            learner.module.hold()
        return learner

    def _network(self) -> nn.Module:
        """As it starts, on the CPU, where starts are computed."""
        if self.initial:
            return build_from(self.initial, self.spec.network, self.spec.arguments)
        network = catalog.build(self.spec.network, self.spec.arguments)
        if hasattr(network, "start"):
            lr, hr = (pictures.cpu().numpy() for pictures in self.pictures)
            network.start(zip(lr, hr, strict=True))
        return network

    @property
    def steps(self) -> int:
        """Steps from the first to the last."""
        return self.spec.training.epochs * data.steps_per_epoch(len(self.pictures.hr), self.batch)

    def optimizer(self, rate: float | None) -> Optimizer:
        """The spec's, with one learning rate of its own for all; None: with the spec's one or two."""
        how = self.spec.optimizer
        return how if rate is None else replace(how, learning_rate=rate, adam_rate=None)

    def learner(
        self,
        part: str,
        make: Callable[[], nn.Module],
        steps: int | None = None,
        rate: float | None = None,
    ) -> Learner:
        """A module that learns, made with its own stream of random numbers.

        steps: how many its schedule is for, None for all; rate: as of `optimizer`.
        """
        how, count = self.optimizer(rate), self.steps if steps is None else steps
        with initialising(self.seed, part):
            return Learner(make(), how, self.spec.schedule, count, self.device, self.precision)
