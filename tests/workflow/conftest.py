import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def finished(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the finished demo run; each test edits it and puts it back as it was."""
    folder = tmp_path_factory.mktemp("stale") / "copy"
    shutil.copytree(demo, folder, symlinks=True)
    return folder
