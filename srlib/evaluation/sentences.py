"""What the table shows, in sentences made from its figures: plain text, for any medium."""

import pandas as pd

from srlib.evaluation.cells import ranking
from srlib.evaluation.metrics import left_out, scored

ALPHA = 0.05


def notes(table: pd.DataFrame, caption: str) -> str:
    """What was measured, and how to read the table. table: contents of table.csv (`summary`)."""
    first, metrics = table.iloc[0], scored(table)
    smaller = [metric.label for metric in metrics.values() if not metric.larger_is_better]
    sentences = [
        caption,
        f"Mean over {first['n']} images of {first['patients']} {plural(first['patients'], 'patient')} and, "
        f"for trained models, {table['seeds'].max()} {plural(table['seeds'].max(), 'seed')}; in square "
        "brackets the 95 % bootstrap interval, patients resampled.",
        "Best in bold, second underlined." if len(table) > 2 else "",
        f"Larger is better, except for {', '.join(smaller)}." if smaller else "Larger is better.",
        *(metric.note for metric in metrics.values() if metric.note),
    ]
    if table[[f"paper_{m.paper}" for m in metrics.values() if m.paper]].notna().any(axis=None):
        sentences.append("(paper: ...): the paper's own figure, on its own sample.")
    if infinite := table["infinite_psnr"].sum():
        sentences.append(
            f"{infinite} {plural(infinite, 'picture')} without any error left out of the mean PSNR."
        )
    return " ".join(filter(None, [*sentences, left_out(table)]))


def verdict(table: pd.DataFrame, tests: pd.DataFrame) -> str:
    """What the comparison of the models shows. table, tests: contents of table.csv and tests.csv."""
    order = ranking(table, "psnr")
    if len(order) < 2:
        return "There are no two models to compare."
    return " ".join(
        [
            _lead(table, tests, *order[:2]),
            *_other_winners(table),
            *_alike(table, tests),
            *_against_paper(table),
        ]
    )


def _lead(table: pd.DataFrame, tests: pd.DataFrame, first: int, second: int) -> str:
    best, other = table.loc[first], table.loc[second]
    both = [best["model"], other["model"]]
    pair = (tests["metric"] == "psnr") & tests["a"].isin(both) & tests["b"].isin(both)
    test = tests[pair].iloc[0]
    sign = 1 if test["a"] == best["model"] else -1
    difference = f"{sign * test['difference']:+.2f} dB"
    if test["patients"] < 2:
        return (
            f"By PSNR, {best['label']} is best with {best['psnr']:.2f} dB, {other['label']} second: "
            f"{difference} between them on one patient, which tells nothing of others."
        )
    low, high = sorted((sign * test["low"], sign * test["high"]))
    p = "p < 0.001" if test["p_holm"] < 0.001 else f"p = {test['p_holm']:.3f}"
    verb = "differs significantly from" if test["p_holm"] < ALPHA else "does not differ significantly from"
    return (
        f"By PSNR, {best['label']} is best with {best['psnr']:.2f} dB and {verb} the second, "
        f"{other['label']}: {difference} (95 % interval {low:+.2f} to {high:+.2f}; "
        f"Wilcoxon signed-rank test over {test['patients']} patients, {p} after Holm's correction; "
        f"rank-biserial correlation {sign * test['effect']:+.2f})."
    )


def _other_winners(table: pd.DataFrame) -> list[str]:
    """Which model is best by which of the other metrics."""
    winners: dict[str, list[str]] = {}
    for name, metric in scored(table).items():
        if metric.ranked and name != "psnr":
            winners.setdefault(table.loc[ranking(table, name)[0], "label"], []).append(metric.label)
    best_by = [f"by {', '.join(metrics)}: {label}" for label, metrics in winners.items()]
    return [f"Best {'; '.join(best_by)}."] if best_by else []


def _alike(table: pd.DataFrame, tests: pd.DataFrame) -> list[str]:
    """The pairs of models between which PSNR shows no significant difference."""
    by_psnr = tests[tests["metric"] == "psnr"]
    alike = by_psnr[by_psnr["p_holm"] >= ALPHA]
    if alike.empty or by_psnr["patients"].max() < 2:
        return []
    if len(alike) == len(by_psnr):
        return [f"No two models differ significantly in PSNR (p < {ALPHA})."]
    labels = table.set_index("model")["label"]
    pairs = "; ".join(f"{labels[a]} and {labels[b]}" for a, b in zip(alike["a"], alike["b"], strict=True))
    return [f"These do not differ significantly in PSNR (p < {ALPHA}): {pairs}."]


def _against_paper(table: pd.DataFrame) -> list[str]:
    published = table.dropna(subset=["paper_psnr"])
    if published.empty:
        return []
    top = published.loc[published["paper_psnr"].idxmax()]
    above = table.loc[table["psnr"] > top["paper_psnr"], "label"]
    return [
        f"Models above the largest PSNR that the paper has for these ({top['paper_psnr']:.2f} dB, "
        f"{top['label']}, on another sample): {', '.join(above) or 'none'}."
    ]


def plural(n: int, noun: str) -> str:
    """A noun for so many."""
    return noun if n == 1 else f"{noun}s"
