import errno
import json
import pathlib
import re

import pytest
import safetensors.torch
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from srlib.errors import InputError
from srlib.networks import catalog, weights

SPEC = {"network": "hybrid", "training": {"epochs": 6}}


@pytest.fixture(params=[("vdsr", {}), ("srgan", {"scale": 2}), ("hybrid", {"sharpening": "mean"})])
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
    assert header["scale"] == {"vdsr": 1, "srgan": 2, "hybrid": 2}[name]


def test_the_same_weights_make_the_same_bytes(saved, tmp_path):
    network, name, path = saved
    again = tmp_path / "again.safetensors"
    weights.save(again, network, name, weights.header(path)["arguments"], SPEC)
    assert again.read_bytes() == path.read_bytes()


def test_missing_file(tmp_path):
    with pytest.raises(InputError, match="no such weight file"):
        weights.load(tmp_path / "w.safetensors")


def test_a_folder_is_no_weight_file_and_one_that_cannot_be_read_is_not_missing(tmp_path, monkeypatch):
    with pytest.raises(
        InputError, match=r": a folder, not a weight file; name the weights\.safetensors in it"
    ):
        weights.load(tmp_path)

    def refuse(path, mode):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(pathlib.Path, "open", refuse)
    with pytest.raises(InputError, match=r"w: cannot be read \(Permission denied\); grant access"):
        weights.load("w")


@pytest.mark.parametrize(
    "damage",
    [lambda data: b"", lambda data: data[:1000], lambda data: data[:-1], lambda data: b"<html>" + data],
    ids=["empty", "header cut", "data cut", "page"],
)
def test_a_damaged_file_is_named_with_what_mends_it(saved, damage):
    path = saved[2]
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match=r"w\.safetensors: damaged.*; delete it, then run the same command"):
        weights.load(path)


DEEP = "[" * 100_000 + "]" * 100_000
GOOD = {"network": "vdsr", "arguments": {}, "scale": 1, "spec": {}}
HEADERS = [DEEP, "[]", "1", "null", "{}", '"x"', "", "{", "1" * 5000, "NaN", json.dumps([GOOD]), " " * 2**21]
HEADERS += [json.dumps(GOOD | odd) for odd in ({"network": ["vdsr"]}, {"network": {}}, {"arguments": []})]
HEADERS += [json.dumps(GOOD | odd) for odd in ({"scale": "4"}, {"network": None}, {"arguments": None})]
HEADERS += [json.dumps(GOOD).replace('"spec": {}', f'"spec": {DEEP}')]


@pytest.mark.parametrize("text", HEADERS, ids=[text[:40] for text in HEADERS])
def test_a_hostile_header_is_one_clear_error(tmp_path, text):
    path = tmp_path / "w.safetensors"
    safetensors.torch.save_file({"x": torch.zeros(1)}, path, {"model": text})
    for read in (weights.header, weights.load):
        with pytest.raises(InputError, match="not a weight file") as error:
            read(path)
        assert str(error.value).isprintable() and len(str(error.value)) < 600


@pytest.mark.parametrize(
    "odd",
    [
        {"network": "../../x"},
        {"network": "catalog"},
        {"network": "x\n\x1b" * 900},
        {"arguments": {"depth": "x"}},
        {"arguments": {"init": []}},
        {"arguments": {"__class__": 1}},
        {"arguments": {"channels": -1}},
    ],
)
def test_a_header_of_no_network_is_one_clear_error(tmp_path, odd):
    path = tmp_path / "w.safetensors"
    safetensors.torch.save_file({"x": torch.zeros(1)}, path, {"model": json.dumps(GOOD | odd)})
    with pytest.raises(InputError, match="does not fit network") as error:
        weights.load(path)
    assert str(error.value).isprintable() and len(str(error.value)) < 900


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_neither_written_nor_read(saved, value):
    network, name, path = saved
    tensors = safetensors.torch.load_file(path)
    key = sorted(tensors)[0]
    with safetensors.safe_open(path, "pt") as file:
        metadata = file.metadata()
    good = path.read_bytes()
    tensors[key].view(-1)[0] = value
    safetensors.torch.save_file(tensors, path, metadata)
    with pytest.raises(
        InputError, match=rf"{re.escape(str(path))}: {re.escape(key)} is not finite.*delete it"
    ):
        weights.load(path)
    path.write_bytes(good)
    network.load_state_dict(tensors)
    with pytest.raises(InputError, match=r"not written.*learning_rate"):
        weights.save(path, network, name, weights.header(path)["arguments"], SPEC)
    assert path.read_bytes() == good


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_done_to_a_file_gives_a_header_or_one_clear_error(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "fuzz.safetensors"
    good = safetensors.torch.save({"x": torch.zeros(3)}, {"model": json.dumps(GOOD)})
    bad = bytearray(good[: data.draw(st.integers(0, len(good)) | st.just(len(good)))])
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(bad)))
        bad[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    path.write_bytes(bad)
    try:
        about = weights.header(path)
        assert isinstance(about["network"], str) and isinstance(about["arguments"], dict)
    except InputError as error:
        assert str(path) in str(error) and str(error).isprintable()
    with pytest.raises(InputError):
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
