"""The results as a page to read: tables in Markdown, and what they show in a sentence."""

import math
from collections.abc import Sequence

import pandas as pd

from srlib.evaluation.columns import COLUMNS

TABLES = [["psnr", "ssim", "ms_ssim", "uqi"], ["haarpsi", "gmsd", "lr_psnr", "uqi_sewar"]]
# Metric of ours -> column of the paper's Table 1 that stands beside it. Its UQI looks like sewar's.
PAPER = {"psnr": "psnr", "ssim": "ssim", "ms_ssim": "ms_ssim", "uqi_sewar": "uqi"}
UNRANKED = {"uqi_sewar"}  # not a quality index: shown for comparison with the paper only
ALPHA = 0.05


def table_page(table: pd.DataFrame, tests: pd.DataFrame, caption: str) -> str:
    """table.md from the contents of table.csv and tests.csv (see `summary.summarise`)."""
    parts = [_table(table, metrics) for metrics in TABLES]
    return "\n\n".join([*parts, _notes(table, caption), _verdict(table, tests)]) + "\n"


def pipe_table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns also line up as plain text: names left, figures right."""
    widths = [max(3, *(len(row[i]) for row in [head, *body])) for i in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = [
        " | ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in [head, rule, *body]
    ]
    return "\n".join(f"| {line} |" for line in lines)


def ranking(table: pd.DataFrame, metric: str) -> list[int]:
    """Row numbers of the models that have a mean, best first."""
    ordered = table[metric].dropna().sort_values(ascending=not COLUMNS[metric].larger_is_better)
    return list(ordered.index)


def _table(table: pd.DataFrame, metrics: list[str]) -> str:
    head = ["Model", *(COLUMNS[metric].heading for metric in metrics)]
    body = [[row["label"], *(_cell(table, i, metric) for metric in metrics)] for i, row in table.iterrows()]
    return pipe_table(head, body)


def _cell(table: pd.DataFrame, i: int, metric: str) -> str:
    """Mean, interval, and the paper's figure in brackets; best in bold, second underlined."""
    row = table.loc[i]
    if math.isnan(row[metric]):
        return "-"
    text = _figure(row[metric], metric)
    best = [] if metric in UNRANKED or len(table) < 3 else ranking(table, metric)[:2]
    if i in best:
        text = f"**{text}**" if i == best[0] else f"<u>{text}</u>"
    text += f" [{_figure(row[f'{metric}_low'], metric)}, {_figure(row[f'{metric}_high'], metric)}]"
    published = row[f"paper_{PAPER[metric]}"] if metric in PAPER else math.nan
    return (
        text if math.isnan(published) else f"{text} (paper: {published:.{min(COLUMNS[metric].decimals, 3)}f})"
    )


def _figure(value: float, metric: str) -> str:
    return f"{value:.{COLUMNS[metric].decimals}f}"


def _notes(table: pd.DataFrame, caption: str) -> str:
    first = table.iloc[0]
    notes = [
        caption,
        f"Mean over {first['n']} images of {first['patients']} patients and, for trained models, "
        f"{table['seeds'].max()} {_plural(table['seeds'].max(), 'seed')}; in square brackets the 95 % "
        "bootstrap interval, patients resampled. Best in bold, second underlined. Larger is better, but "
        "for GMSD. LR consistency: PSNR between the LR picture and the down-sampled SR.",
    ]
    if table[[f"paper_{metric}" for metric in PAPER.values()]].notna().any(axis=None):
        notes.append(
            "(paper: ...): the paper's own figure, on its own sample. Its UQI stands beside UQI (sewar), "
            "what the package sewar computes, which is not the index but reaches such values."
        )
    if infinite := table["infinite_psnr"].sum():
        notes.append(
            f"{infinite} {_plural(infinite, 'picture')} without any error left out of the mean PSNR."
        )
    return " ".join(notes)


def _verdict(table: pd.DataFrame, tests: pd.DataFrame) -> str:
    """What the comparison shows, in sentences made from its figures."""
    order = ranking(table, "psnr")
    if len(order) < 2:
        return "There are no two models to compare."
    sentences = [_lead(table, tests, *order[:2])]
    winners: dict[str, list[str]] = {}
    for metric in (metric for metric in COLUMNS if metric not in {"psnr", *UNRANKED}):
        best = table.loc[ranking(table, metric)[0], "label"]
        winners.setdefault(best, []).append(COLUMNS[metric].heading.split(" (")[0])
    best_by = [f"by {', '.join(headings)}: {label}" for label, headings in winners.items()]
    sentences.append(f"Best {'; '.join(best_by)}.")
    alike = tests[(tests["metric"] == "psnr") & (tests["p_holm"] >= ALPHA)]
    if len(alike) == (tests["metric"] == "psnr").sum():
        sentences.append(f"No two models are told apart by PSNR at p < {ALPHA}.")
    elif len(alike):
        names = table.set_index("model")["label"]
        pairs = "; ".join(f"{names[a]} and {names[b]}" for a, b in zip(alike["a"], alike["b"], strict=True))
        sentences.append(f"Not told apart by PSNR at p < {ALPHA}: {pairs}.")
    return " ".join([*sentences, *_against_the_paper(table)])


def _lead(table: pd.DataFrame, tests: pd.DataFrame, first: int, second: int) -> str:
    best, other = table.loc[first], table.loc[second]
    both = [best["model"], other["model"]]
    pair = (tests["metric"] == "psnr") & tests["a"].isin(both) & tests["b"].isin(both)
    test = tests[pair].iloc[0]
    sign = 1 if test["a"] == best["model"] else -1
    low, high = sorted((sign * test["low"], sign * test["high"]))
    p = "p < 0.001" if test["p_holm"] < 0.001 else f"p = {test['p_holm']:.3f}"
    verb = "differs from" if test["p_holm"] < ALPHA else "is not told apart from"
    return (
        f"By PSNR, {best['label']} is best with {best['psnr']:.2f} dB and {verb} the second, "
        f"{other['label']}: {sign * test['difference']:+.2f} dB (95 % interval {low:+.2f} to {high:+.2f}; "
        f"Wilcoxon signed-rank test over {test['patients']} patients, {p} after Holm's correction; "
        f"rank-biserial correlation {sign * test['effect']:+.2f})."
    )


def _against_the_paper(table: pd.DataFrame) -> list[str]:
    published = table.dropna(subset=["paper_psnr"])
    if published.empty:
        return []
    top = published.loc[published["paper_psnr"].idxmax()]
    above = table.loc[table["psnr"] > top["paper_psnr"], "label"]
    return [
        f"Above the largest PSNR of the paper's table ({top['paper_psnr']:.2f} dB, {top['label']}, on "
        f"another sample): {', '.join(above) or 'none'}."
    ]


def _plural(n: int, noun: str) -> str:
    return noun if n == 1 else f"{noun}s"
