"""The command `table`: a run's table from its scores alone, so that anyone can check a published one."""

import argparse
from pathlib import Path

import yaml

from srlib import config as settings
from srlib.arguments import path
from srlib.errors import InputError
from srlib.specs.table import ModelRow

ABOUT = "Recompute a run's table from its scores"
EXAMPLES = """\
example:
  {program} docs/results/whole-images --output results/check

FOLDER is a results folder, or what was published of one: config.yaml, hr/test.manifest.csv (which image is
of which patient), and scores.csv of each model and seed. If it has a table.csv, the new one is compared
with it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """State the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EXAMPLES.format(program=parser.prog)
    parser.add_argument("folder", metavar="FOLDER", type=path, help="of the scores")
    parser.add_argument(
        "--output", metavar="FOLDER", type=path, required=True, help="for table.* and tests.csv"
    )


def run(arguments: argparse.Namespace) -> int:
    """Recompute, print and compare. Raises InputError for what stops it."""
    recompute(arguments.folder, arguments.output)
    print((arguments.output / "table.md").read_text(encoding="utf-8"))
    published = arguments.folder / "table.csv"
    if not published.exists():
        return 0
    same = published.read_bytes() == (arguments.output / "table.csv").read_bytes()
    print(f"{'The same as' if same else 'NOT the same as'} {published}")
    return 0 if same else 1


def recompute(folder: Path, output: Path) -> None:
    """Write table.csv, tests.csv, table.md and table.html into `output`, from what is in `folder`.

    Raises InputError if a file is missing or damaged.
    """
    from srlib.evaluation import summary  # here, because pandas takes long to import

    rows, border = _asked(folder / "config.yaml")
    output.mkdir(parents=True, exist_ok=True)
    summary.summarise(
        {row.model: _scores(folder / "models" / row.model, row.runs) for row in rows},
        labels={row.model: row.label for row in rows},
        paper={row.model: row.paper for row in rows},
        hr_manifest=folder / "hr" / "test.manifest.csv",
        caption=f"Recomputed from the scores in {folder}{_without(border)}.",
        csv_path=output / "table.csv",
        tests_path=output / "tests.csv",
        md_path=output / "table.md",
        html_path=output / "table.html",
    )


def _without(border: int) -> str:
    return f", which are without the {border} pixels along each edge" if border else ""


def _asked(path: Path) -> tuple[list[ModelRow], int]:
    """The table's rows, without their figures, and the pixels that are not scored, by the config of a run."""
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
        config["models"] = {name: model for name, model in config["models"].items() if model is not None}
        rows = [settings.table_row(config, model) for model in config["models"]]
        return rows, int(config.get("crop_border", 0))
    except FileNotFoundError:
        raise InputError(
            f"{path}: there is none; give a results folder, or what was published of one"
        ) from None
    except (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: not the config.yaml that a run leaves in its results ({error})") from None


def _scores(model: Path, runs: int) -> list[Path]:
    found = sorted(model.glob("seed*/scores.csv"), key=lambda path: int(path.parent.name[4:]))
    if len(found) != runs:
        raise InputError(f"{model}: scores.csv of {len(found)} seeds, but config.yaml has {runs}")
    return found
