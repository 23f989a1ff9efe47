"""Muon, beside torch's own, which knows matrices alone."""

import pytest
import torch

from srlib.training.muon import Muon, is_hidden, orthogonal


def moved(optimizer, parameter, gradients):
    for gradient in gradients:
        parameter.grad = gradient.clone()
        optimizer.step()
    return parameter.detach()


@pytest.mark.parametrize("shape", [(8, 24), (24, 8), (6, 6)])
def test_matrices_move_as_torch_moves_them(shape):
    torch.manual_seed(0)
    start, gradients = torch.randn(shape), torch.randn(4, *shape)
    ours, theirs = (torch.nn.Parameter(start.clone()) for _ in range(2))
    how = {"lr": 0.02, "weight_decay": 0.1}
    ours = moved(Muon([ours], **how), ours, gradients)
    theirs = moved(torch.optim.Muon([theirs], adjust_lr_fn="match_rms_adamw", **how), theirs, gradients)
    # torch iterates in bfloat16, to about three digits.
    assert (ours - theirs).norm() < 0.02 * (theirs - start).norm()


def test_a_kernel_is_the_matrix_of_its_outputs():
    torch.manual_seed(0)
    start, gradients = torch.randn(8, 4, 3, 3), torch.randn(3, 8, 4, 3, 3)
    for memory in (torch.contiguous_format, torch.channels_last):
        kernel = torch.nn.Parameter(start.clone(memory_format=memory))
        matrix = torch.nn.Parameter(start.flatten(1).clone())
        moved(Muon([kernel], lr=0.1), kernel, gradients.contiguous())
        moved(Muon([matrix], lr=0.1), matrix, gradients.flatten(2))
        torch.testing.assert_close(kernel.flatten(1), matrix)


def test_kernels_do_not_mind_each_other():
    torch.manual_seed(0)
    starts = [torch.randn(8, 6, 3, 3), torch.randn(4, 6, 3, 3), torch.randn(8, 6, 3, 3)]
    together, alone = ([torch.nn.Parameter(start.clone()) for start in starts] for _ in range(2))
    optimizer = Muon(together, lr=0.1)
    for ours, kernel, start in zip(together, alone, starts, strict=True):
        ours.grad = start.sin()
        moved(Muon([kernel], lr=0.1), kernel, start.sin()[None])
    optimizer.step()
    for ours, kernel in zip(together, alone, strict=True):
        torch.testing.assert_close(ours, kernel)


def test_an_update_is_orthogonal_and_as_large_as_adams():
    torch.manual_seed(0)
    matrix = torch.randn(16, 5) @ torch.diag(torch.tensor([1.0, 2, 5, 10, 20]))
    singular = torch.linalg.svdvals(orthogonal(matrix))
    assert 0.6 < singular.min() <= singular.max() < 1.3
    kernel = torch.nn.Parameter(torch.zeros(64, 64, 3, 3))
    moved(Muon([kernel], lr=1e-3), kernel, torch.randn(1, 64, 64, 3, 3))
    # 0.2 lr, but for singular values between 0.7 and 1.2
    assert 1.4e-4 < kernel.detach().square().mean().sqrt() < 2.4e-4


def test_rows_and_columns_without_a_gradient_stay_as_they_are():
    torch.manual_seed(0)
    kernel = torch.nn.Parameter(torch.randn(8, 6, 3, 3))
    gradients = torch.randn(5, 8, 6, 3, 3)
    gradients[:, :2] = 0
    gradients[:, :, 1, 2, 2] = 0
    start = kernel.detach().clone()
    changed = moved(Muon([kernel], lr=0.1), kernel, gradients) != start
    assert not changed[:2].any()
    assert not changed[:, 1, 2, 2].any()
    assert changed.sum() == 6 * (6 * 9 - 1)


def test_no_gradient_at_all_moves_nothing():
    kernel = torch.nn.Parameter(torch.ones(8, 6, 3, 3))
    assert (moved(Muon([kernel], lr=0.1), kernel, torch.zeros(2, 8, 6, 3, 3)) == 1).all()


@pytest.mark.parametrize(
    ("shape", "hidden"),
    [
        ((64, 64, 3, 3), True),
        ((64, 3, 9, 9), False),
        ((1, 64, 3, 3), False),
        ((64, 64), False),
        ((64,), False),
    ],
)
def test_pictures_kernels_are_not_hidden(shape, hidden):
    assert is_hidden(torch.nn.Parameter(torch.zeros(shape))) is hidden
