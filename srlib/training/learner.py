"""A module that learns: with its optimizers, schedules and gradient clipping."""

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import lr_scheduler

from srlib.device import autocast
from srlib.errors import InputError, shown
from srlib.specs.train import Optimizer
from srlib.training.muon import Muon, is_hidden


class Learner:
    """A module on a device, trained by optimizers, each for a part, over a known number of steps.

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
        self.begin(optimizer, schedule, steps)

    def begin(self, optimizer: Optimizer, schedule: str, steps: int) -> None:
        """Learn on from here, over so many steps, with optimizers that remember nothing of those before."""
        self.clip_norm = optimizer.clip_norm
        self.optimizers = _optimizers(self.parameters, optimizer)
        self.schedulers = [_scheduler(each, schedule, steps) for each in self.optimizers]
        self._rates = [torch.zeros((), device=self.device) for _ in self.optimizers]
        self._tell_rates()

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
        """The learning rate of the next step, of the first of the optimizers."""
        return self.optimizers[0].param_groups[0]["lr"]

    @property
    def steps(self) -> int:
        """How many steps it has taken since it began."""
        return self.schedulers[0].last_epoch

    def descend(self, loss: Tensor) -> Tensor:
        """One step down the gradient of `loss`, which reaches this module's parameters alone.

        It leaves the learning rates to `advance`. Returns the gradient's norm before clipping.
        """
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        loss.backward(inputs=self.parameters)
        for parameter in self.parameters:
            if parameter.grad is None:  # of what the network does not compute with while it trains
                parameter.grad = torch.zeros_like(parameter)
        gradients = [p.grad for p in self.parameters]
        norm = nn.utils.get_total_norm(gradients)
        if self.clip_norm is not None:
            nn.utils.clip_grads_with_norm_(self.parameters, self.clip_norm, norm)
        for optimizer, rate in zip(self.optimizers, self._rates, strict=True):
            (group,) = optimizer.param_groups
            on_host = group["lr"]
            if rate.is_cuda:
                group["lr"] = rate
            optimizer.step()
            group["lr"] = on_host
        return norm

    def advance(self) -> None:
        """Go on to the learning rates of the next step."""
        for scheduler in self.schedulers:
            scheduler.step()
        self._tell_rates()

    def _tell_rates(self) -> None:
        """Put them where a GPU finds them, whose steps are recorded with the place of all that they read."""
        for rate, optimizer in zip(self._rates, self.optimizers, strict=True):
            rate.fill_(optimizer.param_groups[0]["lr"])

    def state_dict(self) -> dict[str, Any]:
        """All that changes in training."""
        return {
            "module": self.module.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "schedulers": [scheduler.state_dict() for scheduler in self.schedulers],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a state of `state_dict`, or to the module's alone."""
        self.module.load_state_dict(state["module"])
        for key in ("optimizers", "schedulers"):
            for part, saved in zip(getattr(self, key), state.get(key, []), strict=False):
                part.load_state_dict(saved)
        self._tell_rates()


def _optimizers(parameters: list[nn.Parameter], how: Optimizer) -> list[torch.optim.Optimizer]:
    """The optimizer, and Adam for what is not Muon's."""
    rate, common = how.learning_rate, {"weight_decay": how.weight_decay}
    if how.name == "sgd":
        return [torch.optim.SGD(parameters, rate, momentum=how.momentum, fused=True, **common)]
    # capturable: its steps can be recorded
    adam = partial(torch.optim.Adam, betas=how.betas, fused=True, capturable=parameters[0].is_cuda, **common)
    if how.name == "adam":
        return [adam(parameters, rate)]
    hidden, others = ([p for p in parameters if is_hidden(p) is kind] for kind in (True, False))
    parts = [(partial(Muon, **common), hidden, rate), (adam, others, how.adam_rate or rate)]
    return [make(part, lr=rate) for make, part, rate in parts if part]


def _scheduler(optimizer: torch.optim.Optimizer, schedule: str, steps: int) -> lr_scheduler.LRScheduler:
    """constant; step: divided by 10 after each quarter (VDSR); one_cycle: Smith's, 30 % warm-up."""
    if schedule == "one_cycle":
        peak = optimizer.param_groups[0]["lr"]
        return lr_scheduler.OneCycleLR(optimizer, peak, max(steps, 2), cycle_momentum=False)
    if schedule == "step":
        return lr_scheduler.StepLR(optimizer, max(steps // 4, 1), 0.1)
    return lr_scheduler.ConstantLR(optimizer, 1.0, 0)
