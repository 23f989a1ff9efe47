"""Where each model errs: its mean absolute error at each pixel over the test images, on one scale."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from srlib.evaluation.pairs import pairs
from srlib.figures import style


@style.paper
def draw(
    hr_manifest: str | Path, sr_manifests: Mapping[str, str | Path], png: str | Path, pdf: str | Path
) -> None:
    """One map per model, mean of |SR - HR| in gray levels. sr_manifests: display label -> manifest."""
    maps = {label: mean_error(manifest, hr_manifest) for label, manifest in sr_manifests.items()}
    scale = np.percentile(np.stack(list(maps.values())), 99.5)
    figure = style.new(style.PAGE, style.PAGE / (len(maps) + 0.6) + 0.25)
    panels = np.atleast_1d(figure.subplots(1, len(maps)))
    for axes, (label, error) in zip(panels, maps.items(), strict=True):
        shown = axes.imshow(error, cmap="magma", vmin=0, vmax=scale)
        axes.set(xticks=[], yticks=[])
        axes.set_title(f"{style.wrapped(label, style.PAGE / (len(maps) + 0.6))}\nmean {error.mean():.2f}")
    bar = figure.colorbar(shown, ax=panels, label="mean |SR - HR|\n(gray levels)", extend="max", shrink=0.75)
    bar.outline.set_visible(False)
    style.save(figure, png, pdf)


def mean_error(sr_manifest: str | Path, hr_manifest: str | Path) -> np.ndarray:
    """Mean over the pictures of |SR - HR|, float64 (H, W); holds one pair of pictures at a time."""
    total, count = 0, 0
    for _, sr, hr in pairs(sr_manifest, hr_manifest):
        total, count = total + np.abs(sr.astype(np.int64) - hr), count + 1
    return total / count
