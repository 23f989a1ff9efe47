"""One of several training processes: `python -m srlib.training.worker FOLDER`, started by torchrun.

FOLDER holds the arguments as `parallel.launch` wrote them.
"""

import json
import sys
from pathlib import Path

import numpy as np

from srlib.errors import InputError
from srlib.training import parallel
from srlib.training.engine import train


def main(folder: Path) -> None:
    """Train as one of the group; an InputError goes to the file `error` for the launching process."""
    arguments = json.loads((folder / "arguments.json").read_text())
    with np.load(folder / "pictures.npz") as arrays:
        lr, hr = arrays["lr"], arrays["hr"]
        validation = (arrays["validation_lr"], arrays["validation_hr"]) if "validation_lr" in arrays else None
    with parallel.group(arguments["device"]):
        try:
            train(lr=lr, hr=hr, validation=validation, **arguments)
        except InputError as error:
            (folder / "error").write_text(str(error))
            sys.exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
