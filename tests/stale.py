"""The jobs of the demo, which follow which, and edits of a finished run that are put back."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

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
    "write_card": 4,
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
    "sample": ["extract", "resize", "summarise_subgroups", "write_card"],
    "extract": ["resize"],
    "resize": ["degrade", "train", "score", "summarise", "write_card", *COMPARING],
    "degrade": ["train", "infer", "write_card", "draw_comparison", "build_viewer"],
    "train": ["infer", "write_card", "draw_curves"],
    "infer": ["score", *COMPARING],
    "score": [
        "summarise",
        "summarise_subgroups",
        "write_card",
        "draw_comparison",
        "draw_metrics",
        "build_viewer",
    ],
    "summarise": ["draw_perception", "all"],
    "summarise_subgroups": ["all"],
    "write_card": ["all"],
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
    """The jobs of these rules and of all that follow; `counts` where fewer run than in the whole plan.

    Only what is trained has a card.
    """
    found: Jobs = {}
    waiting = list(rules)
    while waiting:
        rule = waiting.pop()
        if rule not in found:
            found[rule] = counts.get(rule, PLAN[rule])
            waiting.extend(NEXT[rule])
    return {rule: count for rule, count in found.items() if count}


def interpolated() -> Jobs:
    """A model without training restores anew, or for the first time."""
    return since("infer", infer=1, score=1, write_card=0)


def retrained(n: int) -> Jobs:
    """`n` models are trained anew, or for the first time."""
    return since("train", "summarise", train=n, infer=n, score=n, write_card=n)


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


DRAWING = [rule for rule in PLAN if rule.startswith("draw_")]


@contextmanager
def without(path: Path) -> Iterator[None]:
    """The file or folder is deleted, for the time of the block."""
    kept = path.with_name(f"{path.name}.kept")
    path.rename(kept)
    try:
        yield
    finally:
        kept.rename(path)
