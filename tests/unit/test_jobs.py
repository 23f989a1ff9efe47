import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def command(body: str, log: Path, **task) -> list[str]:
    """A process that does `body` as a job with this log; `task`: input, output, params."""
    task = (
        {"input": [], "output": [], "params": {}, "wildcards": {}, "threads": 1} | task | {"log": [str(log)]}
    )
    code = "import sys\nfrom pathlib import Path\nfrom types import SimpleNamespace\n"
    code += "from srlib.errors import InputError\nfrom srlib.jobs import job\n"
    return [sys.executable, "-c", f"{code}with job(SimpleNamespace(**{task!r})):\n    {body}\n"]


def run(body: str, log: Path, **task) -> subprocess.CompletedProcess:
    return subprocess.run(command(body, log, **task), cwd=ROOT, capture_output=True, text=True)


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


def test_ctrl_c_leaves_no_traceback(tmp_path):
    done = run("raise KeyboardInterrupt", tmp_path / "a.log")
    assert (done.returncode, done.stderr) == (130, "")


@pytest.fixture
def task(tmp_path):
    """Inputs, outputs and settings of a job that makes two files."""
    (tmp_path / "in.csv").write_text("x")
    outputs = [str(tmp_path / "out.csv"), str(tmp_path / "out.png")]
    return {"input": [str(tmp_path / "in.csv")], "output": outputs, "params": {"spec": "{}"}}


@pytest.fixture
def orphan(tmp_path, task):
    """A job that outlives its run: it writes "orphan" into its outputs when it is told to."""
    write = f"[Path(o).write_text('orphan') for o in {task['output']}]"
    body = f"print('at work', flush=True); sys.stdin.readline(); {write}"
    process = subprocess.Popen(
        command(body, tmp_path / "orphan.log", **task),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "at work\n"
    yield process
    process.kill()
    process.wait()


def next_to(orphan, tmp_path, task, ending="\n"):
    """What the same job of the next run prints and leaves, if the orphan ends while it waits."""
    body = f"[Path(o).write_text('new') for o in {task['output']}]"
    new = subprocess.Popen(
        command(body, tmp_path / "new.log", **task), cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    waiting = new.stderr.readline()
    assert f"process {orphan.pid} is still making out.csv here; waiting" in waiting
    assert not any(Path(path).exists() for path in task["output"])
    orphan.communicate(ending) if ending else orphan.kill()
    said = new.communicate()[1]
    assert new.returncode == 0, said
    return said, {Path(path).read_text() for path in task["output"]}


def test_the_finished_work_of_a_job_that_outlived_its_run_is_used(orphan, tmp_path, task):
    said, content = next_to(orphan, tmp_path, task)
    assert content == {"orphan"}
    assert "out.csv: made meanwhile, of the same inputs and settings; used" in said


@pytest.mark.parametrize("change", ["params", "input"])
def test_its_work_of_other_settings_or_inputs_is_written_over(orphan, change, tmp_path, task):
    if change == "input":
        (tmp_path / "in.csv").write_text("another")
    else:
        task = task | {"params": {"spec": '{"epochs": 2}'}}
    assert next_to(orphan, tmp_path, task)[1] == {"new"}


def test_a_job_that_is_killed_leaves_its_work_to_the_one_that_waits(orphan, tmp_path, task):
    assert next_to(orphan, tmp_path, task, ending=None)[1] == {"new"}


def test_what_a_job_before_has_made_is_made_again_when_it_is_asked_for(tmp_path, task):
    """Only one that was waited for spares the work: a user who forces a job wants it done."""
    for content in ("first", "second"):
        body = f"[Path(o).write_text({content!r}) for o in {task['output']}]"
        assert run(body, tmp_path / "a.log", **task).returncode == 0
        assert {Path(path).read_text() for path in task["output"]} == {content}
