"""What every job does around its work: a log file, a lock on its outputs, errors that a person can read."""

import contextlib
import errno
import hashlib
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, Protocol, TextIO

from srlib import lock, record
from srlib.errors import InputError

# What helps when a file cannot be read or written, and it is neither a bug nor an input's fault.
_REMEDIES = (
    dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "make room")
    | dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "grant access")
    | dict.fromkeys((errno.EIO, errno.ESTALE), "see that the disk works")
    | dict.fromkeys((errno.EEXIST, errno.EISDIR, errno.ENOTDIR), "move away what is in the way")
    | {errno.ENAMETOOLONG: "give it a shorter name"}
)


class Task(Protocol):
    """What a script is told of its job; Snakemake calls it `snakemake`."""

    input: Sequence[str]
    output: Sequence[str]
    log: Sequence[str]
    params: Mapping[str, Any]
    wildcards: Mapping[str, str]
    threads: int


class _Tee:
    """A text stream that writes to the terminal and, as long as there is room, to the log.

    The log has no buffer: what a full disk does not take must not come back when the log is closed.
    """

    def __init__(self, terminal: TextIO, log: BinaryIO) -> None:
        self.terminal, self.log = terminal, log

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            self.log.write(text.encode(errors="backslashreplace"))
        return self.terminal.write(text)

    def flush(self) -> None:
        self.terminal.flush()

    def isatty(self) -> bool:
        return False


@contextlib.contextmanager
def job(task: Task) -> Iterator[None]:
    """Run the block with stdout and stderr copied to the task's log, while no other job makes its outputs.

    An InputError or a full disk ends the process with exit code 1 and its message alone; Ctrl-C ends
    it with 130; anything else is a bug and keeps its traceback, in the log too.
    """
    with said(), _logged(Path(task.log[0])), said(), _alone(task):
        yield


@contextlib.contextmanager
def _logged(log: Path) -> Iterator[None]:
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("wb", buffering=0) as file,
        contextlib.redirect_stdout(_Tee(sys.stdout, file)),
        contextlib.redirect_stderr(_Tee(sys.stderr, file)),
    ):
        yield


@contextlib.contextmanager
def said() -> Iterator[None]:
    """End the process with a message where the block raises."""
    try:
        yield
    except InputError as error:
        _stop(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        if error.errno not in _REMEDIES:
            _crash()
        place, remedy = error.filename or "output folder", _REMEDIES[error.errno]
        _stop(f"{place}: {error.strerror}; {remedy}, then run the same command again")
    except Exception:
        _crash()


@contextlib.contextmanager
def _alone(task: Task) -> Iterator[None]:
    """Hold the lock on the task's outputs.

    A job that outlived its snakemake may still be making them. It is waited for, so that it cannot
    write over what this one makes; if it made them of the same inputs and settings, this one is done.
    """
    if not task.output:
        yield
        return
    output = Path(task.output[0])
    place, doing = output.with_name(f".{output.name}.lock"), f"still making {output.name}"
    left_over = False
    try:
        held = lock.acquire(place, doing)
    except InputError:
        held, left_over = lock.acquire(place, doing, wait=True), True
    with held:
        work = _digest(task)
        if left_over and held.read() == work and all(Path(path).exists() for path in task.output):
            print(f"{output}: made meanwhile, of the same inputs and settings; used", file=sys.stderr)
            sys.exit(0)
        lock.leave(held, "")
        with _recorded(task):
            yield
        lock.leave(held, work)


@contextlib.contextmanager
def _recorded(task: Task) -> Iterator[None]:
    """Leave a record of what the task was made with beside the first of its outputs that is a file."""
    for path in task.input:
        record.check(path)
    for path in task.output:
        record.forget(path)
    yield
    made = next((path for path in task.output if Path(path).is_file()), None)
    if made:
        record.write(made, dict(task.params.items()), dict(task.wildcards.items()), task.input)


def _digest(task: Task) -> str:
    """Changes with the task's inputs (path, size, time), params and threads."""
    inputs = [(path, *_identity(Path(path))) for path in task.input]
    return hashlib.sha256(repr((inputs, sorted(task.params.items()), task.threads)).encode()).hexdigest()


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _stop(message: str) -> NoReturn:
    print(f"Error: {message}", file=sys.stderr)
    sys.exit(1)


def _crash() -> NoReturn:
    traceback.print_exc()
    sys.exit(1)
