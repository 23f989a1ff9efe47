"""Networks of other projects, from model files with random weights that are made here."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image
from restoring import random_pixels, restore

from srlib import inference
from srlib.errors import InputError
from srlib.networks import catalog, spandrel, weights
from srlib.networks.header import ANOTHER, is_foreign

pytest.importorskip("spandrel")
from foreign import compact, swin, written


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("scale", [1, 2, 3, 4])
@pytest.mark.parametrize("name", ["x.safetensors", "x.pth"])
def test_gray_goes_in_and_gray_comes_out(channels, scale, name, tmp_path):
    original = compact(channels, scale)
    file = written(tmp_path / name, original)
    network = catalog.build("spandrel", {"file": str(file), "scale": scale})
    lr = torch.rand(2, 1, 13, 18)
    with torch.no_grad():
        expected = original(lr.repeat(1, channels, 1, 1)).clamp(0, 1).mean(1, keepdim=True)
    assert torch.allclose(network(lr), expected, atol=1e-6)
    assert expected.shape == (2, 1, 13 * scale, 18 * scale)


def test_sides_that_windows_need_are_made_inside(tmp_path):
    network = catalog.build("spandrel", {"file": str(written(tmp_path / "x.pth", swin())), "scale": 2})
    picture = random_pixels((21, 30))
    assert inference.restore(network, picture, tile=16).shape == (42, 60)
    for height, width in [(21, 30), (3, 2), (1, 16)]:  # of spandrel's own sides
        lr = torch.rand(2, 1, height, width)
        assert torch.equal(network(lr), network.model(lr))


def test_the_old_format_of_pytorch_is_known(tmp_path):
    torch.save(compact().state_dict(), tmp_path / "x.pth", _use_new_zipfile_serialization=False)
    assert is_foreign(tmp_path / "x.pth")
    assert spandrel.load(tmp_path / "x.pth").scale == 4


class Bomb:
    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_runs_nothing(zipped, tmp_path):
    bomb = compact().state_dict() | {"bomb": Bomb(tmp_path / "marker")}
    torch.save(bomb, tmp_path / "x.pth", _use_new_zipfile_serialization=zipped)
    with pytest.raises(InputError, match=r"x\.pth: damaged, or neither .* get it as safetensors"):
        spandrel.load(tmp_path / "x.pth")
    assert not (tmp_path / "marker").exists()
    pickle.loads(pickle.dumps(Bomb(tmp_path / "marker")))
    assert (tmp_path / "marker").exists()  # it would have


def test_torchscript_is_not_run(tmp_path):
    torch.jit.script(torch.nn.Conv2d(1, 1, 1)).save(tmp_path / "x.pt")
    with pytest.raises(InputError, match=r"x\.pt: damaged, or neither"):
        spandrel.load(tmp_path / "x.pt")


def not_finite(path):
    network = compact()
    network.body[0].weight.data[0] = float("nan")
    return written(path, network)


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda path: path, "there is no such model file"),
        (lambda path: path.write_bytes(b"PK\x03\x04 and more"), "damaged, or neither"),
        (lambda path: path.write_text("<html>"), "damaged, or neither"),
        (
            lambda path: safetensors.torch.save_file({"x": torch.zeros(1)}, path),
            "of no network that spandrel",
        ),
        (
            lambda path: safetensors.torch.save_file(
                {"body.0.weight": torch.zeros(1), "body.1.weight": torch.zeros(1)}, path
            ),
            "does not fit",
        ),
        (lambda path: written(path, compact(2)), "takes 2 channels"),
        (not_finite, r"body\.0\.weight is not finite"),
        (lambda path: written(path, compact(scale=2)), "enlarges 2 times, but its LR variant needs 4"),
    ],
)
def test_what_is_no_model_for_this_is_named(make, word, tmp_path):
    make(tmp_path / "x.safetensors")
    with pytest.raises(InputError, match=rf"x\.safetensors: .*{word}"):
        catalog.build("spandrel", {"file": str(tmp_path / "x.safetensors"), "scale": 4})


def test_the_command_restores_with_it(tmp_path):
    original = compact(scale=2)
    file = written(tmp_path / "x.pth", original)
    pixels = random_pixels((30, 41))
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert restore("--weights", file, tmp_path / "a.png", "--output", tmp_path / "out") == 0
    lr = torch.from_numpy(pixels)[None, None].float() / 255
    with torch.no_grad():
        expected = original(lr.repeat(1, 3, 1, 1)).clamp(0, 1).mean(1)[0] * 255
    with Image.open(tmp_path / "out" / "a.png") as made:
        assert np.abs(np.asarray(made) - expected.numpy()).max() <= 0.5 + 1e-3
        assert "RealESRGAN Compact" in str(made.info)


def test_the_command_names_a_damaged_file_of_ours(tmp_path, capsys):
    network = catalog.build("linear", {"scale": 4})
    file = tmp_path / "w.safetensors"
    weights.save(file, network, "linear", {"scale": 4}, {"lr": "down4"})
    file.write_bytes(file.read_bytes()[:-1])
    Image.fromarray(random_pixels((30, 41))).save(tmp_path / "a.png")
    assert restore("--weights", file, tmp_path / "a.png", "--output", tmp_path / "out") == 1
    said = capsys.readouterr().err
    assert "w.safetensors: damaged" in said and said.rstrip().endswith(ANOTHER)


def test_a_file_is_a_path_and_a_path_is_a_file():
    assert catalog.files("spandrel", {"file": "x.pth", "scale": 4}) == {"file": "x.pth"}
    assert catalog.files("vdsr", {}) == {}
    assert Path(spandrel.__file__).stem in catalog.names()
