"""Locks that die with the process that holds them, however it dies."""

import fcntl
import os
import sys
from pathlib import Path
from typing import TextIO

from srlib.errors import InputError


def acquire(path: str | Path, doing: str, *, wait: bool = False) -> TextIO:
    """Lock a file; the lock lasts until the returned file is closed or its process has ended.

    If another process holds the lock: wait for it and say so, or raise InputError. `doing` is what
    that process must be doing.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        busy = f"{path.parent}: process {file.read() or '(unknown)'} is {doing} here"
        if not wait:
            file.close()
            raise InputError(f"{busy}; wait for it or end it, then run the same command again") from None
        print(f"{busy}; waiting for it to end", file=sys.stderr)
        fcntl.flock(file, fcntl.LOCK_EX)
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file
