"""A copy of the workflow to run in, one demo run and one real browser that the tests share."""

import os
import shutil
import signal
from pathlib import Path

import pytest
from runs import SMALL, copy_workflow, snakemake

from srlib import lock

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_is_heard() -> None:
    """Whoever starts the tests in the background lets them, and all that they start, ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def workflow(tmp_path: Path) -> Path:
    return copy_workflow(tmp_path)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the workflow and its finished demo run in results/demo. Leave it as it is.

    Workers of pytest-xdist share it: the first to ask makes it, the others wait.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "demo"
    with lock.acquire(shared / "demo.lock", "running the demo", wait=True):
        if not folder.exists():
            making = shared / "making"
            making.mkdir()
            snakemake(copy_workflow(making), *SMALL)
            making.rename(folder)
    return folder


@pytest.fixture
def demo_copy(demo: Path, tmp_path: Path) -> Path:
    """A copy of the finished demo run, to break and to edit."""
    folder = tmp_path / "copy"
    shutil.copytree(demo, folder, symlinks=True)
    return folder


@pytest.fixture(scope="session")
def browser():
    if not CHROMIUM:
        pytest.skip("no chromium on this machine (Debian: apt-get install chromium)")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()
