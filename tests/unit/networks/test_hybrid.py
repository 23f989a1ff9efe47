import pytest
import torch

from srlib.errors import InputError
from srlib.networks.hybrid import Hybrid, Sharpening, build


def test_sharpening_is_fixed_and_not_saved():
    network = Hybrid()
    assert not list(network.sharpening.parameters())
    assert not [key for key in network.state_dict() if "sharpening" in key]


@pytest.mark.parametrize("reading", ["groups", "mean"])
def test_sharpening_by_hand(reading):
    layer = Sharpening(reading)
    x = torch.zeros(1, 64, 3, 3)
    x[0, 4] = torch.tensor([[1.0, 2, 3], [4, 5, 6], [7, 8, 0]])  # channel 4: group 1 of 0, 1, 2; 21 channels
    centre = 5 * 5 - 2 - 4 - 6 - 8
    corner = 5 * 1 - 1 - 1 - 2 - 4  # replicated border
    expected = {"groups": [0, 1 / 21, 0], "mean": [1 / 64] * 3}[reading]
    assert layer(x)[0, :, 1, 1].tolist() == pytest.approx([centre * share for share in expected])
    assert layer(x)[0, :, 0, 0].tolist() == pytest.approx([corner * share for share in expected])
    assert layer(torch.ones(1, 64, 3, 3)).flatten().tolist() == pytest.approx([1.0] * 27, abs=1e-5)


def test_the_hybrids_output_is_bounded():
    network = Hybrid().eval()
    with torch.no_grad():
        sr = network(1000 * torch.rand(1, 1, 8, 8))
    assert 0 <= sr.min() <= sr.max() <= 1


def test_without_sharpening_the_averages_stay_as_they_are():
    x = torch.rand(1, 64, 5, 5)
    averages = torch.stack([x[:, k::3].mean(1) for k in range(3)], 1)
    assert torch.allclose(Sharpening("none")(x), averages, atol=1e-6)


def test_layers_counts_those_of_vdsr():
    def convolutions(layers):
        return sum(isinstance(module, torch.nn.Conv2d) for module in Hybrid(layers=layers).modules())

    assert convolutions(20) == convolutions(0) + 20


def test_three_equal_pictures_cannot_hold_the_linear_filters():
    network = build("mean", init="linear")  # weights of such a file are no less good
    with pytest.raises(InputError, match="sharpening: mean, init: linear"):
        network.start([])
