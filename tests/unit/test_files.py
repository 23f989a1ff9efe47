import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from srlib.files import continued_folder, replacing, replacing_folder

ROOT = Path(__file__).parents[2]


def test_the_file_appears_whole(tmp_path):
    with replacing(tmp_path / "new" / "a.txt") as temporary:
        temporary.write_text("whole")
        assert not (tmp_path / "new" / "a.txt").exists()
    assert (tmp_path / "new" / "a.txt").read_text() == "whole"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.txt"]


def test_the_file_has_the_rights_that_the_process_gives(tmp_path):
    code = (
        "import os; os.umask(0o027)\n"
        "from srlib.files import replacing\n"
        f"with replacing({str(tmp_path / 'a.txt')!r}): pass\n"
        "assert os.umask(0) == 0o027\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o640


def test_a_failure_leaves_the_old_file_and_no_litter(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(path) as temporary:
        temporary.write_text("half")
        1 / 0  # noqa: B018
    assert path.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_file_too_large_for_the_disk_leaves_nothing(tmp_path):
    # The kernel's own limit on file size stands for a full disk: write() fails half way.
    code = (
        "import resource, signal\n"
        "from srlib.files import replacing\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        f"with replacing({str(tmp_path / 'a.bin')!r}) as temporary:\n"
        "    temporary.write_bytes(bytes(100_000))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert "File too large" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_fault_names_the_file_and_not_the_temporary_one(tmp_path, monkeypatch):
    def refuse(name, *_):
        raise PermissionError(errno.EACCES, "Permission denied", name)

    monkeypatch.chdir(tmp_path)
    Path("folder.txt").mkdir()
    with pytest.raises(IsADirectoryError) as error, replacing("folder.txt"):
        pass
    assert (error.value.filename, names(tmp_path)) == ("folder.txt", ["folder.txt"])
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(PermissionError) as error, replacing("a.txt"):
        pass
    assert error.value.filename == "a.txt"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_takes_the_place_of_the_old_one(tmp_path):
    (tmp_path / "sr").mkdir()
    (tmp_path / "sr" / "old.png").touch()
    (tmp_path / ".sr.unfinished").mkdir()
    (tmp_path / ".sr.unfinished" / "of a killed process.png").touch()
    with replacing_folder(tmp_path / "sr") as folder:
        (folder / "new.png").touch()
        assert names(tmp_path / "sr") == ["old.png"]
    assert names(tmp_path / "sr") == ["new.png"]
    assert names(tmp_path) == ["sr"]


def test_a_failure_leaves_the_old_folder_and_no_litter(tmp_path):
    (tmp_path / "sr").mkdir()
    with pytest.raises(ZeroDivisionError), replacing_folder(tmp_path / "sr") as folder:
        (folder / "a.png").touch()
        1 / 0  # noqa: B018
    assert names(tmp_path) == ["sr"]
    assert names(tmp_path / "sr") == []


def test_what_a_failure_has_made_is_there_for_the_next(tmp_path):
    (tmp_path / "raw").mkdir()
    with pytest.raises(ZeroDivisionError), continued_folder(tmp_path / "raw") as folder:
        (folder / "a.png").touch()
        1 / 0  # noqa: B018
    assert names(tmp_path / "raw") == []
    with continued_folder(tmp_path / "raw") as folder:
        assert names(folder) == ["a.png"]
    assert names(tmp_path) == ["raw"]
    assert names(tmp_path / "raw") == ["a.png"]
