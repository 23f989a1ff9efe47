"""SRGAN's objective (Ledig et al., CVPR 2017): the discriminator's step, then the generator's against it.

The generator's loss is a content loss, of VGG's features or of pixels (SRGAN-MSE), and `weight` times
the adversarial one. As in the paper's section 3.2 the GAN starts from a generator that was trained for
pixels: in the first share `pretraining` of the steps, in which the discriminator rests. There the loss is
L1, as ESRGAN's, not SRGAN's mean square error: SR is sharper after it. Either part has a schedule of its
own, the second with `generator_rate`, if there is one.

Beside VGG's content loss `pixels` times that of pixels, 0 in SRGAN, keeps the gray levels, of which VGG
knows little, as an L1 term does in ESRGAN (Wang et al., ECCV Workshops 2018, equation 3).

Ours is a term on spectra (`spectrum` is its weight; 0 leaves SRGAN's loss): the quickest way to what a
discriminator misses in SR, fine texture, is one pattern all over, stripes or a checkerboard, a peak in the
spectrum. It holds back what power SR has above HR's at any frequency, and nothing else.

The discriminator sees crops of 96 x 96 pixels, as SRGAN's does, as many side by side as a picture has room
for to move them. Where they begin is drawn anew in each step: its strides favour one place in each cell of
16 x 16 pixels, which the generator would learn as a checkerboard. It may have a learning rate of its own
(Heusel et al., "GANs Trained by a Two Time-Scale Update Rule", NeurIPS 2017).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srlib.objectives.vgg_variants import VGGS, Vgg

if TYPE_CHECKING:
    from torch import Tensor

    from srlib.objectives.losses import Features
    from srlib.training.data import Batch
    from srlib.training.learner import Learner
    from srlib.training.task import Objective, Task

SETTINGS = {
    "content": {"enum": ["vgg", "mse"], "default": "vgg"},
    "network": {"enum": list(VGGS), "default": "vgg19"},
    # [i, j] of phi_{i,j}, of the larger network; `check` tells what a smaller one lacks
    "layer": {
        "type": "array",
        "items": {"type": "integer"},
        "enum": VGGS["vgg19"].layers,
        "default": [5, 4],
    },
    "weights": {"type": "string", "minLength": 1, "default": "imagenet"},
    "pixels": {"type": "number", "minimum": 0, "default": 0.0},
    "weight": {"type": "number", "minimum": 0, "default": 1e-3},
    "spectrum": {"type": "number", "minimum": 0, "default": 0.03},
    "pretraining": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.5},
    "generator_rate": {"type": ["number", "null"], "exclusiveMinimum": 0, "default": None},
    "discriminator_rate": {"type": "number", "exclusiveMinimum": 0, "default": 1e-4},
}


def used(settings: dict[str, Any]) -> dict[str, Any]:
    """Pixels have neither network, nor layer, nor weights, nor pixels beside them."""
    of_vgg = ("network", "layer", "weights", "pixels")
    if settings["content"] == "mse":
        return {key: value for key, value in settings.items() if key not in of_vgg}
    return settings


def check(settings: dict[str, Any]) -> None:
    """Raise InputError if the network has no such layer."""
    if settings["content"] == "vgg":
        VGGS[settings["network"]].check(*settings["layer"])


def weights(settings: dict[str, Any]) -> Vgg | str | None:
    """VGG's weights: the published ones, a path, or None for pixels and untrained features."""
    chosen = settings.get("weights")
    if chosen == "imagenet":
        return VGGS[settings["network"]]
    return None if chosen == "untrained" else chosen


def caption(settings: dict[str, Any]) -> str:
    """Its words in a table's caption."""
    share, rate = settings["pretraining"], settings["generator_rate"]
    first = f"L1 loss for {100 * share:g} % of the steps, then " if share else ""
    at = f"at a rate of {rate:g} " if rate else ""
    last = " and a term against power above HR's" if settings["spectrum"] else ""
    return first + at + _caption_of_content(settings) + last


def _caption_of_content(settings: dict[str, Any]) -> str:
    if settings["content"] == "mse":
        return "adversarial with pixel content loss"
    i, j = settings["layer"]
    known = {"imagenet": "ImageNet", "untrained": "UNTRAINED"}
    kind = known.get(settings["weights"], Path(settings["weights"]).name)
    label = VGGS[settings["network"]].label
    beside = f" and {settings['pixels']:g} times the pixels'" if settings["pixels"] else ""
    return f"adversarial with {label} content loss phi_{i},{j} ({kind} weights){beside}"


def build(task: Task) -> Objective:
    """Generator and discriminator."""
    from srlib.objectives import content
    from srlib.objectives.discriminator import Discriminator, crop_side

    rests = round(task.settings["pretraining"] * task.steps)
    steps, side = task.steps - rests, crop_side(task.side)
    generator, how = task.generator(rests), task.optimizer(task.settings["generator_rate"])
    against = partial(generator.begin, how, task.spec.schedule, steps)
    rate = task.settings["discriminator_rate"]
    discriminator = task.learner("discriminator", lambda: Discriminator(side), steps, rate)
    features = content.features(task.settings, task.device, task.precision, task.weights)
    of_hr = content.of_hr(features, task.pictures, task.batch, task.constant)
    of_terms = [task.settings.get(term, 0) for term in ("pixels", "weight", "spectrum")]
    return Adversarial(generator, discriminator, side, features, of_hr, *of_terms, rests, against, task.seed)


class Adversarial:
    """side: of the discriminator's crops; features: of the content loss; of_hr: those of a batch's HR
    pictures; rests: pretraining's steps, in which the content is that of pixels, and what the discriminator
    would say 0; against: begins what follows.
    """

    terms = (
        "loss",
        "content",
        "adversarial",
        "spectrum",
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
        side: int,
        features: Features,
        of_hr: Callable[[Batch], Tensor],
        pixels: float,
        weight: float,
        spectrum: float,
        rests: int,
        against: Callable[[], None],
        seed: int,
    ) -> None:
        from srlib.training.graph import replayed

        self.learners = {"generator": generator, "discriminator": discriminator}
        self.side, self.features, self.of_hr = side, features, of_hr
        self.pixels, self.weight, self.spectrum = pixels, weight, spectrum
        self.rests, self.against, self.seed = rests, against, seed
        self._learn_pixels = replayed(self._descend_pixels, generator.device)
        self._learn_both = replayed(self._descend_both, generator.device)

    def step(self, batch: Batch) -> Tensor:
        """Learn from a batch; returns the terms, float32 (9,)."""
        from srlib.objectives.discriminator import where_crops_begin

        generator, discriminator = self.learners.values()
        if discriminator.steps == 0 and generator.steps < self.rests:
            terms = self._learn_pixels(batch.lr, batch.hr)
            generator.advance()
            return terms
        if discriminator.steps == 0:
            self._learn_pixels = None  # what it has recorded takes memory
            self.against()
        corner = where_crops_begin(batch.hr.shape[2:], self.side, self.seed, discriminator.steps)
        terms = self._learn_both(*batch, corner.to(batch.hr.device, non_blocking=True))
        for learner in (discriminator, generator):
            learner.advance()
        return terms

    def _descend_pixels(self, lr: Tensor, hr: Tensor) -> Tensor:
        import torch

        from srlib.objectives import l1

        generator = self.learners["generator"]
        loss = l1.loss(generator(lr), hr)
        norm = generator.descend(loss)
        return torch.stack([loss.detach(), loss.detach(), *loss.new_zeros(5), norm, 0 * norm])

    def _descend_both(self, lr: Tensor, hr: Tensor, index: Tensor, corner: Tensor) -> Tensor:
        import torch

        from srlib.objectives import losses
        from srlib.objectives.content import pixels
        from srlib.objectives.discriminator import crops
        from srlib.training.data import Batch

        generator, discriminator = self.learners.values()
        batch = Batch(lr, hr, index)
        sr = generator(lr)
        seen = partial(crops, side=self.side, corner=corner)
        real, fake = discriminator(seen(hr), seen(sr.detach())).chunk(2)
        d_loss = losses.discriminator_loss(real, fake)
        d_real, d_fake = torch.sigmoid(real).mean(), torch.sigmoid(fake).mean()
        d_norm = discriminator.descend(d_loss)

        content = losses.content_loss(self.features, sr, self.of_hr(batch))
        if self.pixels:
            content = content + self.pixels * losses.content_loss(pixels, sr, pixels(hr))
        _, fake = discriminator(seen(hr), seen(sr)).chunk(2)
        adversarial = losses.adversarial_loss(fake)
        spectrum = losses.spectrum_loss(sr, hr)
        loss = content + self.weight * adversarial + self.spectrum * spectrum
        norm = generator.descend(loss)

        terms = (loss, content, adversarial, spectrum, d_loss, d_real, d_fake, norm, d_norm)
        return torch.stack([term.detach() for term in terms])
