"""Networks of other projects, trained further from their model files."""

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image
from restoring import random_pixels, restore, write_weights

from srlib import specs
from srlib.errors import InputError
from srlib.networks import catalog, weights
from srlib.objectives import residual
from srlib.specs.train import TrainSpec
from srlib.training import state, train

pytest.importorskip("spandrel")
from foreign import compact, span, swin, written

STILL = 1e-12  # a learning rate at which nothing is learnt
LR = np.random.default_rng(0).integers(0, 256, (4, 12, 12), np.uint8)


def tuned(folder, initial, scale=4, rate=1e-3, **more):
    """Two epochs of two steps; the weight file."""
    training = {"epochs": 2, "batch": 2, "crop": None, "deterministic": False, "tensorboard": False}
    values = {
        "network": "spandrel",
        "arguments": {"scale": scale},
        "lr": f"down{scale}",
        "scale": scale,
        "objective": "residual",
        "settings": {},
        "optimizer": {"name": "adam", "learning_rate": rate},
        "schedule": "constant",
        "training": training,
        "initial": str(initial),
    }
    hr = np.kron(LR, np.ones((1, scale, scale), np.uint8))
    spec = specs.build(TrainSpec, values)
    train(spec, LR, hr, folder=folder, seed=0, device="cpu", initial=initial, **more)
    return folder / "weights.safetensors"


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", ["x.safetensors", "x.pth"])
def test_it_starts_at_the_files_weights(channels, name, tmp_path, monkeypatch):
    seen, loss = [], residual.loss
    monkeypatch.setattr(residual, "loss", lambda sr, hr: seen.extend(sr.detach()) or loss(sr, hr))
    original = compact(channels)
    tuned(tmp_path, written(tmp_path / name, original), rate=STILL)
    lr = torch.from_numpy(LR)[:, None].float() / 255
    with torch.no_grad():
        expected = original(lr.repeat(1, channels, 1, 1)).mean(1, keepdim=True)
    assert expected.min() < 0 or expected.max() > 1  # what clamping would keep from learning
    found = sorted(seen[:4], key=torch.mean)  # the order is the training's own
    for sr, wanted in zip(found, sorted(expected, key=torch.mean), strict=True):
        assert torch.allclose(sr, wanted, atol=1e-5)


@pytest.mark.parametrize("make", [compact, swin])
def test_gradients_reach_every_parameter_through_padding_and_beyond_the_range(make, tmp_path):
    file = written(tmp_path / "x.pth", make())
    scale = 4 if make is compact else 2
    network = catalog.build("spandrel", {"file": str(file), "scale": scale}).train()
    sr = network(torch.rand(2, 1, 11, 14) * 9 - 4)
    assert sr.shape == (2, 1, 11 * scale, 14 * scale)
    assert sr.min() < 0 and sr.max() > 1
    sr[(sr < 0) | (sr > 1)].square().sum().backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in network.parameters())


def test_what_was_learnt_needs_the_other_projects_file_no_more(tmp_path):
    file = written(tmp_path / "x.pth", compact())
    before = catalog.build("spandrel", {"file": str(file), "scale": 4}).state_dict()
    first = tuned(tmp_path / "first", file)
    file.unlink()
    assert weights.header(first)["arguments"] == {"scale": 4}
    network = weights.load(first)
    after = network.state_dict()
    assert all(not torch.equal(after[key], before[key]) for key in before)
    again = weights.load(tuned(tmp_path / "second", first, rate=STILL)).state_dict()
    assert all(torch.allclose(again[key], after[key], atol=1e-6) for key in after)

    picture = random_pixels((30, 41))
    Image.fromarray(picture).save(tmp_path / "a.png")
    assert restore("--weights", first, tmp_path / "a.png", "--output", tmp_path / "out") == 0
    with torch.no_grad():
        expected = network(torch.from_numpy(picture)[None, None].float() / 255)[0, 0].numpy() * 255
    with Image.open(tmp_path / "out" / "a.png") as made:
        assert np.abs(np.asarray(made) - expected).max() <= 0.5 + 1e-3
        assert "RealESRGAN Compact" in str(made.info)


def test_another_file_of_that_name_trains_anew(tmp_path, monkeypatch):
    steps, loss = [], residual.loss
    monkeypatch.setattr(residual, "loss", lambda sr, hr: steps.append(1) or loss(sr, hr))
    file = written(tmp_path / "x.safetensors", compact())
    for change, trained in [(0, 4), (0, 0), (1, 4)]:
        tensors = {key: tensor + change for key, tensor in safetensors.torch.load_file(file).items()}
        safetensors.torch.save_file(tensors, file)
        steps.clear()
        tuned(tmp_path / "out", file)
        assert len(steps) == trained


@pytest.mark.parametrize("make", [swin, span])  # one has chance in it, the other weights that are idle
def test_stopped_and_started_again_it_ends_with_the_same_bits(make, tmp_path, monkeypatch, capsys):
    file = written(tmp_path / "x.pth", make())
    expected = tuned(tmp_path / "at once", file, scale=2).read_bytes()
    save, kept = state.save, []

    def dying(*arguments):
        save(*arguments)
        kept.append(1)
        if len(kept) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(state, "save", dying)
    with pytest.raises(KeyboardInterrupt):
        tuned(tmp_path / "stopped", file, scale=2, save_seconds=0)
    capsys.readouterr()
    assert tuned(tmp_path / "stopped", file, scale=2).read_bytes() == expected
    assert "training resumes in epoch 2, after step 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda path: path.write_bytes(b"PK\x03\x04 and more"), "damaged, or neither"),
        (lambda path: written(path, compact(scale=2)), "enlarges 2 times, but its LR variant needs 4"),
        (write_weights, "of no network that spandrel"),
    ],
)
def test_what_it_cannot_start_from_is_named(make, word, tmp_path):
    make(tmp_path / "x.safetensors")
    with pytest.raises(InputError, match=rf"x\.safetensors: .*{word}"):
        tuned(tmp_path / "out", tmp_path / "x.safetensors")
    assert not (tmp_path / "out" / "weights.safetensors").exists()
