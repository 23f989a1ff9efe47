"""Weight files as ONNX files, run by onnxruntime."""

import hashlib
import json
import re

import pytest
import torch
from torch import nn

from srlib.__main__ import main
from srlib.errors import InputError
from srlib.export import convert
from srlib.networks import catalog, weights

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")

TRAINED = [name for name in catalog.names() if catalog.traits(name).trained]


def write_weights(path, name="linear"):
    """Random weights, and statistics of a batch in each BatchNorm."""
    arguments = {} if catalog.traits(name).scale else {"scale": max(catalog.scales(name) or [3])}
    torch.manual_seed(0)
    network = catalog.build(name, arguments)
    if name == "linear":
        nn.init.normal_(network.filters)
    network.train()(torch.rand(2, 1, 32, 32))
    weights.save(path, network, name, arguments, {"lr": "down4"})
    return path


@pytest.mark.parametrize("name", TRAINED)
def test_onnxruntime_restores_as_pytorch_does_at_any_size(name, tmp_path):
    path = write_weights(tmp_path / "w.safetensors", name)
    output, _ = convert.export(path)
    assert output == tmp_path / "w.onnx"
    onnx.checker.check_model(output, full_check=True)
    session, network = onnxruntime.InferenceSession(output), weights.load(path)
    for shape in [(1, 1, 16, 48), (5, 1, 32, 16)]:
        lr = torch.rand(shape)
        with torch.no_grad():
            expected = network(lr)
        (sr,) = session.run(["sr"], {"lr": lr.numpy()})
        assert torch.allclose(torch.from_numpy(sr), expected, atol=1e-5)


def test_the_file_says_what_it_is_and_names_no_folder_of_the_machine(tmp_path):
    path = write_weights(tmp_path / "w.safetensors")
    model = onnx.load(convert.export(path)[0])
    about = {entry.key: entry.value for entry in model.metadata_props}
    assert "not for diagnosis" in about.pop("use")
    assert json.loads(about.pop("arguments")) == {"scale": 3}
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert about.pop("weights_sha256") == digest
    assert about == {
        "network": "linear",
        "scale": "3",
        "lr": "down4",
        "receptive_field": "9",
        "size_multiple": "1",
    }
    assert b".py" not in path.with_suffix(".onnx").read_bytes()


class Windows(nn.Module):
    """Takes sides that are multiples of 4: what is left of each 4 x 4 window without its mean."""

    traits = catalog.Traits(scale=1, receptive_field=None, size_multiple=4, trained=True)

    def forward(self, lr):
        n, c, h, w = lr.shape
        windows = lr.reshape(n, c, h // 4, 4, w // 4, 4)
        return (windows - windows.mean((3, 5), keepdim=True)).reshape(n, c, h, w)


class Cropped(nn.Module):
    """Another function for larger pictures."""

    traits = catalog.Traits(scale=1, receptive_field=1, size_multiple=1, trained=True)

    def forward(self, lr):
        return lr if lr.shape[-1] < 12 else 1 - lr


def test_sides_that_a_network_cannot_take_are_not_in_the_file():
    model = convert._convert(Windows(), "windows")
    (lr,) = model.graph.input
    assert [axis.dim_param or axis.dim_value for axis in lr.type.tensor_type.shape.dim] == [
        "n",
        1,
        "4*h",
        "4*w",
    ]
    assert convert._difference(model.SerializeToString(), Windows()) < 1e-6


def test_a_network_that_does_not_convert_leaves_no_file(tmp_path, monkeypatch):
    path = write_weights(tmp_path / "w.safetensors")
    monkeypatch.setattr(weights, "load", lambda *_: Cropped())
    with pytest.raises(InputError, match=r"w\.safetensors: onnxruntime's pictures differ .* not written"):
        convert.export(path)
    assert not path.with_suffix(".onnx").exists()


def test_a_network_that_onnxruntime_cannot_run_at_any_size_is_one_clear_error():
    content = convert._convert(Windows(), "windows").SerializeToString()
    with pytest.raises(InputError, match=r"cannot be exported for pictures of any size \(onnxruntime: "):
        convert._difference(content, Cropped())  # which promises to take sides that are no multiples of 4


def test_a_network_of_another_project_is_exported_or_one_clear_error(tmp_path):
    pytest.importorskip("spandrel")
    from foreign import compact, span, written

    for make, scale in [(compact, 4), (span, 2)]:
        file = written(tmp_path / "x.pth", make())
        network = catalog.build("spandrel", {"file": str(file), "scale": scale})
        weights.save(tmp_path / f"{scale}.safetensors", network, "spandrel", {"scale": scale}, {})
    assert convert.export(tmp_path / "4.safetensors")[1] < 1e-5
    with pytest.raises(InputError, match="sets its own weights as it computes"):
        convert.export(tmp_path / "2.safetensors")


def test_a_network_that_looks_at_pixels_to_choose_is_one_clear_error():
    class Choosing(Cropped):
        def forward(self, lr):
            return lr if lr.mean() > 0.5 else 1 - lr

    with pytest.raises(InputError, match="network choosing: cannot be exported"):
        convert._convert(Choosing(), "choosing")


def test_the_command(tmp_path, capsys):
    path = write_weights(tmp_path / "w.safetensors")
    assert main(["export", str(path), "--output", str(tmp_path / "new" / "x.onnx")]) == 0
    said = capsys.readouterr().out
    assert re.search(r"x\.onnx: onnxruntime's pictures are within [\d.e-]+\+?\d* of PyTorch's", said)
    assert (tmp_path / "new" / "x.onnx").exists()


@pytest.mark.parametrize(
    ("content", "output", "word"),
    [
        (b"{}", None, r"w\.safetensors: damaged.*; give a weight file"),
        (None, None, r"w\.safetensors: there is no such weight file"),
        (b"{}", "w.safetensors", r"w\.safetensors: name an ONNX file"),
        ("folder", None, r"w\.safetensors: a folder, not a weight file"),
    ],
)
def test_what_is_wrong_is_one_line(content, output, word, tmp_path, capsys):
    path = tmp_path / "w.safetensors"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    more = ["--output", str(tmp_path / output)] if output else []
    with pytest.raises(SystemExit) as end:
        main(["export", str(path), *more])
    said = capsys.readouterr().err
    assert end.value.code == 1
    assert said.count("\n") == 1
    assert re.search(word, said)
    assert not path.is_file() or path.read_bytes() == content


@pytest.mark.parametrize("given", [[""], ["w.safetensors", "--output", ""]])
def test_an_empty_path_is_not_the_current_folder(given, capsys):
    with pytest.raises(SystemExit) as end:
        main(["export", *given])
    assert end.value.code == 2
    assert "empty; name a file or folder" in capsys.readouterr().err


def test_a_missing_package_is_named_with_what_installs_it(tmp_path, monkeypatch):
    monkeypatch.setattr(convert, "_PACKAGES", ("onnx", "onnx_of_nobody"))
    with pytest.raises(InputError, match="ONNX needs onnx_of_nobody: run `make onnx`"):
        convert.export(write_weights(tmp_path / "w.safetensors"))
