"""After an edit of the config exactly what depends on it runs again: plans of a finished run."""

from collections.abc import Callable

import pytest
import yaml
from runs import ROOT, SMALL, plan
from stale import LABELLED, PLAN, edited, interpolated, retrained, since


def with_config(change: Callable[[dict], object]) -> Callable[[str], str]:
    """An edit of config.yaml that changes its values."""

    def edit(text: str) -> str:
        config = yaml.safe_load(text)
        change(config)
        return yaml.safe_dump(config, sort_keys=False)

    return edit


def reordered(text: str) -> str:
    def reverse(value: object, path: tuple[str, ...] = ()) -> object:
        if not isinstance(value, dict):
            return value
        keys = (
            list(value) if path == ("models",) else list(reversed(value))
        )  # the models' order is the table's
        return {key: reverse(value[key], (*path, key)) for key in keys}

    return yaml.safe_dump(reverse(yaml.safe_load(text)), sort_keys=False)


HYBRID = yaml.safe_load((ROOT / "config.yaml").read_text())["models"]["hybrid"]

CONFIG_EDITS = {
    "a comment": (lambda text: "# new\n" + text, {}),
    "white space": (lambda text: text.replace("# folder", "     # folder"), {}),
    "keys in another order": (reordered, {}),
    "quotes": (lambda text: text.replace("device: auto", "device: 'auto'"), {}),
}
# Overlays, given after the demo's own, so that they win.
OVERLAYS = {
    "device": ({"device": "cpu"}, {}),
    "results": ({"results": "elsewhere"}, PLAN),
    "more seeds": (
        {"seeds": [0, 1]},
        since("summarise", "summarise_subgroups", "build_viewer")
        | {"train": 3, "infer": 3, "score": 3, "write_card": 3},
    ),
    "train": ({"dataset": {"train": 9}}, PLAN),  # the phantom renders as many as are asked for
    "test": ({"dataset": {"test": 5}}, PLAN),
    "validation": ({"dataset": {"validation": 3}}, PLAN),
    "train and test swapped": ({"dataset": {"train": 4, "test": 8}}, since("sample")),
    "sampling seed": ({"dataset": {"seed": 1}}, PLAN),
    "archives that the source has not": ({"dataset": {"archives": [1, 2, 5]}}, {}),
    "archives in another order": ({"dataset": {"archives": [12, *range(1, 12)]}}, {}),
    "size": ({"dataset": {"size": 192}}, since("resize")),
    "fit": ({"dataset": {"fit": "pad"}}, since("resize")),
    # HR sides of 176 are a multiple already; the input of two models and what the figures show are one folder
    "scale": ({"scale": 2}, since("degrade", degrade=6)),
    "degradation": ({"degradation": {"blur": 1.0}}, since("degrade")),
    "seed of a degradation without noise": ({"degradation": {"seed": 1}}, {}),
    "epochs": ({"training": {"epochs": 2}}, retrained(3)),
    "batch": ({"training": {"batch": 2}}, retrained(3)),
    "crop": ({"training": {"crop": 80}}, retrained(3)),
    "border": ({"crop_border": 4}, since("score")),
    "precision of inference": (
        {"inference": {"precision": "bfloat16"}},
        since("infer", infer=3, score=3, write_card=3),
    ),
    "content": ({"adversarial": {"content": "vgg", "weights": "untrained"}}, retrained(2)),
    "adversarial weight": ({"adversarial": {"weight": 0.01}}, retrained(2)),
    "a rate of which each GAN has its own": ({"adversarial": {"generator_rate": 0.01}}, {}),
    "layer of an unused content loss": ({"adversarial": {"layer": [2, 2]}}, {}),
    "one model's epochs": ({"models": {"srgan": {"training": {"epochs": 2}}}}, retrained(1)),
    "one model's learning rate": ({"models": {"vdsr": {"optimizer": {"learning_rate": 0.1}}}}, retrained(1)),
    "one model's schedule": ({"models": {"hybrid": {"schedule": "constant"}}}, retrained(1)),
    "one model's arguments": ({"models": {"srgan": {"arguments": {"init": "random"}}}}, retrained(1)),
    "one model's LR variant": (
        {"models": {"bicubic": {"lr": "half"}}},
        interpolated(),
    ),
    "a label": (
        {"models": {"srgan": {"label": "GAN"}}},
        since(*LABELLED, "draw_curves", "write_card", write_card=1),
    ),
    "the label of an interpolation": (
        {"models": {"bicubic": {"label": "Keys"}}},
        since(*LABELLED),
    ),
    "a figure of the paper": ({"models": {"vdsr": {"paper": {"psnr": 1}}}}, since("summarise")),
    "a model added": (
        {"models": {"mine": {"network": "vdsr", "lr": "full",
                             "objective": "residual", "schedule": "constant",
                             "optimizer": {"name": "adam", "learning_rate": 0.001}}}},
        retrained(1),
    ),
    "a model removed": ({"models": {"hybrid": None}}, since(*LABELLED, "draw_curves")),
    "a model renamed": ({"models": {"hybrid": None, "other": HYBRID}}, retrained(1)),
    "an interpolation added": (
        {"models": {"mine": {"network": "bicubic", "lr": "full"}}},
        interpolated(),
    ),
}  # fmt: skip


def swap_rates(demo: dict) -> None:
    first, second = (demo["models"][name]["adversarial"] for name in ("srgan", "hybrid"))
    first["generator_rate"], second["generator_rate"] = second["generator_rate"], first["generator_rate"]


def swap_models(config: dict) -> None:
    config["models"] = dict(reversed(config["models"].items()))


CONFIG_EDITS |= {
    "models in another order": (with_config(swap_models), since(*LABELLED, "draw_curves")),
}  # fmt: skip


@pytest.mark.parametrize("name", OVERLAYS)
def test_config_overlay(finished, name):
    overlay, expected = OVERLAYS[name]
    path = finished / "overlay.yaml"
    path.write_text(yaml.safe_dump(overlay))
    assert plan(finished, *SMALL, "overlay.yaml") == expected


@pytest.mark.parametrize("name", CONFIG_EDITS)
def test_config_edit(finished, name):
    change, expected = CONFIG_EDITS[name]
    with edited(finished / "config.yaml", change):
        assert plan(finished, *SMALL) == expected


def test_two_rates_swapped(finished):
    with edited(finished / "config/demo.yaml", with_config(swap_rates)):
        assert plan(finished, *SMALL) == retrained(2)
