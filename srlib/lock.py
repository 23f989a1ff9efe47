"""Locks that die with the process that holds them, however it dies."""

import fcntl
import os
import sys
from pathlib import Path
from typing import TextIO

from srlib.errors import InputError

_PID_LINE = 21  # bytes


def acquire(path: str | Path, doing: str, *, wait: bool = False) -> TextIO:
    """Lock a file; the lock lasts until the returned file is closed or its process has ended.

    If another process holds the lock: wait for it and say so, or raise InputError. `doing` is what
    that process must be doing. The file's first line is the holder's process id; the returned file
    stands behind it, at what the holder before has left there (see `leave`).
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        busy = f"{path.parent}: process {file.readline().strip() or '(unknown)'} is {doing} here"
        if not wait:
            file.close()
            raise InputError(f"{busy}; wait for it or end it, then run the same command again") from None
        print(f"{busy}; waiting for it to end", file=sys.stderr, flush=True)
        fcntl.flock(file, fcntl.LOCK_EX)
    file.seek(0)
    file.write(f"{os.getpid():<{_PID_LINE - 1}}\n")
    file.seek(_PID_LINE)
    return file


def leave(lock: TextIO, word: str) -> None:
    """Replace what a held lock's file tells the next holder."""
    lock.seek(_PID_LINE)
    lock.truncate()
    lock.write(word)
    lock.flush()
