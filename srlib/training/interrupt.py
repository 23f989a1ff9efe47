"""Signals that ask a training to end: heard between two steps, when its state can be saved."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

# Ctrl-C; what schedulers send before they kill; a closed terminal; what SLURM is often asked for.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)


@contextmanager
def heard() -> Iterator[list[signal.Signals]]:
    """Within the block those signals do nothing, but stand in the list that is given.

    Signals that the process ignores (nohup) stay ignored. In another thread than the main one Python
    cannot listen; then all stays as it was.
    """
    came: list[signal.Signals] = []
    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN:
                before[number] = signal.signal(number, lambda number, _: came.append(signal.Signals(number)))
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end(came: signal.Signals) -> NoReturn:
    """End as the signal would have: KeyboardInterrupt, or exit with the code that shells give it."""
    if came == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + came)
