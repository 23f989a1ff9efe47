"""All metrics: what each is called, what it needs, which way is better, and the function that computes it.

Table, caption, sentences, figures and viewer show what is scored, in this order, and ask nothing
but this table: a new metric is a function and a line in it.

A metric's function takes `sr` and `hr`, uint8 gray of the same shape (H, W), the saved 8-bit
pictures that a user would look at, and returns one float.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from srlib.errors import InputError
from srlib.evaluation import fidelity, lpips, perception, structure


@dataclass(frozen=True)
class Metric:
    """One metric.

    smallest: side in pixels below which it has no value. ranked: no for a figure that stands there for
    comparison only. perceptual: drawn against PSNR in the perception-distortion plane. paper: the column of
    the paper's Table 1 that stands beside it. note: what a reader of the table must know, in a sentence.
    needs: what the function takes as third argument, `scale` (HR side / LR side) or `file` (its weights, by
    the config key `metric_files`); a metric whose file is not given is not scored, and the caption says so.
    """

    function: Callable[..., float]
    label: str
    unit: str = ""
    decimals: int = 4
    larger_is_better: bool = True
    smallest: int = 1
    ranked: bool = True
    perceptual: bool = False
    paper: str = ""
    note: str = ""
    needs: Literal["", "scale", "file"] = ""

    @property
    def heading(self) -> str:
        """Label and unit."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


METRICS = {
    "psnr": Metric(fidelity.psnr, "PSNR", unit="dB", decimals=2, paper="psnr"),
    "ssim": Metric(structure.ssim, "SSIM", smallest=structure.SSIM_WINDOW, paper="ssim"),
    "ms_ssim": Metric(structure.ms_ssim, "MS-SSIM", smallest=structure.MS_SSIM_SIDE, paper="ms_ssim"),
    "uqi": Metric(structure.uqi, "UQI", smallest=structure.UQI_WINDOW),
    "haarpsi": Metric(perception.haarpsi, "HaarPSI", smallest=16, perceptual=True),
    "gmsd": Metric(perception.gmsd, "GMSD", smallest=6, perceptual=True, larger_is_better=False),
    "lpips": Metric(
        lpips.lpips,
        "LPIPS",
        smallest=lpips.SMALLEST,
        perceptual=True,
        larger_is_better=False,
        needs="file",
        note="LPIPS: v0.1 with VGG-16, which has learned from what people say of photographs.",
    ),
    "lr_psnr": Metric(
        fidelity.lr_psnr,
        "LR consistency",
        unit="dB",
        decimals=2,
        needs="scale",
        note="LR consistency: PSNR between HR and SR when both are shrunk by bicubic interpolation alone.",
    ),
    "uqi_sewar": Metric(
        structure.uqi_sewar,
        "UQI (sewar)",
        smallest=structure.UQI_WINDOW + 1,
        ranked=False,
        paper="uqi",
        note="UQI (sewar): what the package sewar computes, which is not the index; the paper's UQI reaches "
        "such values.",
    ),
}


def measure(
    name: str, sr: np.ndarray, hr: np.ndarray, scale: int, files: Mapping[str, str] | None = None
) -> float:
    """One metric of one pair of pictures, uint8 (H, W). files: metric -> the file that it needs.

    Raises InputError if the shapes differ or the pictures are smaller than the metric's window.
    """
    metric = METRICS[name]
    if sr.shape != hr.shape:
        raise InputError(f"{metric.label}: SR is {sr.shape} and HR {hr.shape} pixels; infer again at HR size")
    if min(sr.shape) < metric.smallest:
        raise InputError(
            f"{metric.label}: pictures of {sr.shape[0]} x {sr.shape[1]} pixels are too small; "
            f"it needs {metric.smallest} on each side (config key dataset.size)"
        )
    third = {"": [], "scale": [scale], "file": [(files or {}).get(name)]}[metric.needs]
    return metric.function(sr, hr, *third)


def available(files: Iterable[str]) -> list[str]:
    """The metrics that can be scored where these have the file that they need.

    Raises InputError, naming the config key, for one that is no metric or needs no file.
    """
    needing = [name for name, metric in METRICS.items() if metric.needs == "file"]
    if unknown := sorted(set(files) - set(needing)):
        raise InputError(
            f"config key metric_files.{unknown[0]}: no metric of this name needs a file; "
            f"those that do: {', '.join(needing) or 'none'}"
        )
    return [name for name in METRICS if name not in needing or name in files]


def scored(columns: Iterable[str]) -> dict[str, Metric]:
    """The metrics among the columns of a table of scores, in their order."""
    columns = set(columns)
    return {name: metric for name, metric in METRICS.items() if name in columns}


def left_out(columns: Iterable[str]) -> str:
    """A sentence that says which metrics are not scored for want of their file; empty where all are."""
    absent = [METRICS[name].label for name in METRICS if name not in set(columns)]
    if not absent:
        return ""
    return f"Not scored, because the config key metric_files gives no file for it: {', '.join(absent)}."
