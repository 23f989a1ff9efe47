"""What the commands' arguments have in common."""

import argparse
from pathlib import Path


def path(text: str) -> Path:
    """A path that was given; an empty one, as of an unset variable, would mean the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("empty; name a file or folder")
    return Path(text)
