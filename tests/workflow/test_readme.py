"""What the README and the other pages say of the workflow is so."""

import itertools
import re
import shlex
import shutil
from pathlib import Path

import pytest
from runs import ROOT, copy_workflow, plan, snakemake

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
README = PAGES[0].read_text()


def commands() -> list[str]:
    """Options of every snakemake command of the pages, in code blocks and within sentences."""
    text = "\n".join(page.read_text() for page in PAGES).replace("\\\n", " ")
    blocks = re.findall(r"^    (?:\.venv/bin/)?snakemake (.*?)(?: +# .*)?$", text, flags=re.MULTILINE)
    inline = re.findall(r"`(?:\.venv/bin/)?snakemake (-[^`]*)`", text)
    return sorted(set(blocks + inline))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workflow, with the files that the commands speak of."""
    folder = copy_workflow(tmp_path_factory.mktemp("pages"))
    (folder / "path").mkdir()
    copy_workflow(folder / "path")
    (folder / "mine.yaml").write_text("dataset: {source: phantom}\n")
    pictures = folder / "path/of/the/folder"
    pictures.mkdir(parents=True)
    (pictures / "00000001_000.png").touch()
    (folder / "vgg16.ckpt").touch()
    return folder


@pytest.mark.parametrize("command", commands())
def test_every_command_can_be_planned(folder, command):
    if "conda" in command and not shutil.which("conda"):
        pytest.skip("conda is not installed")
    plan(folder, *shlex.split(command))


def test_its_line_of_stages_is_how_the_rules_depend_on_each_other(workflow):
    stages = re.search(r"^    (\w+(?: > \w+)+)$", README, flags=re.MULTILINE)[1].split(" > ")
    graph = snakemake(workflow, "--rulegraph", "mermaid-js").stdout
    names = dict(re.findall(r"(id\d+)\[(\w+)\]", graph))
    edges = {(names[a], names[b]) for a, b in re.findall(r"(id\d+) --> (id\d+)", graph)}
    rules = [{"fetch": "fetch_archive", "table": "summarise"}.get(stage, stage) for stage in stages]
    assert len(rules) > 5
    assert set(itertools.pairwise(rules)) <= edges


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_links_to_is_there(page):
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", page.read_text()) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_its_first_screen_has_picture_means_and_commands_before_anything_else():
    screen = README[: README.index("\n## ")]
    table = [line for line in screen.splitlines() if line.startswith("| ")]
    assert {line.count("|") for line in table} == {5}
    assert screen.index("![") < screen.index(table[0]) < screen.index("    make demo")


def test_its_means_are_those_of_the_results_page():
    results = re.sub(r"</?u>|\*\*", "", (ROOT / "docs/results.md").read_text())
    shown = re.findall(
        r"^\| (\w+[\w ,-]*?) +\| +\**([\d.]+)\** \| +\**([\d.]+)\** \|", README, flags=re.MULTILINE
    )
    rows = [line for line in README[: README.index("\n## ")].splitlines() if line.startswith("| ")]
    assert len(shown) == len(rows) - len(["heading", "rule"])
    for label, psnr, ssim in shown:
        row = rf"^\| {label} +\| +{psnr} .*?\| +{ssim} "
        assert re.search(row, results, flags=re.MULTILINE), label
