import subprocess
import sys
from pathlib import Path

import pytest

from srlib.errors import InputError
from srlib.lock import acquire, leave

ROOT = Path(__file__).parents[2]
HOLD = """
import sys
from srlib.lock import acquire
held = acquire(sys.argv[1], "x")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / ".lock")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_a_second_process_is_refused_and_told_who_holds_it(tmp_path, holder):
    with pytest.raises(InputError, match=f"process {holder.pid} is running a workflow"):
        acquire(tmp_path / ".lock", "running a workflow")


def test_the_lock_of_a_killed_process_is_free(tmp_path, holder):
    holder.kill()
    holder.wait()
    acquire(tmp_path / ".lock", "running a workflow").close()


def test_it_can_be_taken_again_after_it_was_let_go(tmp_path):
    acquire(tmp_path / ".lock", "x").close()
    acquire(tmp_path / ".lock", "x").close()


def test_a_holder_leaves_word_to_the_next(tmp_path):
    with acquire(tmp_path / ".lock", "x") as lock:
        assert lock.read() == ""
        leave(lock, "a long word")
        leave(lock, "done")
    with acquire(tmp_path / ".lock", "x") as lock:
        assert lock.read() == "done"
