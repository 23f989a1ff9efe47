"""What every job does around its work: a log file, and errors that a person can read."""

import contextlib
import errno
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn, TextIO

from srlib.errors import InputError

_STORAGE_FAULTS = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EFBIG}


class _Tee:
    """A text stream that writes to the terminal and to the log."""

    def __init__(self, terminal: TextIO, log: TextIO) -> None:
        self.terminal, self.log = terminal, log

    def write(self, text: str) -> int:
        self.log.write(text)
        return self.terminal.write(text)

    def flush(self) -> None:
        self.log.flush()
        self.terminal.flush()

    def isatty(self) -> bool:
        return False


@contextlib.contextmanager
def job(log: str | Path) -> Iterator[None]:
    """Run the block with stdout and stderr copied to `log`.

    An InputError or a full disk ends the process with exit code 1 and its message alone;
    anything else is a bug and keeps its traceback, in the log too.
    """
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    with (
        Path(log).open("w", buffering=1) as file,
        contextlib.redirect_stdout(_Tee(sys.stdout, file)),
        contextlib.redirect_stderr(_Tee(sys.stderr, file)),
    ):
        try:
            yield
        except InputError as error:
            _stop(str(error))
        except OSError as error:
            if error.errno not in _STORAGE_FAULTS:
                _crash()
            _stop(
                f"{error.filename or 'output folder'}: {error.strerror}; "
                "make room or grant access, then run the same command again"
            )
        except Exception:
            _crash()


def _stop(message: str) -> NoReturn:
    print(f"Error: {message}", file=sys.stderr)
    sys.exit(1)


def _crash() -> NoReturn:
    traceback.print_exc()
    sys.exit(1)
