"""SRGAN's discriminator, held to the paper."""

import itertools

import pytest
import torch

from srlib.objectives.discriminator import CELL, Discriminator, crop_side, crops, where_crops_begin


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


def test_discriminator_normalises_several_batches_together():
    torch.manual_seed(0)
    network = Discriminator(32).train()
    first, second = torch.rand(2, 1, 32, 32), torch.rand(2, 1, 32, 32) ** 4
    assert torch.allclose(network(first, second), network(torch.cat([first, second])), atol=1e-5)
    assert not torch.allclose(network(first, second), torch.cat([network(first), network(second)]), atol=1e-2)


def test_discriminators_size_on_srgans_crops():
    with torch.device("meta"):
        network = Discriminator(96)
    widths = [3, 64, 64, 128, 128, 256, 256, 512, 512]
    convolutions = sum(9 * i * o + o for i, o in itertools.pairwise(widths))
    norms = sum(2 * width for width in widths[2:])
    dense = (512 * 6 * 6 + 1) * 1024 + 1024 + 1
    count = sum(p.numel() for p in network.parameters())
    assert count == convolutions + norms + dense
    assert round(count / 1e6, 1) == 23.6


@pytest.mark.parametrize("side", [33, 40, 63, 64])
def test_discriminator_of_any_size(side):
    assert Discriminator(side)(torch.rand(2, 1, side, side)).shape == (2, 1)


@pytest.mark.parametrize(("side", "of_crops"), [(256, 96), (112, 96), (96, 80), (64, 48), (32, 32)])
def test_crops_are_srgans_or_leave_room_to_move(side, of_crops):
    assert crop_side(side) == of_crops


def test_crops_lie_side_by_side_in_every_picture():
    pictures = torch.arange(2 * 220 * 256).view(2, 1, 220, 256)
    found = crops(pictures, 96, where_crops_begin((220, 256), 96, seed=0, step=3))
    assert found.shape == (2 * 2 * 2, 1, 96, 96)
    index, place = divmod(int(found[0, 0, 0, 0]), 220 * 256)
    top, left = divmod(place, 256)
    assert index == 0
    for number, picture in enumerate(found):
        i, row, column = number // 4, number // 2 % 2, number % 2
        assert picture.equal(pictures[i, :, top + 96 * row :, left + 96 * column :][:, :96, :96])


@pytest.mark.parametrize("side", [64, 112, 192, 200, 256, 288, 384])
def test_crops_begin_at_each_place_of_a_cell(side):
    """Or the discriminator's strides would see one place alone, and the generator learn a checkerboard."""
    corners = [where_crops_begin((side, side), crop_side(side), seed=0, step=step) for step in range(300)]
    for axis in zip(*corners, strict=True):
        assert {int(first) % CELL for first in axis} == set(range(CELL))


@pytest.mark.parametrize(
    ("sides", "count"), [((256, 256), 4), ((200, 256), 2), ((512, 192), 5), ((32, 48), 1)]
)
def test_as_many_crops_as_leave_room_to_move(sides, count):
    side = crop_side(min(sides))
    for step in range(20):
        corner = where_crops_begin(sides, side, seed=0, step=step)
        assert crops(torch.zeros(1, 1, *sides), side, corner).shape == (count, 1, side, side)


def test_the_discriminator_sees_pictures_from_minus_one_to_one():
    network, seen = Discriminator(32), []
    network.features[0].register_forward_pre_hook(lambda layer, inputs: seen.append(inputs[0]))
    network(torch.tensor([0.0, 0.5, 1.0]).view(3, 1, 1, 1).expand(3, 1, 32, 32))
    assert torch.equal(seen[0][:, 0, 0, 0], torch.tensor([-1.0, 0.0, 1.0]))
    assert seen[0].shape == (3, 3, 32, 32)
