import time

import pytest


@pytest.fixture
def pauses(monkeypatch):
    """The pauses between attempts, which no test waits for."""
    taken = []
    monkeypatch.setattr(time, "sleep", taken.append)
    return taken
