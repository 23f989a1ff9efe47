"""SRGAN's discriminator, held to the paper."""

import itertools

import pytest
import torch

from srlib.objectives.discriminator import Discriminator


def test_discriminator_is_srgans():
    network = Discriminator(32)
    convolutions = [m for m in network.modules() if isinstance(m, torch.nn.Conv2d)]
    assert [(c.out_channels, c.stride[0]) for c in convolutions] == [
        (64, 1), (64, 2), (128, 1), (128, 2), (256, 1), (256, 2), (512, 1), (512, 2)
    ]  # fmt: skip
    norms = [m for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert len(norms) == 7  # none after the first convolution
    assert {m.negative_slope for m in network.modules() if isinstance(m, torch.nn.LeakyReLU)} == {0.2}
    assert network(torch.rand(2, 1, 32, 32)).shape == (2, 1)


def test_discriminator_normalises_each_of_several_batches_alone():
    torch.manual_seed(0)
    network = Discriminator(32).train()
    first, second = torch.rand(2, 1, 32, 32), torch.rand(2, 1, 32, 32) ** 4
    apart = torch.cat([network(first), network(second)])
    assert torch.allclose(network(first, second), apart, atol=1e-5)
    assert not torch.allclose(network(torch.cat([first, second])), apart, atol=1e-2)


def test_discriminators_size_at_256():
    with torch.device("meta"):
        network = Discriminator(256)
    widths = [3, 64, 64, 128, 128, 256, 256, 512, 512]
    convolutions = sum(9 * i * o + o for i, o in itertools.pairwise(widths))
    norms = sum(2 * width for width in widths[2:])
    dense = (512 * 16 * 16 + 1) * 1024 + 1024 + 1
    count = sum(p.numel() for p in network.parameters())
    assert count == convolutions + norms + dense
    assert round(count / 1e6, 1) == 138.9


@pytest.mark.parametrize("side", [33, 40, 63, 64])
def test_discriminator_of_any_size(side):
    assert Discriminator(side)(torch.rand(2, 1, side, side)).shape == (2, 1)
