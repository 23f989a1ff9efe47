"""Where a model fails: its worst test images, and the views and findings that it restores worst."""

import pandas as pd

from srlib.card.facts import Facts
from srlib.evaluation import statistics
from srlib.evaluation.cells import figure
from srlib.evaluation.markdown import escape, pipe_table
from srlib.evaluation.metrics import METRICS, scored

WORST = 5  # images
GROUPS = 8  # of a kind, the worst first
UNKNOWN = "unknown"


def section(facts: Facts) -> str:
    """Tables of the worst images, views and findings by PSNR."""
    tables = [
        f"The test images with the lowest {METRICS['psnr'].label}:",
        _worst(facts.test),
        "The mean PSNR by view and by finding, the lowest first; an image counts for each of its findings:",
        _groups(facts),
    ]
    return "\n\n".join(tables)


def _worst(test: pd.DataFrame) -> str:
    shown = list(scored(test))[:4]
    worst = test.sort_values("psnr", kind="stable", na_position="last").head(WORST)
    head = ["Image", "View", "Findings", *(METRICS[name].heading for name in shown)]
    body = [
        [
            escape(str(image)),
            escape(row["view"] or UNKNOWN),
            escape(row["findings"].replace("|", ", ") or UNKNOWN),
            *(figure(row[name], name) for name in shown),
        ]
        for image, row in worst.iterrows()
    ]
    return pipe_table(head, body, words=3)


def _groups(facts: Facts) -> str:
    test = facts.test
    of = {"View": test["view"].map(lambda view: [view or UNKNOWN])}
    of["Finding"] = test["findings"].map(lambda findings: (findings or UNKNOWN).split("|"))
    body = []
    for kind, values in of.items():
        member = pd.get_dummies(values.explode()).groupby(level=0).any().loc[test.index]
        groups = member.apply(lambda inside: test["psnr"].where(inside))
        bounds = statistics.intervals(groups, facts.patients)
        for name in groups.mean().sort_values(kind="stable").index[:GROUPS]:
            low, high = (figure(bounds.loc[name, end], "psnr") for end in ("low", "high"))
            mean = figure(groups[name].mean(), "psnr")
            body.append(
                [f"{kind}: {escape(str(name))}", str(int(member[name].sum())), mean, f"[{low}, {high}]"]
            )
    return pipe_table(["Group", "Images", METRICS["psnr"].heading, "95 % interval"], body)
