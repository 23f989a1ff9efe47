"""The protocol of a config in words: what a table's caption must say for its numbers to mean something."""

from srlib.config import Config, is_trained, label, train_spec
from srlib.objectives import catalog as objectives

_SOURCES = {
    "nih": "NIH ChestX-ray14",
    "mirror": "NIH ChestX-ray14 (from a third party's mirror)",
    "phantom": "SYNTHETIC X-rays (phantom; these figures say nothing about real ones)",
}


def describe(config: Config) -> str:
    """Sample, sizes and the training of each model, as one paragraph."""
    dataset = config["dataset"]
    source = _SOURCES.get(dataset["source"], f"the folder {dataset['source']}")
    sample = (
        f"x{config['scale']} super-resolution of {dataset['size']} x {dataset['size']} pictures "
        f"from {source}: {_counts(dataset)} "
        f"({_selection(dataset)}). Training seeds: {', '.join(map(str, config['seeds']))}."
    )
    return " ".join(
        [sample, *(_training(config, name) for name in config["models"] if is_trained(config, name))]
    )


def _counts(dataset: Config) -> str:
    """How many images, and where the test images come from if not from the source."""
    if dataset["test_source"]:
        test = f"{dataset['test']} test images from the folder {dataset['test_source']}"
        return f"{dataset['train']} training images, and {test}"
    return f"{dataset['train']} training and {dataset['test']} test images"


def _selection(dataset: Config) -> str:
    """How the images were chosen."""
    if dataset["split"]:
        return f"split from {dataset['split']}"
    chosen = [
        f"view {dataset['view']}" if dataset["view"] != "any" else "",
        f"findings {', '.join(dataset['findings'])}" if dataset["findings"] else "",
        "one image per patient" if dataset["one_per_patient"] else "",
        "the release's official lists" if dataset["official"] else "",
        f"sampling seed {dataset['seed']}",
    ]
    return ", ".join(filter(None, chosen))


def _training(config: Config, name: str) -> str:
    spec = train_spec(config, name)
    training, optimizer = spec.training, spec.optimizer
    extent = f"{training.crop}-pixel crops" if training.crop else "whole images"
    epochs = f"{training.epochs} epoch{'s' if training.epochs > 1 else ''}"
    objective = objectives.caption(spec.objective, spec.settings)
    return (
        f"{label(config, name)}: {objective}, {epochs} of batch {training.batch} on {extent}, "
        f"{optimizer.name} at {optimizer.learning_rate:g} ({spec.schedule})."
    )
