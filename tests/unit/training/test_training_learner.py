"""A module that learns: its optimizer, schedule and gradient clipping."""

import numpy as np
import pytest
import torch

from srlib.specs.train import Optimizer
from srlib.training.learner import Learner

CPU = torch.device("cpu")


def learning_rates(schedule, steps):
    learner = Learner(torch.nn.Linear(1, 1), Optimizer("sgd", 0.1), schedule, steps, CPU)
    rates = []
    for _ in range(steps):
        rates.append(learner.learning_rate)
        learner.descend(learner(torch.ones(1, 1)).sum())
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
        Learner(torch.nn.Linear(1, 1), how, "constant", 1, CPU).optimizer.param_groups[0]
        for how in (adam, sgd)
    ]
    assert (groups[0]["betas"], groups[1]["momentum"]) == ((0.5, 0.99), 0.7)


def test_gradients_are_clipped_by_their_norm():
    how = Optimizer("sgd", 1.0, clip_norm=0.5)
    learner = Learner(torch.nn.Linear(2, 1, bias=False), how, "constant", 1, CPU)
    before = learner.module.weight.detach().clone()
    norm = learner.descend(learner(torch.tensor([[3.0, 4.0]])).sum())
    assert norm.item() == pytest.approx(5)
    assert (before - learner.module.weight).flatten().tolist() == pytest.approx([0.3, 0.4])
