"""A module that learns: with its optimizer, schedule and gradient clipping."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import lr_scheduler

from srlib.device import autocast
from srlib.errors import InputError, shown
from srlib.specs.train import Optimizer


class Learner:
    """A module on a device, trained by an optimizer over a known number of steps.

    precision: of its convolutions, float32 or bfloat16 (srlib.device.autocast); parameters, optimizer
    and output, so losses too, are float32 in either. Calling it raises InputError if the module cannot
    compute in bfloat16.
    """

    def __init__(
        self,
        module: nn.Module,
        optimizer: Optimizer,
        schedule: str,
        steps: int,
        device: torch.device,
        precision: str = "float32",
    ) -> None:
        self.device, self.precision = device, precision
        self.module = module.to(device, memory_format=torch.channels_last).train()
        self.parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
        self.clip_norm = optimizer.clip_norm
        self.optimizer = _optimizer(self.parameters, optimizer)
        self.scheduler = _scheduler(self.optimizer, schedule, optimizer.learning_rate, steps)

    def __call__(self, *inputs: Tensor) -> Tensor:
        try:
            with autocast(self.device, self.precision):
                return self.module(*inputs).float()
        except RuntimeError as error:
            if "bfloat16" not in str(error).lower():
                raise
            raise InputError(
                f"training.precision: the network cannot do with bfloat16 ({shown(error)}); set it to float32"
            ) from error

    @property
    def learning_rate(self) -> float:
        """The learning rate of the next step."""
        return self.optimizer.param_groups[0]["lr"]

    @property
    def steps(self) -> int:
        """How many steps it has taken."""
        return self.scheduler.last_epoch

    def descend(self, loss: Tensor) -> Tensor:
        """One step down the gradient of `loss`, which reaches this module's parameters alone.

        Returns the gradient's norm before clipping.
        """
        self.optimizer.zero_grad()
        loss.backward(inputs=self.parameters)
        for parameter in self.parameters:
            if parameter.grad is None:  # of what the network does not compute with while it trains
                parameter.grad = torch.zeros_like(parameter)
        gradients = [p.grad for p in self.parameters]
        norm = nn.utils.get_total_norm(gradients)
        if self.clip_norm is not None:
            nn.utils.clip_grads_with_norm_(self.parameters, self.clip_norm, norm)
        self.optimizer.step()
        self.scheduler.step()
        return norm

    def state_dict(self) -> dict[str, Any]:
        """All that changes in training."""
        return {key: getattr(self, key).state_dict() for key in ("module", "optimizer", "scheduler")}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a state of `state_dict`."""
        for key, value in state.items():
            getattr(self, key).load_state_dict(value)


def _optimizer(parameters: list[nn.Parameter], how: Optimizer) -> torch.optim.Optimizer:
    common = {"lr": how.learning_rate, "weight_decay": how.weight_decay, "fused": True}
    if how.name == "sgd":
        return torch.optim.SGD(parameters, momentum=how.momentum, **common)
    return torch.optim.Adam(parameters, betas=how.betas, **common)


def _scheduler(
    optimizer: torch.optim.Optimizer, schedule: str, learning_rate: float, steps: int
) -> lr_scheduler.LRScheduler:
    """constant; step: divided by 10 after each quarter (VDSR); one_cycle: Smith's, 30 % warm-up."""
    if schedule == "one_cycle":
        return lr_scheduler.OneCycleLR(optimizer, learning_rate, max(steps, 2), cycle_momentum=False)
    if schedule == "step":
        return lr_scheduler.StepLR(optimizer, max(steps // 4, 1), 0.1)
    return lr_scheduler.ConstantLR(optimizer, 1.0, 0)
