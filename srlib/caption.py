"""What a table's caption must say for its numbers to mean something, from the records beside the results."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from srlib import record
from srlib.data.images import read_manifest
from srlib.errors import InputError
from srlib.objectives import catalog as objectives

Json = dict[str, Any]

_SOURCES = {
    "nih": "NIH ChestX-ray14",
    "mirror": "NIH ChestX-ray14 (from a third party's mirror)",
    "phantom": "SYNTHETIC X-rays (phantom; these figures say nothing about real ones)",
}


def describe(
    split: str | Path,
    hr: Mapping[str, str | Path],
    lr: str | Path,
    weights: Iterable[str | Path],
    labels: Mapping[str, str],
    scores: Iterable[str | Path],
) -> str:
    """Sample, sizes, what is scored and the training of each model, as one paragraph.

    split: split.csv. hr: "train" and "test" -> manifest of the HR pictures, which are counted.
    lr: manifest of the LR test pictures. weights: of every model and seed. labels: model -> what the table
    calls it. scores: scores.csv of every model and seed.
    Raises InputError if one of them has no record, or if the scores are not of the same part of the images.
    """
    origin, resized = record.recall(split)["params"]["origin"], record.recall(hr["test"])["params"]
    size, degradation = resized["side"], record.recall(lr)["params"]["degradation"]
    source = origin["source"]
    count = {name: len(read_manifest(manifest)) for name, manifest in hr.items()}
    trained = {Path(path): record.recall(path) for path in weights}
    in_steps = [made for made in trained.values() if made["params"]["spec"]["training"]]
    seeds = sorted({int(made["wildcards"]["seed"]) for made in in_steps})
    sentences = [
        f"x{degradation['scale']} super-resolution of {size} x {size} pictures from "
        f"{_SOURCES.get(source, f'the folder {source}')}: {_counts(origin, count)} "
        f"({_selection(origin)}){_shape(resized)}."
    ]
    if steps := _degradation(degradation):
        sentences.append(f"LR pictures: {steps}.")
    if border := _border(scores):
        sentences.append(f"Scored without the {border} pixels along each edge.")
    if seeds:
        sentences.append(f"Training seeds: {', '.join(map(str, seeds))}.")
    models = {made["wildcards"]["model"]: path for path, made in trained.items()}
    for model, path in models.items():
        spec = trained[path]["params"]["spec"]
        sentences.append(_training(labels[model], spec, _start(spec, path, trained[path], labels)))
    return " ".join(sentences)


def _counts(origin: Json, count: Mapping[str, int]) -> str:
    """How many images, and where the test images come from if not from the source."""
    if origin["test_source"]:
        test = f"{count['test']} test images from the folder {origin['test_source']}"
        return f"{count['train']} training images, and {test}"
    return f"{count['train']} training and {count['test']} test images"


def _selection(origin: Json) -> str:
    """How the images were chosen."""
    if origin["split"]:
        return f"split from {origin['split']}"
    chosen = [
        f"view {origin['view']}" if origin["view"] != "any" else "",
        f"findings {', '.join(origin['findings'])}" if origin["findings"] else "",
        "one image per patient" if origin["one_per_patient"] else "",
        "the release's official lists" if origin["official"] else "",
        f"sampling seed {origin['seed']}",
    ]
    return ", ".join(filter(None, chosen))


def _shape(resized: Json) -> str:
    """What was done to images that are not square, or too small, where that bears on the scores."""
    fit = {
        "crop": "",
        "pad": "; any that is not square padded with black",
        "squeeze": "; any squeezed to a square",
    }
    return fit[resized["fit"]] + ("; smaller ones enlarged" if resized["enlarge"] else "")


def _degradation(how: Json) -> str:
    """The steps from HR to LR, in their order; empty where it is shrinking alone."""
    given = [
        f"Gaussian blur of sigma {how['blur']:g} HR pixels" if how["blur"] else "",
        f"shrunk {how['scale']} times by bicubic interpolation",
        f"Poisson noise of {how['photons']:g} photons per pixel at full white" if how["photons"] else "",
        f"Gaussian noise of sigma {how['electronic']:g} gray levels" if how["electronic"] else "",
        f"JPEG of quality {how['jpeg']}" if how["jpeg"] else "",
    ]
    steps = list(filter(None, given))
    return ", ".join(steps) if len(steps) > 1 else ""


def _border(scores: Iterable[str | Path]) -> int:
    """How many pixels along each edge were not scored; 0 also in records that are older than the choice."""
    borders = {record.recall(path)["params"].get("crop_border", 0): path for path in scores}
    if len(borders) > 1:
        raise InputError(
            f"{' and '.join(map(str, borders.values()))}: scored without {' and '.join(map(str, borders))} "
            "pixels along each edge; delete them and run snakemake again"
        )
    return next(iter(borders), 0)


def _start(spec: Json, weights: Path, made: Json, labels: Mapping[str, str]) -> str:
    """The weights that a training started from, where it did not start by itself."""
    initial = spec.get("initial")
    if not initial:
        return ""
    if isinstance(initial, dict):
        model = initial["model"]
        return f"starts from the weights of {labels.get(model, model)}, "
    digest = made["inputs"][os.path.relpath(initial, weights.parent)]
    return f"starts from {initial} (sha256 {digest[:12]}...), "


def _training(label: str, spec: Json, start: str) -> str:
    objective = objectives.caption(spec["objective"], spec["settings"])
    training, optimizer = spec["training"], spec["optimizer"]
    if training is None:
        return f"{label}: {objective}."
    extent = f"{training['crop']}-pixel crops" if training["crop"] else "whole images"
    extent += ", flipped at random" if training.get("flips") else ""
    epochs = f"{training['epochs']} epoch{'s' if training['epochs'] > 1 else ''}"
    return (
        f"{label}: {start}{objective}, {epochs} of batch {training['batch']} on {extent}, "
        f"{optimizer['name']} at {_rates(optimizer)} ({spec['schedule']})."
    )


def _rates(optimizer: Json) -> str:
    rate = f"{optimizer['learning_rate']:g}"
    return f"{rate}, adam at {optimizer['adam_rate']:g}" if optimizer.get("adam_rate") else rate
