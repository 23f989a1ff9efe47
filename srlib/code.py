"""What code means: the one answer to "would this code still make the same result?".

The meaning of a Python file is its syntax tree without docstrings; comments and formatting are not in
the tree to begin with. Workflow and saved trainings both compare digests of it, so that a comment, a
docstring or a re-formatting makes nothing stale, and a changed constant does. Nor does a message: of
a `raise` it counts that it is there, since what is raised becomes no result. docs/staleness.md says
which steps depend on code.
"""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from srlib.errors import InputError

ROOT = Path(__file__).parents[1]
# They report, wait, compare, remember, fetch by checksum, write what others made: no result depends on how.
_PLUMBING = {
    f"srlib/{name}.py"
    for name in ("ahead", "code", "data/download", "errors", "files", "jobs", "lock", "record", "schema")
}
# Fields of a tree's nodes that say how a thing is written, or what its place says already.
_FORM = {"ctx", "kind", "type_comment", "type_ignores"}


def digest(*files: str | Path) -> str:
    """sha256 of what these files mean, and every srlib module that they import, directly or not.

    Paths are taken from the project's root. A file that is not Python (a page's style) means its bytes.
    Equal on every Python version, as long as the same code has the same tree there.
    """
    return _digest(tuple(sorted(ROOT / file for file in files)))


@cache
def _digest(files: tuple[Path, ...]) -> str:
    meanings = [f"{path.relative_to(ROOT).as_posix()} {_meaning(path)}" for path in with_imports(*files)]
    return hashlib.sha256("\n".join(meanings).encode()).hexdigest()


def of_training(network: str, objective: str) -> list[str]:
    """Files that decide, with all that they import, what a training of these two makes."""
    named = [f"srlib/networks/{network}.py", f"srlib/objectives/{objective}.py"]
    return ["srlib/training/engine.py", *named]


def with_imports(*files: str | Path) -> list[Path]:
    """These files and the files of all srlib modules that they import, directly or not, sorted.

    Without the plumbing, which decides nothing, and with the `__init__` of every package on the way.
    An import by a computed name is not seen.
    """
    found: set[Path] = set()
    waiting = [ROOT / file for file in files]
    while waiting:
        path = waiting.pop()
        if path not in found and path.relative_to(ROOT).as_posix() not in _PLUMBING:
            found.add(path)
            waiting.extend(_imports(path))
    return sorted(found)


def parse(path: Path) -> ast.Module:
    """The syntax tree of a Python file; InputError, naming the line, if it is none."""
    try:
        return ast.parse(path.read_bytes(), str(path))
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise InputError(
            f"{path}{f', line {line}' if line else ''}: {error.args[0]}; correct the file"
        ) from None


@cache
def _meaning(path: Path) -> str:
    content = path.read_bytes() if path.suffix != ".py" else repr(_plain(_tree(path))).encode()
    return hashlib.sha256(content).hexdigest()


@cache
def _tree(path: Path) -> ast.Module:
    """A file's tree; of an objective without its words for captions, which arrive where they are shown."""
    tree = parse(path)
    if path.parent == ROOT / "srlib" / "objectives":
        tree.body = [node for node in tree.body if not _is_of_captions(node)]
    return tree


def _is_of_captions(node: ast.stmt) -> bool:
    """Whether it is `caption`, or what `caption` is made of by its name, as `_caption_of_content`."""
    return isinstance(node, ast.FunctionDef) and node.name.lstrip("_").startswith("caption")


def _plain(node: Any) -> Any:
    """A tree as tuples of texts and values, empty fields and docstrings left out."""
    if isinstance(node, list):
        return tuple(map(_plain, node))
    if not isinstance(node, ast.AST):
        return node
    if isinstance(node, ast.Raise):
        return "Raise"
    fields = [(name, value) for name, value in ast.iter_fields(node) if name not in _FORM]
    return (
        type(node).__name__,
        *(
            (name, _plain(_undocumented(node, name, value)))
            for name, value in fields
            if value not in (None, [])
        ),
    )


def _undocumented(node: ast.AST, field: str, value: Any) -> Any:
    """The field of a node; a body without the docstring that it begins with."""
    has_docstring = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    if has_docstring and field == "body":
        match value[0]:
            case ast.Expr(value=ast.Constant(value=str())):
                return value[1:]
    return value


@cache
def _imports(path: Path) -> tuple[Path, ...]:
    """Files of the srlib modules that a Python file imports by name, and of their packages."""
    if path.suffix != ".py":
        return ()
    files = {file for name in _imported_names(path) for file in _module_files(name)}
    return tuple(sorted(files))


def _imported_names(path: Path) -> Iterator[str]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
            base = ".".join([*package, *filter(None, [node.module])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _module_files(name: str) -> Iterator[Path]:
    """The file of an srlib module, and the `__init__`s of the packages on the way to it."""
    parts = name.split(".")
    if parts[0] != "srlib":
        return
    packages = [ROOT.joinpath(*parts[:depth], "__init__.py") for depth in range(1, len(parts) + 1)]
    yield from filter(Path.is_file, [*packages, ROOT.joinpath(*parts).with_suffix(".py")])
