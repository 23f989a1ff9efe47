import math

import pytest
import torch
from torch import nn

from srlib.objectives import content, l1, losses, residual
from srlib.objectives.adversarial import Adversarial
from srlib.specs.train import Optimizer
from srlib.training.data import Batch
from srlib.training.learner import Learner

SR = torch.tensor([[[[0.0, 0.5], [1.0, 0.25]]]])
HR = torch.tensor([[[[0.5, 0.5], [0.5, 0.75]]]])
MEAN_SQUARE = (0.25 + 0 + 0.25 + 0.25) / 4


def test_residual_loss_by_hand():
    assert residual.loss(SR, HR).item() == pytest.approx(MEAN_SQUARE / 2)


def test_l1_loss_by_hand():
    assert l1.loss(SR, HR).item() == pytest.approx((0.5 + 0 + 0.5 + 0.5) / 4)


def test_pixel_content_is_taken_in_srgans_range():
    loss = losses.content_loss(content.pixels, SR, content.pixels(HR))
    assert loss.item() == pytest.approx(4 * MEAN_SQUARE)  # [-1, 1] is twice as wide as [0, 1]


def test_content_loss_compares_features():
    def features(picture):
        return 3 * picture[..., :1]

    loss = losses.content_loss(features, SR, features(HR))
    assert loss.item() == pytest.approx((1.5**2 + 1.5**2) / 2)


def test_adversarial_losses_by_hand():
    real, fake = torch.tensor([[2.0], [0.0]]), torch.tensor([[-1.0], [3.0]])

    def d(logit):
        return 1 / (1 + math.exp(-logit))

    assert losses.adversarial_loss(fake).item() == pytest.approx(-(math.log(d(-1)) + math.log(d(3))) / 2)
    expected = -(math.log(d(2)) + math.log(d(0))) / 2 - (math.log(1 - d(-1)) + math.log(1 - d(3))) / 2
    assert losses.discriminator_loss(real, fake).item() == pytest.approx(expected)


def test_adversarial_losses_stay_finite_for_a_certain_discriminator():
    sure = torch.tensor([[1e4]])
    assert losses.adversarial_loss(-sure).item() == pytest.approx(1e4)
    assert losses.discriminator_loss(sure, -sure).item() == 0


@pytest.mark.parametrize("term", ["residual", "l1", "content", "adversarial"])
def test_each_term_reaches_the_generators_weights(term):
    torch.manual_seed(0)
    generator, discriminator = nn.Conv2d(1, 1, 3, padding=1), nn.Conv2d(1, 1, 2)
    features = nn.Conv2d(1, 4, 3).requires_grad_(False)
    sr = generator(SR.repeat(1, 1, 4, 4))
    hr = HR.repeat(1, 1, 4, 4)
    loss = {
        "residual": lambda: residual.loss(sr, hr),
        "l1": lambda: l1.loss(sr, hr),
        "content": lambda: losses.content_loss(features, sr, features(hr)),
        "adversarial": lambda: losses.adversarial_loss(discriminator(sr)),
    }[term]()
    loss.backward()
    assert generator.weight.grad.abs().min() > 0


class Scale(nn.Module):
    """x -> w x, so that a whole step can be worked out by hand."""

    def __init__(self, w):
        super().__init__()
        self.w = nn.Parameter(torch.tensor(w))

    def forward(self, *batches):
        return self.w * torch.cat(batches)


@pytest.mark.parametrize("beside", [0.0, 0.25])
def test_the_adversarial_step_by_hand(beside):
    """One step of SGD with rate 1 on pictures of one gray: G(x) = g x, D's logit = d x, weight 0.5."""
    g, d, lr, hr, weight = 0.5, 2.0, 0.8, 0.9, 0.5
    how = (Optimizer("sgd", 1.0), "constant", 1, torch.device("cpu"))
    learners = Learner(Scale(g), *how), Learner(Scale(d), *how)
    objective = Adversarial(
        *learners,
        HR.shape[-1],
        content.pixels,
        lambda batch: content.pixels(batch.hr),
        beside,
        weight,
        0.1,
        0,
        lambda: None,
        0,
    )
    batch = Batch(torch.full((1, 1, 4, 4), lr), torch.full((1, 1, 4, 4), hr), torch.tensor([0]))
    terms = dict(zip(objective.terms, objective.step(batch).tolist(), strict=True))

    def sigmoid(x):
        return 1 / (1 + math.exp(-x))

    sr = g * lr
    real, fake = sigmoid(d * hr), sigmoid(d * sr)
    assert terms["d_real"] == pytest.approx(real)
    assert terms["d_fake"] == pytest.approx(fake)
    assert terms["discriminator"] == pytest.approx(-math.log(real) - math.log(1 - fake))
    d_gradient = -(1 - real) * hr + fake * sr
    d -= d_gradient
    assert objective.learners["discriminator"].module.w.item() == pytest.approx(d)

    content_term, adversarial = (1 + beside) * 4 * (sr - hr) ** 2, -math.log(sigmoid(d * sr))
    assert terms["content"] == pytest.approx(content_term)
    assert terms["adversarial"] == pytest.approx(adversarial)
    assert terms["spectrum"] == 0  # darker than HR: less power
    assert terms["loss"] == pytest.approx(content_term + weight * adversarial)
    g_gradient = (1 + beside) * 8 * (sr - hr) * lr - weight * (1 - sigmoid(d * sr)) * d * lr
    assert objective.learners["generator"].module.w.item() == pytest.approx(g - g_gradient)
    assert terms["gradient_norm"] == pytest.approx(abs(g_gradient), rel=1e-5)
    assert terms["discriminator_gradient_norm"] == pytest.approx(abs(d_gradient), rel=1e-5)


def checkerboard(amplitude, height=64, width=64):
    rows, columns = torch.arange(height)[:, None], torch.arange(width)
    return amplitude * (1.0 - 2 * ((rows + columns) % 2))[None, None]


def test_the_spectral_loss_by_hand():
    """A Hann window of N has N / 2 at a wave's own frequency, N / 4 beside it, and 3/8 of N of power."""
    gray, amplitude = torch.full((1, 1, 64, 64), 0.5), 0.02
    rounding = (3 / 8 * 32) ** 2 / 12 / 255**2
    around = [16.0, 8.0, 8.0]  # along the height: at a period of 2 pixels and on both sides of it
    peaks = [amplitude**2 * (a * b) ** 2 for a in around for b in around[:2]]  # one half of the width is kept
    expected = sum(math.log(1 + peak / rounding) for peak in peaks) / (32 * 17)
    sr = gray + checkerboard(amplitude)
    assert losses.spectrum_loss(sr, gray).item() == pytest.approx(expected, rel=1e-3)
    assert losses.spectrum_loss(gray, sr).item() == 0


def test_the_spectral_loss_sees_patterns_whichever_way_round():
    """One that is turned over halfway across has no mean over the picture, and is none the less seen."""
    gray = torch.full((1, 1, 64, 64), 0.5)
    turned = checkerboard(0.02) * torch.where(torch.arange(64) < 32, 1.0, -1.0)
    whole = losses.spectrum_loss(gray + checkerboard(0.02), gray)
    assert losses.spectrum_loss(gray + turned, gray) > whole / 2


def test_the_spectral_loss_sees_a_pattern_beside_what_is_far_rougher():
    """A label's bright edges have more power than the pattern in the lungs; each window counts alike."""
    hr = torch.full((1, 1, 128, 128), 0.5)
    hr[..., :32, :32] = torch.rand(32, 32, generator=torch.Generator().manual_seed(0))
    calm = torch.full((1, 1, 128, 128), 0.5)
    beside, alone = (losses.spectrum_loss(each + checkerboard(0.02, 128, 128), each) for each in (hr, calm))
    assert beside > 0.8 * alone


def test_the_spectral_loss_lets_smooth_and_equal_pictures_be():
    hr = torch.rand(2, 1, 48, 80, generator=torch.Generator().manual_seed(0))
    smooth = nn.functional.avg_pool2d(hr, 3, stride=1, padding=1)
    assert losses.spectrum_loss(smooth, hr).item() == pytest.approx(0, abs=1e-4)
    assert losses.spectrum_loss(hr, smooth).item() > 0.5
    assert losses.spectrum_loss(hr.flip(0), hr).item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("side", [1, 3, 31])
def test_the_spectral_loss_of_small_pictures(side):
    hr = torch.rand(1, 1, side, 40)
    assert losses.spectrum_loss(0.5 * hr, hr).item() == 0
    assert losses.spectrum_loss(2 * hr, hr).item() > 0
