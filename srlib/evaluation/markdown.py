"""The results as a page of Markdown."""

import re
from collections.abc import Sequence

import pandas as pd

from srlib.evaluation.cells import Cell, cell
from srlib.evaluation.metrics import METRICS, scored
from srlib.evaluation.sentences import notes, verdict

PER_TABLE = 4  # metrics side by side
# What Markdown, as GitHub and pandoc read it, would take for markup; "_" inside a word is none.
_MARKUP = re.compile(r"[\\`*\[\]|~$]|<(?=[A-Za-z/!?])|&(?=#?\w+;)|(?<!\w)_|_(?!\w)")


def table_page(table: pd.DataFrame, tests: pd.DataFrame, caption: str) -> str:
    """table.md from the contents of table.csv and tests.csv (see `summary.summarise`)."""
    names = list(scored(table))
    parts = [_table(table, names[i : i + PER_TABLE]) for i in range(0, len(names), PER_TABLE)]
    return "\n\n".join([*parts, escape(notes(table, caption)), escape(verdict(table, tests))]) + "\n"


def escape(text: str) -> str:
    """Text that Markdown shows as it stands, on one line."""
    return _MARKUP.sub(r"\\\g<0>", " ".join(text.split()))


def pipe_table(head: Sequence[str], body: Sequence[Sequence[str]], words: int = 1) -> str:
    """A Markdown table whose columns also line up as plain text: the first `words` left, figures right."""
    widths = [max(3, *(len(row[i]) for row in [head, *body])) for i in range(len(head))]
    rule = ["-" * width if i < words else "-" * (width - 1) + ":" for i, width in enumerate(widths)]
    lines = [
        " | ".join(
            cell.ljust(width) if i < words else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in [head, rule, *body]
    ]
    return "\n".join(f"| {line} |" for line in lines)


def _table(table: pd.DataFrame, names: Sequence[str]) -> str:
    head = ["Model", *(METRICS[name].heading for name in names)]
    body = [
        [escape(row["label"]), *(_text(cell(table, i, name)) for name in names)]
        for i, row in table.iterrows()
    ]
    return pipe_table(head, body)


def _text(cell: Cell) -> str:
    """Mean, interval, and the paper's figure in brackets; best in bold, second underlined."""
    if not cell.mean:
        return "-"
    mean = {0: "{}", 1: "**{}**", 2: "<u>{}</u>"}[cell.rank].format(cell.mean)
    paper = f" (paper: {cell.paper})" if cell.paper else ""
    return f"{mean} {cell.interval}{paper}"
