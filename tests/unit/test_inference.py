import copy

import numpy as np
import pytest
import torch
from devices import DEVICES
from torch import nn
from torch.nn import functional as F

from srlib.data.images import Picture, folder_of, read_pictures, write_pictures
from srlib.device import choose
from srlib.errors import InputError
from srlib.inference import eight_bit, restore, restore_folder
from srlib.networks import catalog, weights
from srlib.networks.catalog import Traits
from srlib.specs.network import NetworkSpec


class Affine(nn.Module):
    traits = Traits(scale=1, receptive_field=1, size_multiple=1, trained=False)

    def __init__(self, a, b):
        super().__init__()
        self.a, self.b = a, b

    def forward(self, lr):
        return self.a * lr + self.b


@pytest.mark.parametrize(
    "a, b, expected",
    [
        (1, 0, [0, 1, 128, 254, 255]),
        (1, 0.4 / 255, [0, 1, 128, 254, 255]),  # rounded, not truncated
        (1, 0.6 / 255, [1, 2, 129, 255, 255]),
        (2, -0.4, [0, 0, 154, 255, 255]),  # clamped, not wrapped
    ],
)
def test_output_is_clamped_and_rounded(a, b, expected):
    lr = np.array([[0, 1, 128, 254, 255]], np.uint8)
    sr = eight_bit(restore(Affine(a, b), lr), "x")
    assert sr.dtype == np.uint8
    assert sr.tolist() == [expected]


@pytest.fixture
def lr_manifest(tmp_path):
    rng = np.random.default_rng(0)
    pictures = [
        Picture(f"{k}.png", f"patient {k}", rng.integers(0, 256, (12, 16), np.uint8)) for k in range(3)
    ]
    write_pictures(pictures, tmp_path / "lr.manifest.csv")
    return tmp_path / "lr.manifest.csv"


def test_a_folder_through_a_network_without_weights(lr_manifest, tmp_path):
    spec = NetworkSpec("bicubic", {"scale": 4}, "down4", 4)
    restore_folder(lr_manifest, tmp_path / "sr.manifest.csv", spec=spec, weights=None, device="cpu")
    lr, sr = list(read_pictures(lr_manifest)), list(read_pictures(tmp_path / "sr.manifest.csv"))
    assert [(p.name, p.patient) for p in sr] == [(p.name, p.patient) for p in lr]
    assert {p.pixels.shape for p in sr} == {(48, 64)}


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(
    "name, arguments", [("linear", {"scale": 4}), ("vdsr", {}), ("srgan", {"scale": 4}), ("hybrid", {})]
)
def test_float32_is_that_of_a_cpu_in_double_precision(name, arguments, device):
    """Within 0.002 gray levels, so that 8-bit pictures are the same wherever they are made."""
    torch.manual_seed(0)
    network = catalog.build(name, arguments).eval()
    lr = np.random.default_rng(0).random((40, 48), np.float32)
    with torch.inference_mode():
        exact = copy.deepcopy(network).double()(torch.from_numpy(lr).double()[None, None])[0, 0].numpy()
    sr = restore(network.to(choose(device), memory_format=torch.channels_last), lr)
    assert np.abs(sr - exact).max() < 0.002 / 255


def test_a_folder_through_trained_weights(lr_manifest, tmp_path):
    torch.manual_seed(0)
    network = catalog.build("vdsr", {})
    weights.save(tmp_path / "w.safetensors", network, "vdsr", {}, {})
    spec = NetworkSpec("vdsr", {}, "down4_up4", 1)
    restore_folder(
        lr_manifest, tmp_path / "sr.manifest.csv", spec=spec, weights=tmp_path / "w.safetensors", device="cpu"
    )
    for lr, sr in zip(read_pictures(lr_manifest), read_pictures(tmp_path / "sr.manifest.csv"), strict=True):
        assert np.array_equal(sr.pixels, eight_bit(restore(network.eval(), lr.pixels), "x"))


def test_values_that_are_not_finite_never_become_pictures(lr_manifest, tmp_path):
    network = catalog.build("vdsr", {})
    for layer in (0, 2):
        network.residual[layer].weight.data *= 1e37  # finite, but not what comes of it
    weights.save(tmp_path / "w.safetensors", network, "vdsr", {}, {})
    spec, w = NetworkSpec("vdsr", {}, "down4_up4", 1), str(tmp_path / "w.safetensors")
    with pytest.raises(InputError, match=r"w\.safetensors, 0\.png: the network gives values .* not finite"):
        restore_folder(lr_manifest, tmp_path / "sr.manifest.csv", spec=spec, weights=w, device="cpu")
    assert not (tmp_path / "sr.manifest.csv").exists()
    assert not folder_of(tmp_path / "sr.manifest.csv").exists()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_single_value_that_is_not_finite_is_told(value):
    sr = np.zeros((4, 4), np.float32)
    sr[2, 1] = value
    with pytest.raises(
        InputError, match=r"models/vdsr, a\.png: the network gives values that are not finite"
    ):
        eight_bit(sr, "models/vdsr, a.png")


def network_of(name):
    """A network with weights that are none of a start's zeros, so that every layer shows."""
    torch.manual_seed(0)
    traits = catalog.traits(name)
    network = catalog.build(name, {"scale": 4} if traits.scale is None else {})
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1)
    return network.eval()


@pytest.fixture(scope="module")
def picture():
    return np.random.default_rng(0).integers(0, 256, (70, 131), np.uint8)


@pytest.mark.parametrize("name", [name for name in catalog.names() if name != "spandrel"])  # never in pieces
@pytest.mark.parametrize("tile", [48, 65, 100])
def test_pieces_make_the_whole_picture(name, tile, picture):
    network = network_of(name)
    whole, pieces = restore(network, picture), restore(network, picture, tile)
    assert whole.shape == pieces.shape
    assert np.abs(whole - pieces).max() <= (4e-7 if name == "hybrid" else 0)


@pytest.mark.parametrize("name", ["vdsr", "hybrid", "linear"])
def test_several_pictures_at_once_are_as_each_alone(name):
    network = network_of(name)
    pictures = np.random.default_rng(1).integers(0, 256, (3, 21, 50), np.uint8)
    together = restore(network, pictures, 32)
    assert np.abs(together - [restore(network, picture, 32) for picture in pictures]).max() < 1e-6


def test_less_than_half_the_receptive_field_would_show(picture):
    """That the test above can fail: the declared field is not larger than it must be."""
    network = network_of("vdsr")
    network.traits = network.traits._replace(receptive_field=network.traits.receptive_field - 4)
    assert np.abs(restore(network, picture) - restore(network, picture, 48)).max() > 0


class Centred(nn.Module):
    """Takes the mean of the whole picture away: a network with a global part."""

    traits = Traits(scale=1, receptive_field=None, size_multiple=1, trained=False)

    def forward(self, lr):
        return lr - lr.mean((2, 3), keepdim=True)


def test_a_network_with_global_parts_takes_the_picture_whole(picture):
    lr = picture.astype(np.float32) / 255
    assert np.abs(restore(Centred(), lr, 16) - (lr - lr.mean())).max() < 1e-6


class Halving(nn.Module):
    """Needs sides that are multiples of 4; gives back what it was given, or nothing that fits."""

    traits = Traits(scale=1, receptive_field=4, size_multiple=4, trained=False)

    def forward(self, lr):
        assert lr.shape[2] % 4 == lr.shape[3] % 4 == 0
        return F.pixel_shuffle(F.pixel_unshuffle(lr, 4), 4)


@pytest.mark.parametrize("shape", [(1, 1), (4, 8), (13, 30)])
@pytest.mark.parametrize("tile", [6, 384])
def test_sides_that_a_network_cannot_take_are_padded_and_cropped_back(shape, tile):
    lr = np.random.default_rng(0).random(shape, np.float32)
    assert np.array_equal(restore(Halving(), lr, tile), lr)


def test_gray_values_of_every_type():
    identity = Affine(1, 0)
    wide = np.array([[0, 257, 65535]], np.uint16)
    assert np.allclose(restore(identity, wide), [[0, 1 / 255, 1]], atol=1e-7)
    assert np.array_equal(restore(identity, np.array([[0.25, 1.5]])), np.float32([[0.25, 1.5]]))
    with pytest.raises(InputError, match="type int32"):
        restore(identity, wide.astype(np.int32))


def test_cuda_where_there_is_none(lr_manifest, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    choose.cache_clear()
    spec = NetworkSpec("bicubic", {"scale": 4}, "down4", 4)
    with pytest.raises(InputError, match="device: cuda"):
        restore_folder(lr_manifest, tmp_path / "sr.manifest.csv", spec=spec, weights=None, device="cuda")


@pytest.mark.parametrize("name, arguments", [("vdsr", {}), ("srgan", {"scale": 4}), ("hybrid", {})])
def test_convolutions_in_bfloat16(name, arguments):
    torch.manual_seed(0)
    network = catalog.build(name, arguments).eval()
    inner = next(m for m in network.modules() if isinstance(m, nn.Conv2d) and m.in_channels == 64)
    seen = []
    inner.register_forward_hook(lambda layer, inputs, output: seen.append(output.dtype))
    lr = np.random.default_rng(0).random((24, 32), np.float32)
    full, half = (restore(network, lr, precision=precision) for precision in ("float32", "bfloat16"))
    assert seen == [torch.float32, torch.bfloat16]
    assert half.dtype == np.float32
    assert np.abs(half - full).max() < 0.05 * max(1, np.abs(full).max())


def test_which_networks_may_restore_in_bfloat16():
    assert {name for name in catalog.names() if catalog.traits(name).may_round} == {
        "vdsr", "srgan", "hybrid", "edsr", "rlfn"
    }  # fmt: skip


@pytest.mark.parametrize("name", ["bicubic", "lanczos", "linear"])
def test_what_no_steps_have_trained_stays_exact(name):
    torch.manual_seed(0)
    network = catalog.build(name, {"scale": 4}).eval()
    lr = np.random.default_rng(0).random((24, 32), np.float32)
    assert np.array_equal(restore(network, lr, precision="bfloat16"), restore(network, lr))
