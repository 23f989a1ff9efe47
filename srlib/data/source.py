"""Where the images come from: label tables and archives of a source, known without reading the images."""

import os
import re
from pathlib import Path
from typing import NamedTuple

from srlib.data.labels import catalog
from srlib.errors import InputError

LABEL_TABLES = ["Data_Entry_2017_v2020.csv", "Data_Entry_2017.csv"]
BOX_LIST = "BBox_List_2017.csv"
TEST = "test_"  # before the names of the archives of dataset.test_source
LOOSE = "loose"  # stands for an archive where a folder holds its images as single files
ARCHIVE_SIZES = [4999, *[10000] * 10, 7121]  # images in each archive of the release
PHANTOM_ARCHIVES = [1, 2]
_ARCHIVE = re.compile(r"images_0?(\d\d)\.tar\.gz")  # `images_01` is how the NIH's server names it
MIRROR = (  # one commit of a copy on the Hugging Face hub
    "https://huggingface.co/datasets/alkzar90/NIH-Chest-X-ray-dataset/resolve/"
    "d444bf39439f4fbfac6922e2472b1bf2554309e7/data/images/{name}.zip"
)
LISTS = {"train": "train_val_list.txt", "test": "test_list.txt"}  # the release's own split
# Sources that are no folder: fetched or made by the workflow.
_MADE = ("nih", "mirror", "phantom")


class Layout(NamedTuple):
    """Files of a source.

    labels: the label tables, if any; archives: path (of the mirror: address) of each archive by its
    name, or of the folder by the name `loose`; lists: the release's own lists by split; is_made: whether
    all these are fetched or made by the workflow.
    """

    labels: list[str]
    archives: dict[str, str]
    lists: dict[str, str]
    is_made: bool


def layout(source: str, numbers: list[int], results: str, labels: str = "auto") -> Layout:
    """Where `dataset.source` keeps its files, of the archives numbered.

    `nih`, `mirror` and `phantom` put them into the results folder; a folder's own files are used in
    place, its label tables only with `dataset.labels: auto`, and if it has any.
    Raises InputError if the folder or all of its archives are missing, or if it is the results folder.
    """
    if source in _MADE:
        if labels == "none":
            raise InputError(f"config key dataset.labels: none is for a folder; {source} has a label table")
        held = numbers if source != "phantom" else [n for n in PHANTOM_ARCHIVES if n in numbers]
        if not held:
            raise InputError(f"config key dataset.archives: the phantom has only {PHANTOM_ARCHIVES}")
        release = f"{results}/release"
        place = MIRROR if source == "mirror" else f"{release}/{{name}}.tar.gz"
        archives = {name: place.format(name=name) for name in map(archive_name, held)}
        lists = {} if source == "phantom" else {side: f"{release}/{name}" for side, name in LISTS.items()}
        return Layout([f"{release}/labels.csv"], archives, lists, is_made=True)
    folder = _folder(source, "source", results)
    lists = {side: str(folder / name) for side, name in LISTS.items() if (folder / name).is_file()}
    tables = _label_tables(folder) if labels == "auto" else []
    return Layout(tables, _archives(folder, numbers), lists, is_made=False)


def of_test_source(source: str | None, numbers: list[int], results: str, labels: str = "auto") -> Layout:
    """Where `dataset.test_source`, a folder, keeps its files; nothing where there is none.

    Its archives' names begin with `test_`.
    """
    if source is None:
        return Layout([], {}, {}, is_made=False)
    folder = _folder(source, "test_source", results)
    archives = {f"{TEST}{name}": path for name, path in _archives(folder, numbers).items()}
    return Layout(_label_tables(folder) if labels == "auto" else [], archives, {}, is_made=False)


def check_apart(source: str, test_source: str | None) -> None:
    """Raise InputError if the folder of the test images is that of the others, or one lies in the other."""
    if test_source is None or source in _MADE:
        return
    one, other = Path(source).resolve(), Path(test_source).resolve()
    if one.is_relative_to(other) or other.is_relative_to(one):
        raise InputError(
            f"config key dataset.test_source: {test_source} and dataset.source, {source}, hold the same "
            "pictures, so that some would be trained on and tested; name folders of which neither holds the "
            "other, or set it to null: train and test images are then of different patients of one source"
        )


def spelled(source: str | None) -> str | None:
    """The one spelling of a source's folder: below the working folder relative to it, else absolute."""
    if source in (None, *_MADE):
        return source
    folder, here = Path(os.path.abspath(source)), Path.cwd()  # noqa: PTH100 (links keep their names)
    path = str(folder.relative_to(here) if folder.is_relative_to(here) else folder)
    return f"./{path}" if path in _MADE else path


def _folder(source: str, key: str, results: str) -> Path:
    """The folder of a source."""
    folder = Path(spelled(source))
    if not folder.is_dir():
        kinds = "neither nih, mirror, phantom nor" if key == "source" else "not"
        raise InputError(f"config key dataset.{key}: {source} is {kinds} an existing folder")
    if folder.resolve() == Path(results).resolve():
        raise InputError(
            f"config key results: {results} is also dataset.{key}; give results a folder of its own"
        )
    return folder


def check_split(path: str | None, results: str) -> None:
    """Raise InputError if a split that was handed over is missing, or is the run's own."""
    if path is None:
        return
    if Path(path).resolve() == Path(results, "split.csv").resolve():
        raise InputError(
            f"config key dataset.split: {path} is the split of this run itself; copy it to another place and "
            "name the copy, or set dataset.split to null"
        )
    if not Path(path).is_file():
        raise InputError(f"config key dataset.split: there is no file {path}; correct the path")


def official_lists(found: Layout) -> list[str]:
    """The release's own lists, of train and of test images. Raises InputError if the source lacks one."""
    missing = [name for side, name in LISTS.items() if side not in found.lists]
    if missing:
        raise InputError(f"config key dataset.official: the source has no {', '.join(missing)}; put it there")
    return [found.lists[side] for side in LISTS]


def box_list(source: str) -> str | None:
    """The list of the radiologists' boxes, where a folder source has it beside its label table."""
    path = Path(source, BOX_LIST)
    return str(path) if path.is_file() else None


def images_in(numbers: list[int]) -> int:
    """How many images these archives of the release hold."""
    return sum(ARCHIVE_SIZES[number - 1] for number in numbers)


def archive_name(number: int) -> str:
    """The release's name of an archive: 1 -> images_001."""
    return f"images_{number:03d}"


def _archives(folder: Path, numbers: list[int]) -> dict[str, str]:
    held = {
        int(match[1]): str(path)
        for path in sorted(folder.iterdir())
        if (match := _ARCHIVE.fullmatch(path.name)) and int(match[1]) in range(1, len(ARCHIVE_SIZES) + 1)
    }
    if not held:
        return {LOOSE: str(folder)}
    chosen = {archive_name(number): held[number] for number in sorted(held) if number in numbers}
    if not chosen:
        raise InputError(f"config key dataset.archives: {folder} holds only the archives {sorted(held)}")
    return chosen


def _label_tables(folder: Path) -> list[str]:
    """The label tables in a folder or its `annotations`: the release's by name, others by their columns."""
    release = [folder / f"{name}{end}" for name in LABEL_TABLES for end in ("", ".gz")]
    if found := [str(path) for path in release if path.is_file()]:
        return found[:1]
    patterns = [f"{place}*.csv{end}" for place in ("", "annotations/") for end in ("", ".gz")]
    forms = {path: catalog.form_of(path) for pattern in patterns for path in sorted(folder.glob(pattern))}
    tables = {path: form for path, form in forms.items() if form}
    if len(set(tables.values())) > 1:
        names = ", ".join(f"{path.name} ({form})" for path, form in tables.items())
        raise InputError(f"{folder}: label tables of several forms, {names}; leave those of one in it")
    return [str(path) for path in tables]
