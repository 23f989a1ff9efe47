"""Radial spectra: is there detail beyond what the LR picture holds, and is it the right detail?"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from srlib.evaluation.pairs import pairs
from srlib.figures import style

ROUNDING = 1 / 12  # variance of the error of rounding to whole gray levels


@style.paper
def draw(
    hr_manifest: str | Path,
    sr_manifests: Mapping[str, str | Path],
    scale: int,
    png: str | Path,
    pdf: str | Path,
) -> None:
    """Power of SR over HR, and Fourier ring correlation of SR with HR, by spatial frequency.

    sr_manifests: display label -> manifest. scale: HR side / LR side; above 1 / (2 scale) cycles per
    pixel the LR picture holds nothing. Power below 0 dB there: smooth. Power but no correlation:
    invented. Both: restored. Means over the images.
    """
    figure = style.new(style.PAGE, 2.6)
    power, correlation = figure.subplots(1, 2)
    for i, (label, manifest) in enumerate(sr_manifests.items()):
        ratio, agreement = np.mean([spectra(sr, hr) for _, sr, hr in pairs(manifest, hr_manifest)], axis=0)
        line = {"label": label, "color": style.colour(i), "linestyle": style.line(i)}
        frequency = np.arange(len(ratio)) / (2 * (len(ratio) - 1))
        power.plot(frequency[1:], ratio[1:], **line)
        correlation.plot(frequency[1:], agreement[1:], **line)
    power.axhline(0, color="black", linewidth=0.6)
    power.set(ylabel="power of SR over HR (dB)", title="How much detail")
    correlation.set(
        ylabel="Fourier ring correlation with HR", title="Is it the right detail", ylim=(-0.05, 1.02)
    )
    for axes in (power, correlation):
        _mark(axes, scale)
    style.legend(figure, *power.get_legend_handles_labels())
    style.save(figure, png, pdf)


def spectra(sr: np.ndarray, hr: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of uint8 (H, W) pairs, by ring of equal frequency, from 0 to 0.5 cycles per pixel:

    the power of SR over that of HR in dB, and the Fourier ring correlation (van Heel 1987) in [-1, 1].
    A Hann window keeps the picture's borders out. 1/12, the variance that rounding to 8 bit adds, is
    added to each power, so that rings without any detail compare as equal.
    """
    window = np.outer(np.hanning(hr.shape[0]), np.hanning(hr.shape[1]))
    a, b = (np.fft.fft2((image - image.mean()) * window, norm="ortho") for image in (sr, hr))
    rings = min(hr.shape) // 2 + 1
    radius = np.hypot(np.fft.fftfreq(hr.shape[0])[:, None], np.fft.fftfreq(hr.shape[1])[None, :])
    ring = np.rint(radius * 2 * (rings - 1)).astype(int).ravel()

    def by_ring(values: np.ndarray) -> np.ndarray:
        return np.bincount(ring, values.ravel())[:rings]

    count = by_ring(np.ones(hr.shape))
    power_a, power_b = by_ring(np.abs(a) ** 2), by_ring(np.abs(b) ** 2)
    cross = by_ring((a * b.conj()).real)
    ratio = 10 * np.log10((power_a / count + ROUNDING) / (power_b / count + ROUNDING))
    return ratio, np.divide(
        cross, np.sqrt(power_a * power_b), out=np.zeros(rings), where=power_a * power_b > 0
    )


def _mark(axes: Axes, scale: int) -> None:
    limit = 1 / (2 * scale)
    axes.axvline(limit, color="0.4", linewidth=0.8, linestyle=":")
    axes.text(limit, 1, " end of LR", transform=axes.get_xaxis_transform(), va="top", color="0.3", fontsize=6)
    axes.set(xlabel="spatial frequency (cycles per pixel)", xlim=(0, 0.5))
    axes.grid()
