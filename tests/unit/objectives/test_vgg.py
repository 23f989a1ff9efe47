import pytest
import torch
from torchvision.models import vgg19

from srlib.errors import InputError
from srlib.objectives import vgg
from srlib.objectives.vgg import VGG19Features


@pytest.fixture(scope="module")
def weight_file(tmp_path_factory):
    """A torchvision state dict; without the dense layers, which the features do not read."""
    torch.manual_seed(1)
    with torch.device("meta"):
        network = vgg19(weights=None)
    features = network.features.to_empty(device="cpu")
    for parameter in features.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    path = tmp_path_factory.mktemp("vgg") / "vgg19.pth"
    torch.save({f"features.{key}": value for key, value in features.state_dict().items()}, path)
    return path, features.eval()


# Positions of the activations in torchvision's `features`, counted in its printed list of layers.
@pytest.mark.parametrize("layer, index", [((1, 1), 1), ((1, 2), 3), ((2, 2), 8), ((3, 4), 17), ((5, 4), 35)])
def test_phi_is_torchvisions_activation(weight_file, layer, index):
    path, reference = weight_file
    gray = torch.rand(2, 1, 32, 32)
    colour = gray.repeat(1, 3, 1, 1)
    for channel, (mean, std) in enumerate([(0.485, 0.229), (0.456, 0.224), (0.406, 0.225)]):
        colour[:, channel] = (colour[:, channel] - mean) / std
    with torch.no_grad():
        expected = reference[: index + 1](colour) / 12.75
        phi = VGG19Features(*layer, file=path)(gray)
    assert torch.allclose(phi, expected, rtol=1e-4, atol=1e-7)
    assert phi.min() == 0  # after activation


def test_phi54_has_the_stated_shape_and_size():
    network = VGG19Features(5, 4)
    assert network(torch.rand(1, 1, 64, 48)).shape == (1, 512, 4, 3)
    assert sum(p.numel() for p in network.parameters()) == 20_024_384  # 20.0 M: VGG-19 to conv5_4


def test_untrained_features_are_always_the_same_and_alive():
    torch.manual_seed(3)
    first = VGG19Features(5, 4)
    torch.manual_seed(4)
    second = VGG19Features(5, 4)
    picture = torch.rand(1, 1, 32, 32)
    assert torch.equal(first(picture), second(picture))
    assert first(picture).std() > 1e-3


def test_gradients_reach_the_picture_and_not_the_weights():
    network = VGG19Features(5, 4).train(False)
    picture = torch.rand(1, 1, 32, 32, requires_grad=True)
    network(picture).square().mean().backward()
    assert picture.grad.abs().max() > 0
    assert all(p.grad is None for p in network.parameters())


@pytest.mark.parametrize("layer", [(1, 3), (6, 1), (5, 5), (0, 1)])
def test_layers_that_vgg_does_not_have(layer):
    with pytest.raises(InputError, match=r"adversarial\.layer"):
        VGG19Features(*layer)


@pytest.mark.parametrize("content", [b"<html>not found</html>", b""])
def test_a_file_that_is_no_weight_file(tmp_path, content):
    (tmp_path / "vgg19.pth").write_bytes(content)
    with pytest.raises(InputError, match=r"vgg19\.pth: does not hold VGG-19's features"):
        VGG19Features(5, 4, tmp_path / "vgg19.pth")


def test_a_pickle_that_runs_code_is_refused(tmp_path):
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    torch.save({"features.0.weight": Evil()}, tmp_path / "evil.pth")
    with pytest.raises(InputError, match="does not hold"):
        VGG19Features(5, 4, tmp_path / "evil.pth")
    assert not (tmp_path / "ran").exists()


def test_imagenet_weights_are_known_by_their_whole_sum(weight_file, tmp_path, monkeypatch):
    with pytest.raises(InputError, match="sha256"):
        vgg.check_imagenet(weight_file[0])
    (tmp_path / "abc").write_bytes(b"abc")
    monkeypatch.setattr(vgg, "SHA256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    vgg.check_imagenet(tmp_path / "abc")  # FIPS 180's example
