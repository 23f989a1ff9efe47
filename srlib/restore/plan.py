"""Which files are restored, and where each result goes: known before anything runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from srlib.data.folder import files
from srlib.errors import InputError


class Job(NamedTuple):
    """A file to restore, and the file that it becomes."""

    source: Path
    output: Path


def plan(inputs: Sequence[str | Path], output: str | Path) -> list[Job]:
    """The jobs of these files and folders, in their order; a file that is given twice is restored once.

    A file becomes the file of its own name in the folder `output`, one inside a folder keeps its sub-folders.
    What lies in `output` itself is no input. Of a folder all PNG, JPEG, TIFF and DICOM files are taken, at
    any depth, as `srlib.data.folder` finds them; of a file that is named, whatever it is.

    Raises InputError for an input that is missing or cannot be read, for a folder without pictures or inside
    `output`, if `output` cannot be a folder, if two files would become one, or if one would replace an input.
    """
    output = Path(output)
    there = next(part for part in (output, *output.parents) if part.exists())
    if not there.is_dir():
        raise InputError(f"--output {output}: {there} is a file, not a folder; name another")
    sources: dict[Path, Path] = {}
    for source, goal in (job for given in inputs for job in _jobs(Path(given), output)):
        other = sources.setdefault(goal, source)
        if not other.samefile(source):
            raise InputError(f"{other} and {source}: both would become {goal}; restore them to two folders")
    goals = {goal.resolve() for goal in sources}
    for source in sources.values():
        if source.resolve() in goals:
            raise InputError(f"{source}: would be replaced by a restored picture; name another --output")
    return [Job(source, goal) for goal, source in sources.items()]


def _jobs(given: Path, output: Path) -> list[Job]:
    """The jobs of one input."""
    if given.is_file():
        return [Job(given, output / given.name)]
    if not given.is_dir():
        raise InputError(f"{given}: there is no such file or folder; correct the path")
    results = output.resolve()
    try:
        there = [Path(path) for path in files(str(given))]
    except OSError as error:
        raise InputError(
            f"{error.filename}: cannot be read ({error.strerror}); grant access to it or move it away"
        ) from error
    found = [path for path in there if not path.resolve().is_relative_to(results)]
    if found:
        return [Job(path, output / path.relative_to(given)) for path in found]
    if there and given.resolve().is_relative_to(results):
        is_same = given.resolve() == results
        what = "is the input folder, too" if is_same else f"has the input {given} in it"
        raise InputError(f"--output {output}: {what}; name another")
    restored = f", but those in {output}" if there else ""
    raise InputError(f"{given}: no pictures in it, at any depth{restored}; correct the path")
