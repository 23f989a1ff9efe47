"""After an edit of code exactly what depends on its meaning runs again: plans of a finished run."""

from contextlib import ExitStack

import pytest
from runs import SMALL, plan
from stale import DRAWING, PLAN, Jobs, edited, interpolated, retrained, since

# The linear filters solved for anew: no steps, so no curves.
SOLVED = {rule: count for rule, count in retrained(1).items() if rule != "draw_curves"}
# What runs after another meaning of a module or a script: `EDIT` at its end.
EDIT = "EDITED = 1\n"
MODULES: dict[str, Jobs] = {
    "srlib/networks/catalog.py": retrained(4) | {"infer": 6, "score": 6},
    "srlib/networks/filters.py": retrained(4),  # all three networks can start from them
    "srlib/networks/linear.py": SOLVED,
    "srlib/networks/vdsr.py": retrained(1),
    "srlib/networks/srgan.py": retrained(1),
    "srlib/networks/hybrid.py": retrained(1),
    "srlib/networks/_blocks.py": retrained(3),
    "srlib/networks/starts/vdsr.py": retrained(1),
    "srlib/networks/starts/srgan.py": retrained(1),
    "srlib/networks/starts/hybrid.py": retrained(1),
    "srlib/networks/starts/taps.py": retrained(3),
    "srlib/networks/lanczos.py": interpolated(),
    **{f"srlib/evaluation/{name}.py": since("summarise") for name in ("summary", "webpage")},
    "srlib/evaluation/table.html": since("summarise"),
    **{
        f"srlib/evaluation/{name}.py": since("summarise", "summarise_subgroups", "write_card")
        for name in ("markdown", "sentences")
    },
    **{
        f"srlib/card/{name}.py": since("write_card")
        for name in ("page", "facts", "failures", "claim", "sources")
    },
    "srlib/figures/style.py": since(*DRAWING),
    "srlib/figures/curves.py": since("draw_curves"),  # found by name
    "srlib/caption.py": since("summarise", "write_card", "build_viewer"),
    "srlib/evaluation/scores.py": since("score"),
    "srlib/evaluation/metrics.py": since("score"),
    "srlib/evaluation/perception.py": since("score"),
    "srlib/evaluation/lpips.py": since("score"),
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
        for name in ("adversarial", "content", "discriminator", "l1", "losses", "vgg")
    },
    "srlib/lpips_file.py": retrained(2) | {"score": 6, "write_card": 4},
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
    *(f"workflow_scripts/fetch_{name}.py" for name in ("labels", "list", "archive", "vgg")),
    *(f"workflow_scripts/{name}.py" for name in ("extract", "extract_remote", "adopt_split", "verify")),
    *(f"workflow_scripts/{name}.py" for name in ("place_boxes", "score_boxes", "restore")),
    "rules/train.smk",
    "Snakefile",
]


@pytest.mark.parametrize("name", MODULES | SCRIPTS)
def test_code_edit(finished, name):
    with edited(finished / name, lambda text: text + EDIT):
        assert plan(finished, *SMALL) == (MODULES | SCRIPTS)[name]


def test_an_edit_of_the_page_runs_the_viewer(finished):
    with edited(finished / "srlib/viewer/page.list.js", lambda text: text + "let edited = 1;\n"):
        assert plan(finished, *SMALL) == since("build_viewer")


def test_an_edit_of_an_objectives_words_runs_what_shows_them(finished):
    old, new = "adversarial with pixel content loss", "against a discriminator, with pixels"
    with edited(finished / "srlib/objectives/adversarial.py", lambda text: text.replace(old, new)):
        assert plan(finished, *SMALL) == since("summarise", "write_card", "build_viewer", write_card=2)


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
