"""All that decides a model's weights besides data and seed, and nothing that is not used."""

from dataclasses import dataclass
from typing import Any

from srlib.specs.network import NetworkSpec


@dataclass(frozen=True)
class Optimizer:
    """torch's, in its words, or muon. betas: of adam, and of muon's Adam; adam_rate: that one's, None for
    the same; momentum: sgd's; clip_norm: of the gradient, None for any.
    """

    name: str
    learning_rate: float
    betas: tuple[float, float] = (0.9, 0.999)
    adam_rate: float | None = None
    momentum: float = 0.0
    weight_decay: float = 0.0
    clip_norm: float | None = None


@dataclass(frozen=True)
class Loop:
    """The config's `training`: batch in images; crop: HR side in pixels, None for whole images.

    threads: of a CPU, None for as many as there are given. precision: auto, float32 or bfloat16.
    flips: whether batches are mirrored and turned upside down at random.
    """

    epochs: int
    batch: int
    crop: int | None
    deterministic: bool
    tensorboard: bool
    threads: int | None = None
    precision: str = "float32"
    flips: bool = False


@dataclass(frozen=True)
class TrainSpec(NetworkSpec):
    """objective: its name; settings: its own (srlib.objectives); schedule: constant, one_cycle or step.

    The last four are None where the objective is solved in closed form.
    initial: the weights to start from, a file's path or {"model": name} of the same run; None: as the
    network starts by itself.
    """

    objective: str
    settings: dict[str, Any]
    optimizer: Optimizer | None = None
    schedule: str | None = None
    training: Loop | None = None
    initial: str | dict[str, str] | None = None
