"""What a step does: an objective has its learners, the names of its terms, and `step`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from srlib.networks import catalog
from srlib.objectives import losses, vgg
from srlib.objectives.discriminator import Discriminator
from srlib.training import data
from srlib.training.data import Batch
from srlib.training.learner import Learner, half, layout
from srlib.training.seeds import initialising

Spec = dict[str, Any]

# Features of all HR pictures are computed once and kept if they take no more than this.
KEEP_BYTES = 2**30


class Objective(Protocol):
    """One step of training; `learners` are named "generator" and, if there is one, "discriminator"."""

    learners: dict[str, Learner]
    terms: tuple[str, ...]

    def step(self, batch: Batch) -> Tensor:
        """Learn from a batch; returns the terms, float32 (T,), without waiting for the device."""
        ...


class Residual:
    """VDSR's objective: 1/2 ||HR - SR||^2."""

    terms = ("loss", "gradient_norm")

    def __init__(self, generator: Learner) -> None:
        self.learners = {"generator": generator}

    def step(self, batch: Batch) -> Tensor:
        generator = self.learners["generator"]
        loss = losses.residual_loss(generator(batch.lr), batch.hr)
        return torch.stack([loss.detach(), generator.descend(loss)])


class Adversarial:
    """SRGAN's objective: the discriminator's step, then the generator's against the new discriminator.

    features: of the content loss; hr_features: those of a batch's HR pictures.
    """

    terms = (
        "loss",
        "content",
        "adversarial",
        "discriminator",
        "d_real",
        "d_fake",
        "gradient_norm",
        "discriminator_gradient_norm",
    )

    def __init__(
        self,
        generator: Learner,
        discriminator: Learner,
        features: losses.Features,
        hr_features: Callable[[Batch], Tensor],
        weight: float,
    ) -> None:
        self.learners = {"generator": generator, "discriminator": discriminator}
        self.features, self.hr_features, self.weight = features, hr_features, weight

    def step(self, batch: Batch) -> Tensor:
        generator, discriminator = self.learners.values()
        sr = generator(batch.lr)

        real, fake = discriminator(batch.hr, sr.detach()).chunk(2)
        d_loss = losses.discriminator_loss(real, fake)
        d_norm = discriminator.descend(d_loss)

        content = losses.content_loss(self.features, sr, self.hr_features(batch))
        adversarial = losses.adversarial_loss(discriminator(sr))
        loss = content + self.weight * adversarial
        norm = generator.descend(loss)

        d_real, d_fake = torch.sigmoid(real).mean(), torch.sigmoid(fake).mean()
        terms = (loss, content, adversarial, d_loss, d_real, d_fake, norm, d_norm)
        return torch.stack([term.detach() for term in terms])


def build(spec: Spec, pictures: data.Pictures, seed: int, vgg_weights: str | Path | None) -> Objective:
    """The objective of a spec, with new learners on the pictures' device."""
    training, place = spec["training"], pictures.hr.device
    steps = training["epochs"] * data.steps_per_epoch(len(pictures.hr), training["batch"])
    how = (spec["optimiser"], spec["schedule"], steps, place)
    with initialising(seed, "generator"):
        generator = Learner(catalog.build(spec["network"], spec["arguments"]), *how)
    if spec["objective"] == "residual":
        return Residual(generator)
    side = training["crop"] or pictures.hr.shape[-1]
    with initialising(seed, "discriminator"):
        discriminator = Learner(Discriminator(side), *how)
    features = content_features(spec["adversarial"], place, vgg_weights)
    constant = hr_features(features, pictures, training)
    return Adversarial(generator, discriminator, features, constant, spec["adversarial"]["weight"])


def content_features(
    adversarial: dict[str, Any], device: torch.device, file: str | Path | None
) -> losses.Features:
    """The content loss's features as the config's `adversarial` says; file: VGG-19's weights, if needed."""
    if adversarial["content"] == "mse":
        return losses.pixels
    if adversarial["weights"] == "imagenet":
        vgg.check_imagenet(file)
    network = vgg.VGG19Features(*adversarial["layer"], file=file).to(device, memory_format=layout(device))

    def features(picture: Tensor) -> Tensor:
        with half(device):
            return network(picture).float()

    return features


@torch.no_grad()
def hr_features(
    features: losses.Features, pictures: data.Pictures, training: dict[str, Any]
) -> Callable[[Batch], Tensor]:
    """Features of a batch's HR pictures: looked up where whole pictures make them constant and they fit."""

    def of_batch(batch: Batch) -> Tensor:
        with torch.no_grad():
            return features(batch.hr)

    if features is losses.pixels or training["crop"] is not None:
        return of_batch
    first = features(data.to_unit(pictures.hr[:1]))
    if first.nbytes * len(pictures.hr) > KEEP_BYTES:
        return of_batch
    kept = torch.cat([features(data.to_unit(part)) for part in pictures.hr.split(training["batch"])])
    return lambda batch: kept[batch.index]
