import numpy as np
import pytest

from srlib.data.resample import resize
from srlib.figures import spectrum


def _noise(seed, side=128):
    return np.random.default_rng(seed).integers(0, 256, (side, side)).astype(np.uint8)


def test_spectra_of_identical_pictures():
    ratio, correlation = spectrum.spectra(_noise(0), _noise(0))
    assert ratio == pytest.approx(0)
    assert correlation[1:] == pytest.approx(1)


def test_spectra_tell_invented_detail_from_smoothness():
    hr = _noise(0)
    smooth = resize(resize(hr, 32, 32), 128, 128)
    invented = _noise(1)
    fine = slice(40, 64)  # beyond 0.3 cycles per pixel; x4 down leaves up to 0.125
    ratio, _ = spectrum.spectra(smooth, hr)
    assert ratio[fine].max() < -20
    ratio, correlation = spectrum.spectra(invented, hr)
    assert np.abs(ratio[fine]).max() < 3
    assert np.abs(correlation[fine]).mean() < 0.1


def test_spectra_place_a_frequency_in_its_ring():
    wave = 127 + 100 * np.sin(2 * np.pi * 0.25 * np.arange(128))
    picture = np.tile(wave, (128, 1)).astype(np.uint8)
    ratio, _ = spectrum.spectra(picture, np.full_like(picture, 127))
    assert np.argmax(ratio) == 32  # 0.25 cycles per pixel of rings 0 to 64
