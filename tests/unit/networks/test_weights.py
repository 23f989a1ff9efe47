import pytest
import safetensors.torch
import torch

from srlib.errors import InputError
from srlib.networks import catalog, weights

SPEC = {"network": "hybrid", "training": {"epochs": 6}}


@pytest.fixture(params=[("vdsr", {}), ("srgan", {}), ("hybrid", {"sharpening": "mean"})])
def saved(request, tmp_path):
    name, arguments = request.param
    network = catalog.build(name, arguments).eval()
    weights.save(tmp_path / "w.safetensors", network, name, arguments, SPEC)
    return network, name, tmp_path / "w.safetensors"


def test_a_weight_file_alone_is_enough(saved):
    network, name, path = saved
    loaded = weights.load(path)
    lr = torch.rand(1, 1, 12, 12)
    with torch.no_grad():
        assert torch.equal(loaded(lr), network(lr))
    assert not loaded.training
    header = weights.header(path)
    assert (header["network"], header["spec"]) == (name, SPEC)
    assert header["scale"] == catalog.traits(name).scale


def test_the_same_weights_make_the_same_bytes(saved, tmp_path):
    network, name, path = saved
    again = tmp_path / "again.safetensors"
    weights.save(again, network, name, weights.header(path)["arguments"], SPEC)
    assert again.read_bytes() == path.read_bytes()


def test_missing_file(tmp_path):
    with pytest.raises(InputError, match="no such weight file"):
        weights.load(tmp_path / "w.safetensors")


@pytest.mark.parametrize("damage", [lambda data: data[:1000], lambda data: b"<html>" + data])
def test_a_damaged_file_is_named(saved, damage):
    path = saved[2]
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match=r"w\.safetensors: not a weight file"):
        weights.load(path)


def test_foreign_tensors_are_refused(saved):
    path = saved[2]
    with safetensors.safe_open(path, "pt") as file:
        metadata = file.metadata()
    safetensors.torch.save_file({"x": torch.zeros(1)}, path, metadata)
    with pytest.raises(InputError, match="does not fit network"):
        weights.load(path)


def test_a_foreign_header_is_refused(tmp_path):
    safetensors.torch.save_file({"x": torch.zeros(1)}, tmp_path / "w.safetensors")
    with pytest.raises(InputError, match="not a weight file"):
        weights.load(tmp_path / "w.safetensors")
