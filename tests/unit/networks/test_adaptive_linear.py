import numpy as np
import torch
from scipy.ndimage import correlate

from srlib.networks.adaptive_linear import ANGLES, CLASSES, COHERENCES, STRENGTHS, AdaptiveLinear
from srlib.networks.filters import least_squares_filters, least_squares_of_classes


def filtered(lr, classes, filters, scale):
    """SR by scipy's correlation, class by class and phase by phase."""
    sr = np.empty((lr.shape[0] * scale, lr.shape[1] * scale))
    for number in np.unique(classes):
        for phase, taps in enumerate(filters[number]):
            part = sr[phase // scale :: scale, phase % scale :: scale]
            part[classes == number] = correlate(lr, taps, mode="nearest")[classes == number]
    return sr


def parity(lr):
    return np.indices(lr.shape).sum(0).ravel() % 2


def test_a_known_filter_bank_of_each_class_is_recovered():
    rng = np.random.default_rng(0)
    known = rng.normal(0, 0.1, (2, 4, 5, 5))
    known[..., 2, 2] += 1 - known.sum((2, 3))
    pairs = [(lr, filtered(lr, parity(lr).reshape(lr.shape), known, 2)) for lr in rng.random((8, 30, 20))]
    assert np.abs(least_squares_of_classes(pairs, parity, 2, 2, 5, ridge=0) - known).max() < 1e-6


def test_a_class_of_few_pixels_leans_on_the_filters_of_all():
    rng = np.random.default_rng(0)
    pairs = [(rng.random((20, 20)), rng.random((40, 40))) for _ in range(3)]

    def one_pixel_apart(lr):
        return (np.arange(lr.size) == 210).astype(int)

    found = least_squares_of_classes(pairs, one_pixel_apart, 2, 2, 5, ridge=1)
    of_all = least_squares_filters(pairs, 2, 5, ridge=1)
    assert np.abs(found[1] - of_all).max() < 0.02 < np.abs(of_all).max()


def test_the_network_computes_what_the_filters_of_its_classes_say():
    rng = np.random.default_rng(0)
    lr = rng.integers(0, 256, (4, 24, 32), dtype=np.uint8)
    network = AdaptiveLinear(2)
    network.solve([(picture, rng.integers(0, 256, (48, 64), dtype=np.uint8)) for picture in lr], ridge=1e-3)
    picture = torch.from_numpy(lr[:1, None]).float() / 255
    classes = network._classes(picture)[0].numpy().reshape(24, 32)
    filters = network.filters.detach().numpy().reshape(CLASSES, 4, 9, 9)
    sr = network(picture).detach().numpy()[0, 0]
    assert np.abs(sr - filtered(lr[0] / 255, classes, filters, 2)).max() < 1e-5


def test_classes_tell_angle_strength_and_coherence_apart():
    network = AdaptiveLinear(4)
    network.strengths.copy_(torch.tensor([0.01, 0.02, 0.04, 0.08]))
    network.coherences.copy_(torch.tensor([0.3, 0.6]))
    y, x = torch.meshgrid(torch.arange(16.0), torch.arange(16.0), indexing="ij")

    def of_centre(picture):
        number = int(network._classes(picture[None, None])[0, 8 * 16 + 8])
        return number // (STRENGTHS * COHERENCES), number // COHERENCES % STRENGTHS, number % COHERENCES

    assert of_centre(torch.full((16, 16), 0.5)) == (0, 0, 0)
    assert of_centre(0.03 * x) == (0, 2, COHERENCES - 1)
    assert of_centre(0.1 * y) == (ANGLES // 2, STRENGTHS - 1, COHERENCES - 1)
    assert of_centre(0.03 * (x + y))[0] in (ANGLES // 4, ANGLES // 4 - 1)  # on the limit between them
    saddle = 0.02 * ((x - 8) ** 2 - (y - 8) ** 2)
    assert of_centre(saddle)[2] == 0
