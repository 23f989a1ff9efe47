"""Captions say what the records beside the results say."""

import hashlib
import json
from pathlib import Path

import pytest
import yaml

from srlib import config as settings
from srlib import record, specs
from srlib.caption import describe
from srlib.data.images import MANIFEST_COLUMNS
from srlib.errors import InputError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def caption(tmp_path):
    """The caption of a run that was made with the default config after `change`."""

    def of(
        change=lambda config: None, pictures=(3, 2), models=("vdsr", "srgan"), seeds=(0,), borders=None
    ) -> str:
        config = yaml.safe_load((ROOT / "config.yaml").read_text())
        change(config)
        paths = {name: tmp_path / name for name in ("split.csv", "train", "test", "lr")}
        for name, count in zip(("train", "test"), pictures, strict=True):
            rows = [f"{i}.png,0,{i}" for i in range(count)]
            paths[name].write_text("\n".join([",".join(MANIFEST_COLUMNS), *rows]) + "\n")
        record.write(paths["split.csv"], {"origin": json.dumps(settings.origin(config))}, {}, [])
        resized = {key: config["dataset"][key] for key in ("size", "fit", "enlarge")}
        record.write(paths["test"], resized | {"side": settings.hr_side(config)}, {}, [])
        record.write(paths["lr"], {"degradation": specs.to_json(settings.degradation(config))}, {}, [])
        weights = []
        for model in models:
            spec = specs.to_json(settings.train_spec(config, model))
            for seed in seeds:
                weights.append(tmp_path / f"{model}{seed}")
                about = {"model": model, "seed": str(seed)}
                initial = config["models"][model].get("initial")
                inputs = [initial] if isinstance(initial, str) else []
                record.write(weights[-1], {"spec": spec}, about, inputs)
        hr = {name: paths[name] for name in ("train", "test")}
        labels = {model: settings.label(config, model) for model in models}
        scores = []
        for name, border in (borders or {"scores.csv": config["crop_border"]}).items():
            scores.append(tmp_path / name)
            record.write(scores[-1], {"crop_border": border}, {}, [])
        return describe(paths["split.csv"], hr, paths["lr"], weights, labels, scores)

    return of


def test_the_papers_protocol(caption):
    text = caption()
    assert text.startswith("x4 super-resolution of 256 x 256 pictures from NIH ChestX-ray14: ")
    assert "(sampling seed 0). Training seeds: 0. VDSR: " in text
    assert "phi_5,4 (ImageNet weights)" in text
    assert "6 epochs of batch 4 on whole images" in text


def test_what_is_not_scored_is_told(caption):
    assert "edge" not in caption()
    assert "Scored without the 4 pixels along each edge. Training" in caption(
        lambda config: config.update(crop_border=4)
    )
    with pytest.raises(InputError, match=r"a\.csv and .*b\.csv: scored without 4 and 0 pixels"):
        caption(borders={"a.csv": 4, "b.csv": 0})


def test_another_vgg_is_named_with_its_file(caption):
    def change(config):
        config["adversarial"] |= {"network": "vgg16", "layer": [5, 3], "weights": "/of/mine/vgg16.ckpt"}

    assert "adversarial with VGG-16 content loss phi_5,3 (vgg16.ckpt weights)" in caption(change)


def test_a_gans_own_rate_is_told(caption):
    def change(config):
        config["models"]["srgan"]["adversarial"] = {"generator_rate": 5e-4}

    assert "L1 loss for 50 % of the steps, then at a rate of 0.0005 adversarial with VGG" in caption(change)


def test_both_of_muons_rates_are_told(caption):
    def change(config):
        config["models"]["vdsr"]["optimizer"]["adam_rate"] = 2e-4

    assert "muon at 0.001 (one_cycle)" in caption()
    assert "muon at 0.001, adam at 0.0002 (one_cycle)" in caption(change)


def test_pictures_that_were_changed_are_told_of(caption):
    text = caption(lambda config: config["dataset"].update(fit="pad", enlarge=True))
    assert "(sampling seed 0); any that is not square padded with black; smaller ones enlarged. T" in text


def test_images_are_counted_not_believed(caption):
    """The config asks for 300 and 200."""
    assert ": 7 training and 5 test images (" in caption(pictures=(7, 5))


def test_other_settings(caption):
    def change(config):
        config["adversarial"]["content"] = "mse"
        config["dataset"] |= {"source": "phantom", "view": "PA", "findings": ["Hernia"], "seed": 3}
        config["training"] |= {"epochs": 1, "crop": 96}

    text = caption(change, seeds=(0, 1))
    assert "SYNTHETIC" in text
    assert "(view PA, findings Hernia, sampling seed 3). Training seeds: 0, 1." in text
    assert text.count("1 epoch of batch 4 on 96-pixel crops") == 2
    assert "VGG" not in text


def test_scale_and_degradation(caption):
    def change(config):
        config["scale"] = 3
        config["degradation"] |= {"blur": 1.5, "photons": 2000, "electronic": 3, "jpeg": 70}

    text = caption(change)
    assert text.startswith("x3 super-resolution of 252 x 252 pictures")
    assert (
        "LR pictures: Gaussian blur of sigma 1.5 HR pixels, shrunk 3 times by bicubic interpolation, Poisson "
        "noise of 2000 photons per pixel at full white, Gaussian noise of sigma 3 gray levels, "
        "JPEG of quality 70."
    ) in text
    assert "LR pictures" not in caption()


def test_a_split_and_a_test_source_that_were_given(caption):
    def change(config):
        config["dataset"] |= {"source": "mine", "test_source": "theirs", "split": "other/split.csv"}

    text = caption(change)
    assert "from the folder mine: 3 training images, and 2 test images from the folder theirs (" in text
    assert "(split from other/split.csv)" in text


def test_what_is_solved_in_closed_form_has_no_seeds_and_no_steps(caption):
    text = caption(models=("linear",))
    assert "seeds" not in text
    assert text.endswith(" Linear filters: least squares in closed form (ridge 1e-06).")


def test_weights_that_a_training_started_from_are_told_of(caption, tmp_path):
    (tmp_path / "given").write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()[:12]

    def change(config):
        config["models"]["vdsr"]["initial"] = str(tmp_path / "given")
        config["models"]["srgan"]["initial"] = {"model": "vdsr"}

    text = caption(change)
    assert f" VDSR: starts from {tmp_path / 'given'} (sha256 {digest}...), pixel loss, 6 epochs" in text
    assert (
        " SRGAN: starts from the weights of VDSR, L1 loss for 50 % of the steps, then at a rate of 0.0006 "
        in text
    )


def test_without_training_there_is_none_to_tell_of(caption):
    assert caption(models=()).endswith("(sampling seed 0).")
