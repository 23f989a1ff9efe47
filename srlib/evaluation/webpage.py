"""The results as a page for the browser: one file that needs no network, with a table that can be sorted."""

import re
from html import escape
from pathlib import Path

import pandas as pd

from srlib.evaluation.cells import cell
from srlib.evaluation.metrics import Metric, scored
from srlib.evaluation.sentences import notes, verdict

TEMPLATE = Path(__file__).with_name("table.html")


def table_page(table: pd.DataFrame, tests: pd.DataFrame, caption: str) -> str:
    """table.html from the contents of table.csv and tests.csv (see `summary.summarise`)."""
    metrics = scored(table)
    parts = {
        "verdict": escape(verdict(table, tests)),
        "head": _heading("Model", "ascending") + "".join(map(_metric_heading, metrics.values())),
        "body": "\n".join(_row(table, i, list(metrics)) for i in table.index),
        "notes": escape(notes(table, caption)),
    }
    # In one pass, so that no label can bring a placeholder of its own.
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], TEMPLATE.read_text(encoding="utf-8"))


def _metric_heading(metric: Metric) -> str:
    return _heading(metric.heading, "descending" if metric.larger_is_better else "ascending")


def _heading(text: str, order: str) -> str:
    """order: which way a first click sorts."""
    return f'<th scope="col" data-order="{order}"><button type="button">{escape(text)}</button></th>'


def _row(table: pd.DataFrame, i: int, names: list[str]) -> str:
    label = escape(table.loc[i, "label"])
    return f'<tr><th scope="row">{label}</th>{"".join(_cell(table, i, name) for name in names)}</tr>'


def _cell(table: pd.DataFrame, i: int, name: str) -> str:
    """Mean, its interval below it, then the paper's figure; best in bold, second underlined."""
    shown = cell(table, i, name)
    if not shown.mean:
        return "<td>-</td>"
    mean = {0: "{}", 1: "<strong>{}</strong>", 2: "<u>{}</u>"}[shown.rank].format(shown.mean)
    paper = f"<small>(paper: {shown.paper})</small>" if shown.paper else ""
    return f'<td data-value="{float(table.loc[i, name])}">{mean}<small>{shown.interval}</small>{paper}</td>'
