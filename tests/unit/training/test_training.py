import csv
import json

import numpy as np
import pytest
import torch
from devices import DEVICES
from skimage.metrics import peak_signal_noise_ratio

from srlib import specs
from srlib.data.degrade import lr_variant
from srlib.errors import InputError
from srlib.inference import eight_bit, restore
from srlib.networks import catalog, weights
from srlib.objectives import catalog as objectives
from srlib.specs.degradation import Degradation
from srlib.specs.train import TrainSpec
from srlib.training import data, train
from srlib.training.seeds import generator, initialising
from srlib.training.validation import psnr

CPU = torch.device("cpu")
VARIANTS = {"vdsr": "full", "srgan": "small", "hybrid": "half"}


@pytest.fixture
def hr():
    """Six smooth 48 x 48 pictures."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:48, :48] / 48
    waves = [np.sin(7 * a * x + 5 * b * y + c) for a, b, c in rng.random((6, 3)) * 3]
    return np.stack([(127 + 120 * wave).astype(np.uint8) for wave in waves])


@pytest.fixture
def lr(hr):
    def variant(name):
        return np.stack([lr_variant(picture, VARIANTS[name], Degradation(4)) for picture in hr])

    return variant


PIXELS = objectives.settings("adversarial", {"content": "mse", "pretraining": 0})


def spec(network="vdsr", objective="residual", **changes):
    """Changes are those of TrainSpec's fields; `training` is completed."""
    training = {"epochs": 2, "batch": 4, "crop": 32, "deterministic": False, "tensorboard": False}
    training |= changes.pop("training", {})
    common = {
        "network": network,
        "arguments": {"scale": 4} if network == "srgan" else {},
        "lr": VARIANTS[network],
        "scale": 4,
        "objective": objective,
        "settings": PIXELS if objective == "adversarial" else {},
        "optimizer": {"name": "adam", "learning_rate": 1e-4},
        "schedule": "constant",
        "training": training,
    }
    return specs.build(TrainSpec, common | changes)


def history(folder):
    with (folder / "history.csv").open() as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]


@pytest.mark.parametrize("device", DEVICES)
def test_residual_training_writes_weights_and_history(device, hr, lr, tmp_path):
    whole = spec(training={"crop": None})
    train(whole, lr("vdsr"), hr, folder=tmp_path, seed=0, device=device, validation=(lr("vdsr"), hr))
    rows = history(tmp_path)
    assert [row["epoch"] for row in rows] == [1, 2]
    assert 0 < rows[1]["loss"] < rows[0]["loss"]
    assert rows[1]["validation_psnr"] > rows[0]["validation_psnr"]
    assert rows[0]["images_per_second"] > 0
    weights.load(tmp_path / "weights.safetensors")
    assert weights.header(tmp_path / "weights.safetensors")["spec"] == json.loads(specs.to_json(whole))


def test_validation_is_the_mean_psnr_of_8_bit_pictures(hr, lr):
    network = catalog.build("vdsr", {})
    srs = [eight_bit(restore(network, picture), "SR") for picture in lr("vdsr")]
    expected = np.mean([peak_signal_noise_ratio(*pair) for pair in zip(hr, srs, strict=True)])
    assert psnr(network.train(), lr("vdsr"), hr, "now") == pytest.approx(expected, rel=1e-9)
    assert network.training


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("network", ["srgan", "hybrid"])
def test_adversarial_training_with_vgg_features(network, device, hr, lr, tmp_path):
    vgg = objectives.settings("adversarial", {"layer": [2, 2], "weights": "untrained", "pretraining": 0})
    train(spec(network, "adversarial", settings=vgg), lr(network), hr, folder=tmp_path, seed=0, device=device)
    for row in history(tmp_path):
        expected = row["content"] + 1e-3 * row["adversarial"] + 0.03 * row["spectrum"]
        assert row["loss"] == pytest.approx(expected, rel=1e-4)
        assert 0 < row["d_real"] < 1 > row["d_fake"] > 0
    start = catalog.build(network, {"scale": 4} if network == "srgan" else {}).state_dict()
    trained = weights.load(tmp_path / "weights.safetensors").state_dict()
    assert not torch.equal(trained["blocks.0.body.4.weight"], start["blocks.0.body.4.weight"])


@pytest.mark.parametrize("sides", [(48, 64), (128, 48)])
def test_pictures_need_not_be_square(sides, tmp_path):
    hr = np.random.default_rng(0).integers(0, 256, (4, *sides), np.uint8)
    training = {"epochs": 1, "crop": None}
    train(spec("srgan", "adversarial", training=training), hr[:, ::4, ::4], hr, seed=0, folder=tmp_path)
    assert all(np.isfinite(row["discriminator"]) for row in history(tmp_path))


def test_a_gan_starts_from_a_generator_of_the_l1_loss(hr, lr, tmp_path):
    """Its first half is that loss's training over as many epochs, to the bit; then it has its own rate."""

    def rows(folder, objective, epochs, settings):
        how = {"schedule": "one_cycle", "training": {"epochs": epochs}, "settings": settings}
        pictures = lr("vdsr"), hr
        train(spec("vdsr", objective, **how), *pictures, folder=folder, seed=0, validation=pictures)
        return history(folder)

    gan = rows(tmp_path / "gan", "adversarial", 4, PIXELS | {"pretraining": 0.5, "generator_rate": 3e-3})
    alone = rows(tmp_path / "alone", "l1", 2, {})
    for row, expected in zip(gan, alone, strict=False):
        assert row["loss"] == row["content"]
        assert row["adversarial"] == row["d_real"] == row["discriminator_gradient_norm"] == 0
        assert all(row[key] == expected[key] for key in ("loss", "learning_rate", "validation_psnr"))
    rates = [row["learning_rate"] for row in gan]
    assert rates[2] == pytest.approx(30 * rates[0])
    assert rates[3] == pytest.approx(30 * rates[1])
    for row in gan[2:]:
        terms = row["content"] + 1e-3 * row["adversarial"] + 0.03 * row["spectrum"]
        assert row["loss"] == pytest.approx(terms, rel=1e-4)
        assert 0 < row["d_fake"] < 1 > row["d_real"] > 0


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("objective", ["residual", "adversarial"])
def test_same_seed_same_bits_and_another_seed_others(objective, device, hr, lr, tmp_path):
    settings = spec("vdsr", objective, training={"deterministic": True})
    for folder, seed in [("a", 0), ("b", 0), ("c", 1)]:
        torch.manual_seed(ord(folder))  # what ran before must not matter
        train(settings, lr("vdsr"), hr, folder=tmp_path / folder, seed=seed, device=device)
    a, b, c = ((tmp_path / f / "weights.safetensors").read_bytes() for f in "abc")
    assert a == b != c


def test_training_leaves_the_global_random_generator_alone(hr, lr, tmp_path):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    train(spec(), lr("vdsr"), hr, folder=tmp_path, seed=0, device="cpu")
    assert torch.rand(1) == expected


@pytest.mark.parametrize(
    "changes, key",
    [
        ({"training": {"crop": 64}}, r"training\.crop"),
        ({"training": {"batch": 7}}, r"training\.batch"),
        ({"network": "hybrid"}, "lr: the network enlarges 2 times"),
        ({"arguments": {"depth": 9}}, r"arguments\.depth"),
    ],
)
def test_settings_that_do_not_fit_are_named(changes, key, hr, lr, tmp_path):
    with pytest.raises(InputError, match=key):
        train(spec(**changes), lr("vdsr"), hr, folder=tmp_path, seed=0, device="cpu")
    assert not (tmp_path / "weights.safetensors").exists()


def test_pictures_that_do_not_correspond(hr, lr, tmp_path):
    with pytest.raises(InputError, match="do not correspond"):
        train(spec(), lr("vdsr")[:-1], hr, folder=tmp_path, seed=0, device="cpu")


def test_a_crop_must_respect_the_networks_multiple(hr):
    with pytest.raises(InputError, match="multiples of 4"):
        data.check(hr, hr, 1, 4, batch=1, crop=30)


def test_imagenet_weights_are_checked(hr, lr, tmp_path):
    (tmp_path / "vgg19.pth").write_bytes(b"something else")
    imagenet = objectives.settings("adversarial", {"pretraining": 0})
    with pytest.raises(InputError, match="sha256"):
        train(
            spec("vdsr", "adversarial", settings=imagenet),
            lr("vdsr"),
            hr,
            folder=tmp_path / "out",
            seed=0,
            device="cpu",
            vgg_weights=tmp_path / "vgg19.pth",
        )


def epoch_of(pictures, epoch=1, seed=0, crop=None, **more):
    return list(data.batches(pictures, 4, crop, seed, epoch, **more))


def test_an_epoch_is_every_picture_once_in_another_order_each_time(hr, lr):
    pictures = data.load(lr("srgan"), hr, CPU)
    orders = []
    for epoch, seed in [(1, 0), (2, 0), (1, 1)]:
        found = epoch_of(pictures, epoch, seed)
        assert [len(batch.index) for batch in found] == [4, 2]  # the incomplete batch is kept
        orders.append([i for batch in found for i in batch.index.tolist()])
        for batch in found:
            assert torch.equal(batch.hr[:, 0] * 255, torch.from_numpy(hr)[batch.index].float())
            assert batch.lr.shape[1:] == (1, 12, 12)
    assert all(sorted(order) == list(range(6)) for order in orders)
    assert len({tuple(order) for order in orders}) == 3


def test_an_epoch_can_be_entered_in_the_middle(hr, lr):
    pictures = data.load(lr("srgan"), hr, CPU)
    whole, rest = epoch_of(pictures, crop=16), epoch_of(pictures, crop=16, first=1)
    assert len(rest) == 1
    assert all(torch.equal(a, b) for a, b in zip(whole[1], rest[0], strict=True))


def test_crops_of_lr_and_hr_are_the_same_place_and_reach_every_corner():
    """LR and HR hold the coordinates of their LR pixel, so that a crop tells where it lies."""
    row = np.broadcast_to(np.arange(8, dtype=np.uint8)[:, None], (8, 8))
    lr = np.stack([16 * row + row.T] * 40)
    pictures = data.load(lr, lr.repeat(2, 1).repeat(2, 2), CPU)
    corners = set()
    for epoch in range(8):
        for batch in data.batches(pictures, 4, 8, 0, epoch):
            assert batch.hr.shape[2:] == (8, 8)
            assert torch.equal(batch.hr[:, :, ::2, ::2], batch.lr)
            assert torch.equal(batch.hr[:, :, 1::2, 1::2], batch.lr)
            corners |= {int(value) for value in (batch.lr[:, 0, 0, 0] * 255).round()}
    assert corners == {16 * y + x for y in range(5) for x in range(5)}


def test_flips_turn_lr_and_hr_alike_all_four_ways():
    lr = np.stack([np.arange(64, dtype=np.uint8).reshape(8, 8)] * 40)
    pictures = data.load(lr, lr.repeat(2, 1).repeat(2, 2), CPU)
    seen = set()
    for batch in epoch_of(pictures, flips=True):
        assert torch.equal(batch.hr[:, :, ::2, ::2], batch.lr)
        assert torch.equal(batch.hr[:, :, 1::2, 1::2], batch.lr)
        (first,) = set((batch.lr[:, 0, 0, 0] * 255).round().tolist())
        seen.add(first)
    assert seen == {0, 7, 56, 63}  # the corner that lies upper left


def test_random_streams_do_not_depend_on_each_other():
    def draw(*stream):
        return torch.rand(1, generator=generator(*stream)).item()

    assert draw(0, "order", 1) == draw(0, "order", 1)
    assert len({draw(0, "order", 1), draw(0, "crops", 1), draw(0, "order", 2), draw(1, "order", 1)}) == 4
    with initialising(0, "generator"):
        first = torch.rand(1)
    torch.rand(7)
    with initialising(0, "generator"):
        assert torch.rand(1) == first
