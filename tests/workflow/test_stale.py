"""After an edit exactly what depends on it runs again: plans after some sixty edits of a finished run."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import yaml
from runs import SMALL, dry_run, plan

Jobs = dict[str, int]

# The jobs of the demo, and which rules take a rule's output.
PLAN = {
    "make_phantom_labels": 1,
    "make_phantom_archive": 2,
    "sample": 1,
    "extract": 2,
    "resize": 3,
    "degrade": 9,
    "train": 4,
    "infer": 6,
    "score": 6,
    "summarise": 1,
    "summarise_subgroups": 1,
    "draw_comparison": 1,
    "draw_metrics": 1,
    "draw_perception": 1,
    "draw_spectrum": 1,
    "draw_errors": 1,
    "draw_curves": 1,
    "build_viewer": 1,
    "all": 1,
}
# What sets SR pictures beside HR.
COMPARING = ["draw_comparison", "draw_spectrum", "draw_errors", "build_viewer"]
NEXT = {
    "make_phantom_labels": ["make_phantom_archive", "sample"],
    "make_phantom_archive": ["extract"],
    "sample": ["extract", "resize", "summarise_subgroups"],
    "extract": ["resize"],
    "resize": ["degrade", "train", "score", "summarise", *COMPARING],
    "degrade": ["train", "infer", "draw_comparison", "build_viewer"],
    "train": ["infer", "draw_curves"],
    "infer": ["score", *COMPARING],
    "score": ["summarise", "summarise_subgroups", "draw_comparison", "draw_metrics", "build_viewer"],
    "summarise": ["draw_perception", "all"],
    "summarise_subgroups": ["all"],
    "draw_comparison": ["all"],
    "draw_metrics": ["all"],
    "draw_perception": ["all"],
    "draw_spectrum": ["all"],
    "draw_errors": ["all"],
    "draw_curves": ["all"],
    "build_viewer": ["all"],
    "all": [],
}
# What shows the labels of all models; the training curves show those of the trained ones.
LABELLED = ["summarise", "summarise_subgroups", "draw_metrics", *COMPARING]


def since(*rules: str, **counts: int) -> Jobs:
    """The jobs of these rules and of all that follow; `counts` where fewer run than in the whole plan."""
    found: Jobs = {}
    waiting = list(rules)
    while waiting:
        rule = waiting.pop()
        if rule not in found:
            found[rule] = counts.get(rule, PLAN[rule])
            waiting.extend(NEXT[rule])
    return found


def retrained(n: int) -> Jobs:
    """`n` models are trained anew, or for the first time."""
    return since("train", "summarise", train=n, infer=n, score=n)


@pytest.fixture(scope="module")
def finished(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the finished demo run; each test edits it and puts it back as it was."""
    folder = tmp_path_factory.mktemp("stale") / "copy"
    shutil.copytree(demo, folder, symlinks=True)
    return folder


@contextmanager
def edited(path: Path, change: Callable[[str], str]) -> Iterator[None]:
    """The file with its text changed, for the time of the block; then as before, time stamp included."""
    before, times = path.read_bytes(), path.stat()
    text = change(before.decode())
    assert text.encode() != before
    path.write_text(text)
    try:
        yield
    finally:
        path.write_bytes(before)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def with_config(change: Callable[[dict], object]) -> Callable[[str], str]:
    """An edit of config.yaml that changes its values."""

    def edit(text: str) -> str:
        config = yaml.safe_load(text)
        change(config)
        return yaml.safe_dump(config, sort_keys=False)

    return edit


def reordered(text: str) -> str:
    def reverse(value: object, path: tuple[str, ...] = ()) -> object:
        if not isinstance(value, dict):
            return value
        keys = (
            list(value) if path == ("models",) else list(reversed(value))
        )  # the models' order is the table's
        return {key: reverse(value[key], (*path, key)) for key in keys}

    return yaml.safe_dump(reverse(yaml.safe_load(text)), sort_keys=False)


CONFIG_EDITS = {
    "a comment": (lambda text: "# new\n" + text, {}),
    "white space": (lambda text: text.replace("# folder", "     # folder"), {}),
    "keys in another order": (reordered, {}),
    "quotes": (lambda text: text.replace("device: auto", "device: 'auto'"), {}),
}
# Overlays, given after the demo's own, so that they win.
OVERLAYS = {
    "device": ({"device": "cpu"}, {}),
    "results": ({"results": "elsewhere"}, PLAN),
    "more seeds": (
        {"seeds": [0, 1]},
        since("summarise", "summarise_subgroups", "build_viewer") | {"train": 3, "infer": 3, "score": 3},
    ),
    "train": ({"dataset": {"train": 9}}, PLAN),  # the phantom renders as many as are asked for
    "test": ({"dataset": {"test": 5}}, PLAN),
    "validation": ({"dataset": {"validation": 3}}, PLAN),
    "train and test swapped": ({"dataset": {"train": 4, "test": 8}}, since("sample")),
    "sampling seed": ({"dataset": {"seed": 1}}, PLAN),
    "archives that the source has not": ({"dataset": {"archives": [1, 2, 5]}}, {}),
    "archives in another order": ({"dataset": {"archives": [12, *range(1, 12)]}}, {}),
    "size": ({"dataset": {"size": 192}}, since("resize")),
    "fit": ({"dataset": {"fit": "pad"}}, since("resize")),
    # HR sides of 176 are a multiple already; the input of two models and what the figures show are one folder
    "scale": ({"scale": 2}, since("degrade", degrade=6)),
    "degradation": ({"degradation": {"blur": 1.0}}, since("degrade")),
    "seed of a degradation without noise": ({"degradation": {"seed": 1}}, {}),
    "epochs": ({"training": {"epochs": 2}}, retrained(3)),
    "batch": ({"training": {"batch": 2}}, retrained(3)),
    "crop": ({"training": {"crop": 80}}, retrained(3)),
    "content": ({"adversarial": {"content": "vgg", "weights": "untrained"}}, retrained(2)),
    "adversarial weight": ({"adversarial": {"weight": 0.01}}, retrained(2)),
    "layer of an unused content loss": ({"adversarial": {"layer": [2, 2]}}, {}),
    "one model's epochs": ({"models": {"srgan": {"training": {"epochs": 2}}}}, retrained(1)),
    "one model's learning rate": ({"models": {"vdsr": {"optimizer": {"learning_rate": 0.1}}}}, retrained(1)),
    "one model's schedule": ({"models": {"hybrid": {"schedule": "one_cycle"}}}, retrained(1)),
    "one model's arguments": ({"models": {"srgan": {"arguments": {"init": "random"}}}}, retrained(1)),
    "one model's LR variant": (
        {"models": {"bicubic": {"lr": "half"}}},
        since("infer", infer=1, score=1),
    ),
    "a label": ({"models": {"srgan": {"label": "GAN"}}}, since(*LABELLED, "draw_curves")),
    "the label of an interpolation": (
        {"models": {"bicubic": {"label": "Keys"}}},
        since(*LABELLED),
    ),
    "a figure of the paper": ({"models": {"vdsr": {"paper": {"psnr": 1}}}}, since("summarise")),
    "a model added": (
        {"models": {"mine": {"network": "vdsr", "lr": "full",
                             "objective": "residual", "schedule": "constant",
                             "optimizer": {"name": "adam", "learning_rate": 0.001}}}},
        retrained(1),
    ),
    "an interpolation added": (
        {"models": {"mine": {"network": "bicubic", "lr": "full"}}},
        since("infer", infer=1, score=1),
    ),
}  # fmt: skip


def rename(config: dict) -> None:
    config["models"]["other"] = config["models"].pop("hybrid")


def swap_rates(config: dict) -> None:
    first, second = (config["models"][name]["optimizer"] for name in ("vdsr", "srgan"))
    first["learning_rate"], second["learning_rate"] = second["learning_rate"], first["learning_rate"]


def swap_models(config: dict) -> None:
    config["models"] = dict(reversed(config["models"].items()))


CONFIG_EDITS |= {
    "a model removed": (
        with_config(lambda config: config["models"].pop("hybrid")), since(*LABELLED, "draw_curves")
    ),
    "a model renamed": (with_config(rename), retrained(1)),
    "two learning rates swapped": (with_config(swap_rates), retrained(2)),
    "models in another order": (with_config(swap_models), since(*LABELLED, "draw_curves")),
}  # fmt: skip

# The linear filters solved for anew: no steps, so no curves.
SOLVED = {rule: count for rule, count in retrained(1).items() if rule != "draw_curves"}
DRAWING = [rule for rule in PLAN if rule.startswith("draw_")]
# What runs after another meaning of a module or a script: `EDIT` at its end.
EDIT = "EDITED = 1\n"
MODULES: dict[str, Jobs] = {
    "srlib/networks/catalog.py": retrained(4) | {"infer": 6, "score": 6},
    "srlib/networks/filters.py": retrained(2),  # SRGAN can start from them
    "srlib/networks/linear.py": SOLVED,
    "srlib/networks/vdsr.py": retrained(1),
    "srlib/networks/srgan.py": retrained(1),
    "srlib/networks/hybrid.py": retrained(1),
    "srlib/networks/_blocks.py": retrained(3),
    "srlib/networks/starts/srgan.py": retrained(1),
    "srlib/networks/starts/hybrid.py": retrained(1),
    "srlib/networks/starts/taps.py": retrained(2),
    "srlib/networks/lanczos.py": since("infer", infer=1, score=1),
    **{f"srlib/evaluation/{name}.py": since("summarise") for name in ("summary", "sentences", "webpage")},
    "srlib/evaluation/table.html": since("summarise"),
    "srlib/evaluation/markdown.py": since("summarise", "summarise_subgroups"),
    "srlib/figures/style.py": since(*DRAWING),
    "srlib/figures/curves.py": since("draw_curves"),  # found by name
    "srlib/caption.py": since("summarise", "build_viewer"),
    "srlib/evaluation/scores.py": since("score"),
    "srlib/evaluation/metrics.py": since("score"),
    "srlib/evaluation/perception.py": since("score"),
    "srlib/evaluation/pairs.py": since("score", "draw_spectrum", "draw_errors"),
    "srlib/data/resample.py": since("resize"),
    "srlib/data/degrade.py": since("degrade"),
    "srlib/data/prepare.py": since("resize"),
    "srlib/data/geometry.py": since("resize"),
    "srlib/data/boxes.py": since("score", "draw_comparison"),
    **{f"srlib/data/{name}.py": since("resize") for name in ("decode", "gray", "dicom", "codecs")},
    **{f"srlib/data/{name}.py": since("sample") for name in ("folder", "tar", "dicom_header")},
    "srlib/data/sampling.py": since("sample"),
    "srlib/objectives/catalog.py": retrained(4),
    "srlib/objectives/least_squares.py": SOLVED,
    "srlib/objectives/residual.py": retrained(1),
    **{
        f"srlib/objectives/{name}.py": retrained(2)
        for name in ("adversarial", "content", "discriminator", "losses", "vgg")
    },
    "srlib/inference.py": retrained(4) | {"infer": 6, "score": 6},  # training restores validation images
}
IDLE_RULES = ["extract", "all"]  # raw pictures are the published ones, whatever code has fetched them
SCRIPTS: dict[str, Jobs] = {
    **{f"workflow_scripts/{rule}.py": since(rule) for rule in PLAN if rule not in [*IDLE_RULES, *DRAWING]},
    "workflow_scripts/draw.py": since(*DRAWING),
    "workflow_scripts/train.py": retrained(4),
}
# Plumbing; planning, whose decisions arrive as params; what only fetches; what the demo has no use for.
IDLE = [
    *(
        f"srlib/{name}.py"
        for name in ("errors", "files", "jobs", "lock", "record", "checks", "config", "code", "schema")
    ),
    *(f"srlib/data/{name}.py" for name in ("download", "mirror", "extract", "tracking")),
    "srlib/objectives/l1.py",
    *(f"workflow_scripts/fetch_{name}.py" for name in ("labels", "list", "archive", "vgg")),
    *(f"workflow_scripts/{name}.py" for name in ("extract", "extract_remote", "adopt_split", "verify")),
    *(f"workflow_scripts/{name}.py" for name in ("place_boxes", "score_boxes")),
    "rules/train.smk",
    "Snakefile",
]


@pytest.mark.parametrize("name", OVERLAYS)
def test_config_overlay(finished, name):
    overlay, expected = OVERLAYS[name]
    path = finished / "overlay.yaml"
    path.write_text(yaml.safe_dump(overlay))
    assert plan(finished, *SMALL, "overlay.yaml") == expected


@pytest.mark.parametrize("name", CONFIG_EDITS)
def test_config_edit(finished, name):
    change, expected = CONFIG_EDITS[name]
    with edited(finished / "config.yaml", change):
        assert plan(finished, *SMALL) == expected


@pytest.mark.parametrize("name", MODULES | SCRIPTS)
def test_code_edit(finished, name):
    with edited(finished / name, lambda text: text + EDIT):
        assert plan(finished, *SMALL) == (MODULES | SCRIPTS)[name]


def test_an_edit_of_the_page_runs_the_viewer(finished):
    with edited(finished / "srlib/viewer/page.js", lambda text: text + "let edited = 1;\n"):
        assert plan(finished, *SMALL) == since("build_viewer")


def test_code_that_decides_nothing_runs_nothing(finished):
    with ExitStack() as stack:
        for name in IDLE:
            stack.enter_context(edited(finished / name, lambda text: text + EDIT))
        assert plan(finished, *SMALL) == {}


def test_comments_and_docstrings_everywhere_run_nothing(finished):
    files = [path for room in ("srlib", "workflow_scripts") for path in (finished / room).rglob("*.py")]
    with ExitStack() as stack:
        for path in files:
            stack.enter_context(edited(path, lambda text: text.replace('"""', '"""New. ', 1) + "# edited\n"))
        stack.enter_context(edited(finished / "report/table.rst", lambda text: text + "More.\n"))
        assert plan(finished, *SMALL) == {}


def test_every_script_is_in_the_tables(finished):
    scripts = {f"workflow_scripts/{path.name}" for path in (finished / "workflow_scripts").glob("*.py")}
    assert scripts <= {*SCRIPTS, *IDLE}


def test_new_time_stamps_alone_run_nothing(finished):
    parts = ["Snakefile", "config.yaml", "environment.yaml", "rules", "srlib", "workflow_scripts", "report"]
    paths = [path for part in parts for path in [finished / part, *(finished / part).rglob("*")]]
    times = {path: path.stat() for path in paths}
    for path in paths:
        path.touch()
    assert plan(finished, *SMALL) == {}
    for path, before in times.items():
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_picture_deleted_inside_a_folder_runs_nothing_by_itself(finished):
    picture = next((finished / "results/demo/hr/test").glob("*.png"))
    content = picture.read_bytes()
    picture.unlink()
    assert plan(finished, *SMALL) == {}  # its readers name it: test_demo.py
    picture.write_bytes(content)


def test_an_altered_manifest_runs_what_reads_it(finished):
    manifest = finished / "results/demo/lr/down4_up2/test.manifest.csv"
    with edited(manifest, lambda text: text.replace(",", ", ", 1)):
        assert plan(finished, *SMALL) == since("infer", infer=1, score=1)


@contextmanager
def without(path: Path) -> Iterator[None]:
    """The file or folder is deleted, for the time of the block."""
    kept = path.with_name(f"{path.name}.kept")
    path.rename(kept)
    try:
        yield
    finally:
        kept.rename(path)


DELETED = {
    "models/vdsr/seed0/weights.safetensors": retrained(1),
    "models/vdsr/seed0/history.csv": retrained(1),
    "models/vdsr/seed0/sr": since("infer", infer=1, score=1),
    "tests.csv": since("summarise"),
    "subgroups.csv": since("summarise_subgroups"),
}


@pytest.mark.parametrize("name", DELETED)
def test_what_is_deleted_is_made_again(finished, name):
    with without(finished / "results/demo" / name):
        assert plan(finished, *SMALL) == DELETED[name]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("raw/images_001", "extract"),
        ("hr/test", "resize"),
        ("hr/test.sizes.csv", "resize"),
        ("lr/down4/test", "degrade"),
    ],
)
def test_what_is_deleted_early_in_the_chain_is_made_again(finished, name, rule):
    with without(finished / "results/demo" / name):
        assert plan(finished, *SMALL)[rule] >= 1


@contextmanager
def lost_metadata(folder: Path) -> Iterator[None]:
    with without(folder / ".snakemake"):
        try:
            yield
        finally:
            shutil.rmtree(folder / ".snakemake", ignore_errors=True)


def test_lost_metadata_runs_nothing(finished):
    with lost_metadata(finished):
        assert plan(finished, *SMALL) == {}


@pytest.mark.parametrize(
    ("overlay", "named"),
    [
        ({"training": {"epochs": 2}}, "srgan/seed0/weights.safetensors: epochs 1, not 2"),
        ({"dataset": {"size": 192}}, "hr/test.manifest.csv: size 176, not 192"),
        ({"dataset": {"seed": 1}}, "split.csv: seed 0, not 1"),
        ({"dataset": {"test": 3}}, "split.csv: test 4, not 3"),
        (
            {"models": {"bicubic": {"network": "lanczos"}}},
            'sr.manifest.csv: network "bicubic", not "lanczos"',
        ),
        ({"models": {"bicubic": {"label": "Keys"}}}, 'table.csv: label "Bicubic", not "Keys"'),
        ({"reference": "srgan"}, 'figures/comparison.png: reference "VDSR", not "SRGAN"'),
    ],
)
def test_with_lost_metadata_other_settings_are_refused_with_the_remedy(finished, overlay, named):
    (finished / "overlay.yaml").write_text(yaml.safe_dump(overlay))
    with lost_metadata(finished):
        succeeded, said = dry_run(finished, *SMALL, "overlay.yaml")
        assert not succeeded
        assert named in said
        assert "Traceback (most" not in said
        remedy = re.search(r"To have them made anew: rm (.*)", said)[1].split()
        with ExitStack() as stack:
            for path in remedy:
                stack.enter_context(without(finished / path))
            assert plan(finished, *SMALL, "overlay.yaml")
