"""CSV tables that one stage of a run writes and a later one reads, by when somebody may have edited them."""

import csv
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srlib.errors import InputError, shown

if TYPE_CHECKING:
    import pandas as pd

_REMEDY = "delete it, then run the same command again"


def read_rows(path: str | Path, columns: Mapping[str, Callable[[str], Any]]) -> list[dict[str, Any]]:
    """The rows of a table that has exactly these columns, given with the function that reads their cells.

    Raises InputError if the file is missing, or is not such a table, or where a function raises ValueError.
    """
    rows = []
    try:
        with Path(path).open(newline="", encoding="utf-8") as file:
            lines = csv.reader(file, strict=True)
            if (header := next(lines, [])) != list(columns):
                raise ValueError(f"columns {header}, not {list(columns)}")
            for line in lines:
                if len(line) != len(header):
                    raise ValueError(f"line {lines.line_num} has {len(line)} cells")
                cells = zip(columns.items(), line, strict=True)
                rows.append({name: make(cell) for (name, make), cell in cells})
    except FileNotFoundError:
        raise InputError(f"{path}: missing; run the same command again") from None
    except (ValueError, csv.Error) as error:
        raise InputError(f"{path}: damaged or edited ({shown(error)}); {_REMEDY}") from error
    return rows


def read_frame(path: str | Path, words: Sequence[str], numbers: Sequence[str]) -> "pd.DataFrame":
    """A table with the text columns `words`, the columns `numbers`, and what other numbers it has.

    A number is NaN where its cell is empty.

    Raises InputError if the file is missing, or is not such a table.
    """
    import pandas as pd  # here, because it takes longer to import than most jobs that need rows alone

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # a line with cells too many loses them
            # A model may be called "NA" or "123".
            types = dict.fromkeys(words, str)
            frame = pd.read_csv(
                path, index_col=False, dtype=types, keep_default_na=False, na_values=["", "nan"]
            )
    except FileNotFoundError:
        raise InputError(f"{path}: missing; run the same command again") from None
    except (
        ValueError,
        OverflowError,
        pd.errors.ParserWarning,
    ) as error:
        raise InputError(f"{path}: damaged or edited ({shown(error)}); {_REMEDY}") from error
    if missing := [column for column in (*words, *numbers) if column not in frame]:
        raise InputError(f"{path}: no column {missing[0]}; {_REMEDY}")
    for column in frame.columns.difference(words):
        if len(frame) and not pd.api.types.is_numeric_dtype(frame[column]):
            raise InputError(f"{path}: column {shown(column)} has cells that are no numbers; {_REMEDY}")
    return frame
