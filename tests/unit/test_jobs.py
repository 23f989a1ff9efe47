import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(body: str, log: Path) -> subprocess.CompletedProcess:
    imports = "from srlib.jobs import job\nfrom srlib.errors import InputError\n"
    code = f"{imports}with job({str(log)!r}):\n    {body}\n"
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)


def test_an_input_error_is_one_message_on_the_terminal_and_in_the_log(tmp_path):
    done = run("raise InputError('x.png: damaged; fetch it again')", tmp_path / "a.log")
    assert done.returncode == 1
    assert done.stderr == "Error: x.png: damaged; fetch it again\n"
    assert (tmp_path / "a.log").read_text() == done.stderr


def test_a_bug_keeps_its_traceback(tmp_path):
    done = run("1 / 0", tmp_path / "a.log")
    assert done.returncode == 1
    assert "ZeroDivisionError" in (tmp_path / "a.log").read_text()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full to write to")
def test_a_full_disk_is_said_in_one_message(tmp_path):
    done = run("open('/dev/full', 'w', buffering=1).write('x\\n')", tmp_path / "a.log")
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_printed_is_logged_too(tmp_path):
    done = run("print('hello')", tmp_path / "logs" / "a.log")
    assert (done.returncode, done.stdout) == (0, "hello\n")
    assert (tmp_path / "logs" / "a.log").read_text() == "hello\n"
