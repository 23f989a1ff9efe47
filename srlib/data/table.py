"""CSV tables that people hand over: as published, or as a spreadsheet saved them."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path

from srlib.errors import InputError

_HTML = ("<!doctype", "<html")


def read_columns(path: str | Path) -> list[str]:
    """The column names of a table; none if it cannot be read as one."""
    try:
        with _opened(Path(path)) as file:
            start = file.read(2**16).decode("utf-8-sig", errors="replace")
    except (OSError, EOFError, zlib.error):
        return []
    text = _after_comments(start)
    return _stripped(next(csv.reader(io.StringIO(text), delimiter=_delimiter(text)), []))


def read_table(path: str | Path, kind: str, remedy: str) -> Iterator[dict[str, str]]:
    """The rows of a table by column name, cells without blanks around them.

    Plain or gzipped, with or without a byte order mark, separated by commas, semicolons or tabs; lines
    that begin with `#`, in quotation marks or not, are comments as long as they stand before the header.
    kind: what it should be, for messages; remedy: what to do when it is not.

    Raises InputError for a file that is missing, no text, a web page, without rows, or with a line that
    has more or fewer cells than the header.
    """
    whole = _text(Path(path), kind, remedy)
    text = _after_comments(whole)
    if text.lstrip().lower().startswith(_HTML):
        raise InputError(f"{path}: an HTML page, not a {kind}; {remedy}")
    above = whole.count("\n") - text.count("\n")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    empty = True
    try:
        columns = _stripped(next(reader, []))
        for cells in reader:
            if filled := _stripped(cells):
                if len(cells) < len(columns) or len(filled) > len(columns):
                    raise InputError(
                        f"{path}, line {above + reader.line_num}: {len(cells)} cells ({filled[0]} ...) under "
                        f"{len(columns)} columns; {remedy}"
                    )
                yield dict(zip(columns, filled + [""] * (len(columns) - len(filled)), strict=True))
                empty = False
    except csv.Error as error:
        raise InputError(
            f"{path}, line {above + reader.line_num}: not a {kind} ({error}); {remedy}"
        ) from error
    if empty:
        raise InputError(f"{path}: a {kind} without rows; {remedy}")


def _opened(path: Path) -> io.BufferedIOBase:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _text(path: Path, kind: str, remedy: str) -> str:
    try:
        with _opened(path) as file:
            return file.read().decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path}: no such {kind}; {remedy}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not a {kind} in UTF-8; save it as CSV in UTF-8") from None
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: not a readable {kind} ({error}); {remedy}") from error


def _after_comments(text: str) -> str:
    """The text from the header on. Only before it: a picture's name may begin with #, too."""
    while text.startswith(("#", '"#')):
        text = text.partition("\n")[2]
    return text


def _delimiter(text: str) -> str:
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)


def _stripped(cells: list[str]) -> list[str]:
    """The cells without blanks around them and without the empty ones at the end."""
    cells = [cell.strip() for cell in cells]
    while cells and not cells[-1]:
        cells.pop()
    return cells
