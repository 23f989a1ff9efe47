import numpy as np
import pytest
import torch
from torch import nn

from srlib.data.images import Picture, read_pictures, write_pictures
from srlib.errors import InputError
from srlib.inference import restore, restore_folder
from srlib.networks import catalog, weights
from srlib.specs.network import NetworkSpec

CPU = torch.device("cpu")


class Affine(nn.Module):
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
    sr = restore(Affine(a, b), lr, CPU)
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


def test_a_folder_through_trained_weights(lr_manifest, tmp_path):
    torch.manual_seed(0)
    network = catalog.build("vdsr", {})
    weights.save(tmp_path / "w.safetensors", network, "vdsr", {}, {})
    spec = NetworkSpec("vdsr", {}, "down4_up4", 1)
    restore_folder(
        lr_manifest, tmp_path / "sr.manifest.csv", spec=spec, weights=tmp_path / "w.safetensors", device="cpu"
    )
    for lr, sr in zip(read_pictures(lr_manifest), read_pictures(tmp_path / "sr.manifest.csv"), strict=True):
        assert np.array_equal(sr.pixels, restore(network.eval(), lr.pixels, CPU))


def test_cuda_where_there_is_none(lr_manifest, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    spec = NetworkSpec("bicubic", {"scale": 4}, "down4", 4)
    with pytest.raises(InputError, match="device: cuda"):
        restore_folder(lr_manifest, tmp_path / "sr.manifest.csv", spec=spec, weights=None, device="cuda")
