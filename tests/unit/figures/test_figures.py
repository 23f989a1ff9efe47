"""Figures: what they pick and what they say, and that the files are whole and reproducible."""

import importlib
import inspect
import pkgutil

import numpy as np
import pandas as pd
import pytest
import skimage.data
from PIL import Image

from srlib import figures
from srlib.data.degrade import degrade
from srlib.data.images import Picture, read_pictures, write_pictures
from srlib.data.resample import resize
from srlib.errors import InputError
from srlib.evaluation import scores, summary
from srlib.figures import comparison, curves, errors, metrics, perception, style
from srlib.specs.degradation import Degradation


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Three test images with LR, two models and their scores: a folder and draw's first arguments."""
    folder = tmp_path_factory.mktemp("run")
    camera = skimage.data.camera()
    hr = [
        Picture(f"{i}.png", str(i), np.ascontiguousarray(camera[i * 100 :][:192, i * 90 :][:, :192]))
        for i in range(3)
    ]
    lr = [picture._replace(pixels=degrade(picture.pixels, Degradation(4))) for picture in hr]
    sharp = [picture._replace(pixels=resize(picture.pixels, 192, 192)) for picture in lr]
    blocky = [picture._replace(pixels=resize(picture.pixels, 192, 192, filter=0)) for picture in lr]
    for name, pictures in {"hr": hr, "lr": lr, "Sharp": sharp, "Blocky": blocky}.items():
        write_pictures(pictures, folder / f"{name}.manifest.csv")
    for label in ("Sharp", "Blocky"):
        scores.score(folder / f"{label}.manifest.csv", folder / "hr.manifest.csv", folder / f"{label}.csv", 4)
    return folder


def _files(run, suffix):
    return {label: run / f"{label}{suffix}" for label in ("Sharp", "Blocky")}


def _is_figure(png, pdf):
    with Image.open(png) as image:
        image.load()
        assert len(image.convert("L").getcolors(maxcolors=256)) > 10  # something is drawn
        assert image.width > 1000
    assert pdf.read_bytes().startswith(b"%PDF")
    assert b"CreationDate" not in pdf.read_bytes()
    return True


@pytest.mark.parametrize("other", [style.line, style.marker, style.hatch])
def test_what_has_the_same_colour_is_told_apart_by_something_else(other):
    assert len({(style.colour(i), other(i)) for i in range(24)}) == 24


def _draw_comparison(run, folder, reference="Sharp", boxes=None):
    files = _files(run, ".manifest.csv"), _files(run, ".csv")
    png, pdf = folder / "figure.png", folder / "figure.pdf"
    comparison.draw(run / "hr.manifest.csv", run / "lr.manifest.csv", *files, reference, boxes, png, pdf)
    return png, pdf


def test_comparison_with_an_unknown_reference_names_the_known(run, tmp_path):
    with pytest.raises(InputError, match="no model 'Crisp'; there are Sharp, Blocky"):
        _draw_comparison(run, tmp_path, reference="Crisp")


@pytest.fixture
def drawn(monkeypatch):
    """The figures that would have been saved."""
    kept = []
    monkeypatch.setattr(style, "save", lambda figure, png, pdf: kept.append(figure))
    return kept


def test_comparison_adds_an_image_with_a_box(run, tmp_path, drawn):
    boxes = tmp_path / "boxes.csv"
    boxes.write_text("image,finding,x,y,width,height\n1.png,Nodule,96,96,24,12\nelsewhere.png,Mass,1,1,9,9\n")
    _draw_comparison(run, tmp_path, boxes=boxes)
    titles = [part.get_suptitle() for part in drawn[0].subfigs]
    assert [title.split()[0] for title in titles] == ["Best", "Median", "Worst", "Median"]
    assert titles[3] == "Median PSNR of Sharp among images with a box: 1.png (Nodule)"
    assert drawn[0].subfigs[3].axes[4].images[0].get_array().shape == (24, 24)


def _relabelled(run, suffix, label):
    """The two models' files, the first one under another label."""
    return {label: run / f"Sharp{suffix}", "Blocky": run / f"Blocky{suffix}"}


def test_a_model_called_sandbox_needs_no_box(run, tmp_path, drawn):
    files = (_relabelled(run, suffix, "Sandbox") for suffix in (".manifest.csv", ".csv"))
    truth = run / "hr.manifest.csv", run / "lr.manifest.csv"
    comparison.draw(*truth, *files, "Sandbox", None, tmp_path / "figure.png", tmp_path / "figure.pdf")
    assert drawn[0].subfigs[0].get_suptitle().startswith("Best PSNR of Sandbox: ")


@pytest.mark.parametrize("label", ["HR", "LR"])
def test_a_model_called_as_the_truth_does_not_take_its_place(label, run, tmp_path, drawn):
    files = (_relabelled(run, suffix, label) for suffix in (".manifest.csv", ".csv"))
    truth = run / "hr.manifest.csv", run / "lr.manifest.csv"
    comparison.draw(*truth, *files, label, None, tmp_path / "figure.png", tmp_path / "figure.pdf")
    wholes = drawn[0].subfigs[0].axes[:4]
    assert [axes.get_title().splitlines()[0] for axes in wholes] == ["LR", label, "Blocky", "HR"]
    best = drawn[0].subfigs[0].get_suptitle().split(": ")[1]
    truth, model = (
        {p.name: p.pixels for p in read_pictures(run / f"{name}.manifest.csv")}[best]
        for name in ("hr", "Sharp")
    )
    assert np.array_equal(wholes[3].images[0].get_array(), truth)
    assert np.array_equal(wholes[1].images[0].get_array(), model)


NASTY = "$\\frac{x}$ {model} <b>|_*"  # a formula that is none, a placeholder, markup


@pytest.fixture(scope="module")
def inputs(run, tmp_path_factory):
    """What figures may ask for, by the names of draw's arguments, with labels that are hard to show."""
    folder = tmp_path_factory.mktemp("inputs")
    sr, tables = (_relabelled(run, suffix, NASTY) for suffix in (".manifest.csv", ".csv"))
    hr, models = run / "hr.manifest.csv", {label: [path] for label, path in tables.items()}
    pages = [folder / name for name in ("table.csv", "tests.csv", "table.md", "table.html")]
    summary.summarise(models, dict(zip(models, models, strict=True)), {}, hr, "", *pages)
    history = _history(folder / "a.csv", loss=[3, 2, 1], validation_psnr=[1, 2, 3])
    return {
        "hr_manifest": hr,
        "lr_manifest": run / "lr.manifest.csv",
        "sr_manifests": sr,
        "scores": tables,
        "table": pages[0],
        "histories": {NASTY: history},
        "reference": NASTY,
        "scale": 4,
        "boxes": None,
    }


@pytest.mark.parametrize(
    "name", [module.name for module in pkgutil.iter_modules(figures.__path__) if module.name != "style"]
)
def test_every_figure_shows_labels_as_they_stand_and_comes_out_the_same(name, inputs, tmp_path):
    """Matplotlib takes what is between two dollar signs for a formula."""
    draw = importlib.import_module(f"srlib.figures.{name}").draw
    given = {key: inputs[key] for key in inspect.signature(draw).parameters if key not in ("png", "pdf")}
    first, second = ((tmp_path / f"{i}.png", tmp_path / f"{i}.pdf") for i in range(2))
    for png, pdf in (first, second):
        draw(**given, png=png, pdf=pdf)
    assert _is_figure(*first)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_a_logarithmic_axis_has_plain_numbers(tmp_path, drawn):
    history = _history(tmp_path / "a.csv", pixel=[3, 0.2, 0.001], validation_psnr=[30, 31, 32])
    curves.draw({"A: discriminator losses": history}, tmp_path / "figure.png", tmp_path / "figure.pdf")
    drawn[0].draw_without_rendering()
    axes = drawn[0].axes[:2]
    assert [panel.get_yscale() for panel in axes] == ["linear", "log"]
    ticks = [label.get_text() for label in axes[1].get_yticklabels()]
    assert ticks
    assert not any("$" in tick for tick in ticks)


def test_all_gray_tiles_of_an_image_share_one_window_and_all_errors_one_scale(run, tmp_path, drawn):
    _draw_comparison(run, tmp_path)
    scales = set()
    for part in drawn[0].subfigs:
        images = [image for axes in part.axes for image in axes.images]
        assert len({image.get_clim() for image in images if image.get_cmap().name == "gray"}) == 1
        scales |= {image.get_clim() for image in images if image.get_cmap().name == "magma"}
    assert len(scales) == 1


def test_metrics_is_a_figure_also_with_infinite_psnr(run, tmp_path):
    table = pd.read_csv(run / "Sharp.csv")
    table.assign(psnr=np.inf).to_csv(tmp_path / "perfect.csv")
    png, pdf = tmp_path / "figure.png", tmp_path / "figure.pdf"
    metrics.draw(_files(run, ".csv") | {"Perfect": tmp_path / "perfect.csv"}, png, pdf)
    assert _is_figure(png, pdf)


def _history(path, **columns):
    pd.DataFrame({"epoch": [1, 2, 3], **columns}).to_csv(path, index=False)
    return path


def test_curves_draws_what_each_history_has(tmp_path, drawn):
    histories = {
        "A": _history(tmp_path / "a.csv", pixel=[3, 2, 1], validation_psnr=[30, 31, 32]),
        "B": _history(tmp_path / "b.csv", content=[1, -1, 1], d_real=[0.5] * 3, d_fake=[0.4] * 3),
        "C": _history(tmp_path / "c.csv", images_per_second=[9, 9, 9], validation_psnr=[None] * 3),
    }
    curves.draw(histories, tmp_path / "figure.png", tmp_path / "figure.pdf")
    titles = [axes.get_title() for axes in drawn[0].axes if axes.get_title()]
    assert titles == ["Validation PSNR (dB)", "A: losses", "B: losses", "B: discriminator"]
    assert [axes.get_yscale() for axes in drawn[0].axes[:3]] == ["linear", "log", "linear"]


def test_curves_without_epochs_is_refused(tmp_path):
    pd.DataFrame({"pixel": [1]}).to_csv(tmp_path / "a.csv")
    with pytest.raises(InputError, match="no column epoch"):
        curves.draw({"A": tmp_path / "a.csv"}, tmp_path / "figure.png", tmp_path / "figure.pdf")


def test_perception_places_each_model_at_its_means(run, tmp_path, drawn):
    table = tmp_path / "table.csv"
    paths = {label: [path] for label, path in _files(run, ".csv").items()}
    labels = {label: label for label in paths}
    others = [tmp_path / "tests.csv", tmp_path / "table.md", tmp_path / "table.html"]
    summary.summarise(paths, labels, {}, run / "hr.manifest.csv", "", table, *others)
    perception.draw(table, tmp_path / "figure.png", tmp_path / "figure.pdf")
    points = [tuple(line[0].get_xydata()[0]) for line in drawn[0].axes[1].containers]
    assert points == [tuple(row) for row in pd.read_csv(table)[["psnr", "gmsd"]].to_numpy()]
    low, high = drawn[0].axes[1].get_ylim()
    assert low > high  # GMSD: smaller is better, and stands above


def test_mean_error_by_hand(tmp_path):
    pictures = [Picture("a.png", "1", np.array([[10, 20]], np.uint8)),
                Picture("b.png", "2", np.array([[30, 30]], np.uint8))]  # fmt: skip
    write_pictures(pictures, tmp_path / "sr.manifest.csv")
    hr = [Picture("a.png", "1", np.array([[13, 20]], np.uint8)),
          Picture("b.png", "2", np.array([[29, 20]], np.uint8))]  # fmt: skip
    write_pictures(hr, tmp_path / "hr.manifest.csv")
    error = errors.mean_error(tmp_path / "sr.manifest.csv", tmp_path / "hr.manifest.csv")
    assert error.tolist() == [[2, 5]]


def test_error_maps_have_one_scale(run, tmp_path, drawn):
    errors.draw(run / "hr.manifest.csv", _files(run, ".manifest.csv"), "figure.png", "figure.pdf")
    maps = [image for axes in drawn[0].axes for image in axes.images]
    assert len(maps) == 2
    assert maps[0].get_clim() == maps[1].get_clim()
