"""The model card says what the records and scores of a run say."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import yaml

from srlib import config as settings
from srlib import record, specs
from srlib.card import claim, page
from srlib.card.facts import gather
from srlib.data.images import MANIFEST_COLUMNS
from srlib.errors import InputError
from srlib.evaluation.metrics import METRICS
from srlib.files import sha256
from srlib.networks import catalog, weights

ROOT = Path(__file__).parents[3]
# Test images: patient, view, findings, PSNR.
TEST = {
    "a.png": ("1", "PA", "No Finding", 30.0),
    "b.png": ("1", "PA", "Mass|Hernia", 20.0),
    "c.png": ("2", "AP", "Mass", 25.0),
    "d.png": ("3", "", "", 40.0),
}


class Run:
    """The results of a run of one model, with the default config after a change."""

    def __init__(self, folder, model="vdsr", change=lambda config: None):
        self.folder, self.model = folder, model
        config = yaml.safe_load((ROOT / "config.yaml").read_text())
        change(config)
        rows = [f"t{i}.png,p{i},PA,No Finding,x,train" for i in range(5)]
        rows += [f"{name},{','.join(about[:3])},x,test" for name, about in TEST.items()]
        self.write("split.csv", ["image,patient,view,findings,archive,split", *rows])
        for split, names in (("train", [f"t{i}.png" for i in range(5)]), ("test", TEST), ("lr", TEST)):
            self.write(split, [",".join(MANIFEST_COLUMNS), *(f"{name},0,0" for name in names)])
        self.scores = pd.DataFrame(0.5, index=TEST, columns=list(METRICS))
        self.scores["psnr"] = [psnr for *_, psnr in TEST.values()]
        self.scores.to_csv(folder / "scores.csv", index_label="image")
        self.record("scores.csv", {"crop_border": config["crop_border"]})
        self.record("split.csv", {"origin": json.dumps(settings.origin(config))})
        resized = {key: config["dataset"][key] for key in ("size", "fit", "enlarge")}
        self.record("test", resized | {"side": settings.hr_side(config)})
        self.record("lr", {"degradation": specs.to_json(settings.degradation(config))})
        spec = settings.train_spec(config, model)
        run = {"torch": torch.__version__, "device": "cpu"} if spec.training else None
        network = catalog.build(spec.network, spec.arguments)
        about = json.loads(specs.to_json(spec))
        weights.save(folder / "w.safetensors", network, spec.network, spec.arguments, about, run)
        self.record("w.safetensors", {"spec": specs.to_json(spec)}, {"model": model, "seed": "3"})

    def write(self, name, lines):
        (self.folder / name).write_text("\n".join(lines) + "\n")

    def record(self, name, params, wildcards=None):
        record.write(self.folder / name, params, wildcards or {}, [])

    def card(self):
        files = {name: self.folder / name for name in ("train", "test")}
        facts = gather(
            self.folder / "w.safetensors",
            self.folder / "scores.csv",
            self.folder / "split.csv",
            files,
            self.folder / "lr",
            {self.model: "Mine"},
        )
        page.write(self.folder / "model.md", facts)
        return (self.folder / "model.md").read_text()


def cells(text, first):
    """The cells of the table row that begins with this text."""
    row = re.search(rf"^\| {re.escape(first)} +\|.*$", text, re.MULTILINE)
    return [cell.strip() for cell in row[0].strip("|").split("|")]


def test_the_same_run_has_the_same_card_and_what_it_is_of(tmp_path):
    run = Run(tmp_path)
    text = run.card()
    assert text == run.card()
    assert text.startswith("# Mine, seed 3\n")
    assert sha256(tmp_path / "w.safetensors") in text
    assert "a gray LR picture enlarged 4 times by bicubic interpolation first (LR variant down4_up4)" in text
    assert "x4 super-resolution of 256 x 256 pictures from NIH ChestX-ray14: 5 training and 4 test" in text
    assert "Not for diagnosis" in text
    assert "https://nihcc.app.box.com/v/ChestXray-NIHCC" in text
    assert cells(text, "23") == ["23", "Software", f"PyTorch {torch.__version__} on cpu"]


def test_scores_are_means_with_intervals_over_patients(tmp_path):
    metric, mean, interval, better = cells(Run(tmp_path).card(), "PSNR (dB)")
    assert (metric, mean, better) == ("PSNR (dB)", "28.75", "larger")
    low, high = map(float, interval.strip("[]").split(", "))
    assert 25 <= low < 28.75 < high <= 40  # no draw of patients is below 25; of images some would be
    text = Run(tmp_path).card()
    assert "Mean over 4 test images of 3 patients" in text
    assert cells(text, "GMSD")[3] == "smaller"


def test_the_worst_images_views_and_findings_come_first(tmp_path):
    text = Run(tmp_path).card().split("## Where it fails")[1].split("## Limits")[0]
    images = re.findall(r"^\| (\w\.png) +\| (\w+) +\| ([^|]+?) +\| +([\d.]+)", text, re.MULTILINE)
    assert images == [
        ("b.png", "PA", "Mass, Hernia", "20.00"),
        ("c.png", "AP", "Mass", "25.00"),
        ("a.png", "PA", "No Finding", "30.00"),
        ("d.png", "unknown", "unknown", "40.00"),
    ]
    groups = re.findall(r"^\| (\w+: [\w ]+?) +\| +(\d+) \| +([\d.]+)", text, re.MULTILINE)
    assert groups == [
        ("View: AP", "1", "25.00"),
        ("View: PA", "2", "25.00"),
        ("View: unknown", "1", "40.00"),
        ("Finding: Hernia", "1", "20.00"),
        ("Finding: Mass", "2", "22.50"),
        ("Finding: No Finding", "1", "30.00"),
        ("Finding: unknown", "1", "40.00"),
    ]


def test_a_picture_without_any_error_is_left_out_of_the_mean(tmp_path):
    run = Run(tmp_path)
    run.scores.loc["d.png", "psnr"] = np.inf
    run.scores.to_csv(tmp_path / "scores.csv", index_label="image")
    text = run.card()
    assert cells(text, "PSNR (dB)")[1] == "25.00"
    assert re.search(r"d\.png .*\|\s+- \|", text)


def test_each_item_of_claim_is_answered_or_left_to_the_authors_once(tmp_path):
    text = Run(tmp_path).card().split("## CLAIM 2024")[1]
    items = re.findall(r"^\| (\d+)(?:-(\d+))? +\|", text, re.MULTILINE)
    answered = [n for first, last in items for n in range(int(first), int(last or first) + 1)]
    assert sorted([*answered, *map(int, claim.OPEN)]) == list(range(1, 45))
    assert "For the authors of a study: 2 (abstract), " in text


@pytest.mark.parametrize(
    ("source", "test_source", "said"),
    [
        ("phantom", None, ["Synthetic pictures say nothing", "nobody's data", "| Neither: no patients"]),
        ("mirror", None, ["a third party's mirror, which may ask for more"]),
        (
            "my|scans",
            None,
            [r"the images in my\|scans, which this workflow does not know", "Not known to this"],
        ),
        ("nih", "theirs", ["Test images: That of the images in theirs", "Test images from theirs, training"]),
    ],
)
def test_sources_have_their_own_terms_and_limits(tmp_path, source, test_source, said):
    text = Run(tmp_path, change=lambda c: c["dataset"].update(source=source, test_source=test_source)).card()
    assert all(words in text for words in said)
    assert ("Tested on images of the same source." in text) == (test_source is None)


def test_what_is_solved_in_closed_form_has_neither_steps_nor_chance(tmp_path):
    text = Run(tmp_path, "linear").card()
    assert "filters solved for in closed form, linear" in text
    assert cells(text, "26") == ["26", "Final model", "The only solution"]
    assert "another seed" not in text


def test_weights_that_training_started_from_are_in_it(tmp_path):
    def change(config):
        config["models"]["second"] = config["models"]["vdsr"] | {"initial": {"model": "vdsr"}}

    text = Run(tmp_path, "second", change).card()
    assert "Mine: starts from the weights of vdsr, pixel loss" in text
    assert cells(text, "24")[2] == "Given weights (Data, above)"


def test_scores_of_another_sample_are_refused(tmp_path):
    run = Run(tmp_path)
    run.scores.iloc[1:].to_csv(tmp_path / "scores.csv", index_label="image")
    with pytest.raises(InputError, match=r"scores\.csv: other images than the test images of .*split\.csv"):
        run.card()
    assert not (tmp_path / "model.md").exists()
