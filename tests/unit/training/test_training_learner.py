"""A module that learns: its optimizers, schedules and gradient clipping."""

import numpy as np
import pytest
import torch

from srlib.errors import InputError
from srlib.specs.train import Optimizer
from srlib.training.learner import Learner

CPU = torch.device("cpu")


def learning_rates(schedule, steps):
    learner = Learner(torch.nn.Linear(1, 1), Optimizer("sgd", 0.1), schedule, steps, CPU)
    rates = []
    for _ in range(steps):
        rates.append(learner.learning_rate)
        learner.descend(learner(torch.ones(1, 1)).sum())
        learner.advance()
    return rates


def test_schedules():
    assert learning_rates("constant", 3) == pytest.approx([0.1] * 3)
    assert learning_rates("step", 8) == pytest.approx([0.1, 0.1, 0.01, 0.01, 1e-3, 1e-3, 1e-4, 1e-4])
    one_cycle = learning_rates("one_cycle", 20)
    assert np.argmax(one_cycle) == 5
    assert max(one_cycle) == pytest.approx(0.1)
    assert one_cycle[-1] < one_cycle[0] < 0.01
    assert len(learning_rates("one_cycle", 1)) == len(learning_rates("step", 1)) == 1


def test_optimizers_have_their_own_momentum():
    adam = Optimizer("adam", 0.1, betas=(0.5, 0.99))
    sgd = Optimizer("sgd", 0.1, momentum=0.7)
    groups = [
        Learner(torch.nn.Linear(1, 1), how, "constant", 1, CPU).optimizers[0].param_groups[0]
        for how in (adam, sgd)
    ]
    assert (groups[0]["betas"], groups[1]["momentum"]) == ((0.5, 0.99), 0.7)


def test_a_step_leaves_no_gradients_in_what_another_learns():
    other = torch.nn.Linear(1, 1)
    learner = Learner(torch.nn.Linear(1, 1), Optimizer("sgd", 0.1), "constant", 1, CPU)
    learner.descend(learner(other(torch.ones(1, 1))).sum())
    assert learner.module.weight.grad is not None
    assert other.weight.grad is None


def test_muon_takes_the_kernels_between_feature_maps_and_adam_the_rest():
    module = torch.nn.Sequential(
        torch.nn.Conv2d(1, 8, 3), torch.nn.Conv2d(8, 8, 3), torch.nn.PReLU(8), torch.nn.Conv2d(8, 3, 3)
    )
    learner = Learner(module, Optimizer("muon", 0.1, betas=(0.5, 0.99)), "one_cycle", 9, CPU)
    muon, adam = learner.optimizers
    assert [id(p) for p in muon.param_groups[0]["params"]] == [id(module[1].weight)]
    assert len(adam.param_groups[0]["params"]) == 6
    assert adam.param_groups[0]["betas"] == (0.5, 0.99)
    before = [p.detach().clone() for p in module.parameters()]
    learner.descend(learner(torch.rand(1, 1, 9, 9)).square().sum())
    learner.advance()
    assert not any(torch.equal(*pair) for pair in zip(before, module.parameters(), strict=True))
    assert muon.param_groups[0]["lr"] == adam.param_groups[0]["lr"] == learner.learning_rate
    assert learner.steps == 1


def test_muons_adam_can_have_a_rate_of_its_own():
    module = torch.nn.Sequential(torch.nn.Conv2d(8, 8, 3), torch.nn.PReLU(8))
    learner = Learner(module, Optimizer("muon", 0.1, adam_rate=0.02), "one_cycle", 10, CPU)
    rates = [[], []]
    for _ in range(10):
        for seen, optimizer in zip(rates, learner.optimizers, strict=True):
            seen.append(optimizer.param_groups[0]["lr"])
        learner.descend(learner(torch.rand(1, 8, 9, 9)).square().sum())
        learner.advance()
    assert max(rates[0]) == pytest.approx(0.1, rel=0.01)
    assert np.array(rates[1]) == pytest.approx(np.array(rates[0]) / 5)


def test_gradients_are_clipped_by_their_norm():
    how = Optimizer("sgd", 1.0, clip_norm=0.5)
    learner = Learner(torch.nn.Linear(2, 1, bias=False), how, "constant", 1, CPU)
    before = learner.module.weight.detach().clone()
    norm = learner.descend(learner(torch.tensor([[3.0, 4.0]])).sum())
    assert norm.item() == pytest.approx(5)
    assert (before - learner.module.weight).flatten().tolist() == pytest.approx([0.3, 0.4])


def test_what_is_idle_or_held_stays_as_it_is():
    module = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.Linear(1, 1))
    module.idle = torch.nn.Linear(2, 1)
    module.forward = lambda value: module[0](value)
    module[0].bias.requires_grad_(False)
    before = {key: tensor.clone() for key, tensor in module.state_dict().items()}
    learner = Learner(module, Optimizer("adam", 0.1), "constant", 1, CPU)
    learner.descend(learner(torch.ones(1, 2)).sum())
    moved = [key for key, tensor in module.state_dict().items() if not torch.equal(tensor, before[key])]
    assert moved == ["0.weight"]
    assert len(learner.optimizers[0].state) == len(learner.parameters) == 5


def test_a_module_that_cannot_do_with_bfloat16_says_how_it_can():
    class Mixing(torch.nn.Linear):
        def forward(self, value):
            return torch.zeros(1, 4).index_copy_(0, torch.tensor([0]), super().forward(value))

    module = Mixing(4, 4)
    assert Learner(module, Optimizer("sgd", 0.1), "constant", 1, CPU)(torch.ones(1, 4)).shape == (1, 4)
    learner = Learner(module, Optimizer("sgd", 0.1), "constant", 1, CPU, "bfloat16")
    with pytest.raises(InputError, match=r"training\.precision: .*BFloat16.*set it to float32"):
        learner(torch.ones(1, 4))
