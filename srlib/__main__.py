"""What can be done without the workflow: `python -m srlib`, or `cxr-sr` where it is installed."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from srlib import jobs, published
from srlib.export import command as export
from srlib.restore import command as restore

# Each has ABOUT, add_arguments(parser) and run(arguments), which returns the exit code.
COMMANDS = {"restore": restore, "export": export, "table": published}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name; what is wrong is said in one line, with exit code 1."""
    called = Path(sys.argv[0]).name
    parser = argparse.ArgumentParser(
        prog="python -m srlib" if called == "__main__.py" else called,
        description="Super-resolution of chest X-rays.",
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        one = commands.add_parser(name, help=command.ABOUT, description=f"{command.ABOUT}.")
        command.add_arguments(one)
        one.set_defaults(run=command.run)
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _end)
    with jobs.said():
        return chosen.run(chosen)


def _end(number: int, _: object) -> NoReturn:
    """End as by Ctrl-C, so that nothing half-written stays."""
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
