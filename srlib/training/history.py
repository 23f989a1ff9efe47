"""What training says while it runs: history.csv, a line per epoch, a progress bar, TensorBoard."""

import csv
import sys
from pathlib import Path
from typing import Self

from tqdm import tqdm

from srlib.errors import InputError
from srlib.files import replacing

Row = dict[str, float]


def write(rows: list[Row], path: Path) -> None:
    """Write one row per epoch; the columns are the rows' keys."""
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_events(row: Row, folder: Path) -> None:
    """Write an epoch's row as a TensorBoard event file."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise InputError(
            "training.tensorboard: TensorBoard is not installed; make tensorboard, or set it to false"
        ) from None
    with SummaryWriter(folder) as writer:
        for name, value in row.items():
            writer.add_scalar(name, value, row["epoch"])


class Progress:
    """A bar on the terminal, if there is one, wherever the log goes; a line per epoch in the log."""

    def __init__(self, epochs: int, images: int, done: int) -> None:
        self.epochs = epochs
        self.bar = tqdm(
            total=epochs * images,
            initial=done,
            unit="image",
            file=sys.__stderr__,
            disable=None,
            dynamic_ncols=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.close()

    def step(self, images: int) -> None:
        """A step with so many images is done."""
        self.bar.update(images)

    def loss(self, value: float) -> None:
        """Show the loss."""
        self.bar.set_postfix(loss=f"{value:.4g}", refresh=False)

    def epoch(self, row: Row) -> None:
        """An epoch is done."""
        self.bar.clear()
        values = "  ".join(f"{key} {value:.4g}" for key, value in row.items() if key != "epoch")
        print(f"epoch {row['epoch']}/{self.epochs}  {values}", file=sys.stderr, flush=True)
        self.bar.refresh()
