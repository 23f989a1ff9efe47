"""A digest of code changes with what the code does, and with nothing else."""

import shutil
from pathlib import Path

import pytest

from srlib import code

START = '''\
"""A module."""

from srlib.room import tool


def make(x: int) -> int:
    """Twice, and more."""
    if x < 0:
        raise ValueError(f"{x} is negative")
    return tool.LIMIT + 2 * x  # why
'''
TREE = {
    "srlib/__init__.py": "",
    "srlib/start.py": START,
    "srlib/room/__init__.py": '"""A room."""\n',
    "srlib/room/tool.py": "from srlib.room.far import FAR\n\nLIMIT = FAR\n",
    "srlib/room/far.py": "FAR = 3\n",
    "srlib/room/other.py": "OTHER = 1\n",
    "srlib/room/page.css": "p { color: red }\n",
}


@pytest.fixture
def digest(tmp_path, monkeypatch):
    """The digest of srlib/start.py in a tree with some files changed."""

    def of(changes: dict[str, str] | None = None, *files: str) -> str:
        root = tmp_path / "tree"
        shutil.rmtree(root, ignore_errors=True)
        for name, text in (TREE | (changes or {})).items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        monkeypatch.setattr(code, "ROOT", root)
        for cached in (code._digest, code._meaning, code._tree, code._imports):
            cached.cache_clear()
        return code.digest("srlib/start.py", *files)

    yield of
    for cached in (code._digest, code._meaning, code._tree, code._imports):
        cached.cache_clear()


FORM = {
    "a comment": START + "# new\n",
    "a module's docstring": START.replace("A module.", "Another."),
    "a function's docstring": START.replace("Twice, and more.", "2 x + 3."),
    "no docstring at all": START.replace('"""A module."""\n', ""),
    "an error's words": START.replace("is negative", "is below 0"),
    "quotes": START.replace('"""Twice, and more."""', "'Twice'"),
    "line breaks": START.replace("tool.LIMIT + 2 * x", "(\n        tool.LIMIT\n        + 2 * x\n    )"),
}
MEANING = {
    "a constant": START.replace("2 * x", "3 * x"),
    "when an error is raised": START.replace("x < 0", "x < 1"),
    "a name": START.replace("make", "made"),
    "a text that is no docstring": START.replace("2 * x", "len('ab') * x"),
    "an import": START.replace("import tool", "import other as tool"),
}


@pytest.mark.parametrize("name", FORM)
def test_form_is_no_meaning(digest, name):
    assert FORM[name] != START
    assert digest({"srlib/start.py": FORM[name]}) == digest()


@pytest.mark.parametrize("name", MEANING)
def test_meaning_counts(digest, name):
    assert digest({"srlib/start.py": MEANING[name]}) != digest()


@pytest.mark.parametrize("file", ["srlib/room/tool.py", "srlib/room/far.py"])
def test_what_is_imported_counts_however_far(digest, file):
    assert digest({file: TREE[file] + "MORE = 1\n"}) != digest()


@pytest.mark.parametrize("file", ["srlib/__init__.py", "srlib/room/__init__.py"])
def test_the_packages_on_the_way_count(digest, file):
    assert digest({file: "import os\n"}) != digest()


@pytest.mark.parametrize(
    "line", ["from .room import other", "from .room.other import OTHER", "import srlib.room.other"]
)
def test_every_form_of_import_is_followed(digest, line):
    start = START.replace("from srlib.room import tool", f"from srlib.room import tool\n{line}")
    changed = {"srlib/room/other.py": "OTHER = 2\n", "srlib/start.py": start}
    assert digest({"srlib/start.py": start}) != digest(changed)


def test_plumbing_does_not_count(digest):
    start = START.replace("from srlib.room", "from srlib import errors\nfrom srlib.room")
    files = {"srlib/start.py": start, "srlib/errors.py": "A = 1\n"}
    assert digest(files) == digest(files | {"srlib/errors.py": "A = 2\n"})


def test_an_objectives_words_do_not_count_and_its_loss_does(digest):
    file = "srlib/objectives/mine.py"
    text = (
        "def caption(settings):\n    return _caption_of('mine')\n\n\n"
        "def _caption_of(x):\n    return x + 'mine'\n\n\n"
        "def loss():\n    return 1\n"
    )

    def of(text):
        return digest({file: text}, file)

    assert of(text) == of(text.replace("mine", "other")) != of(text.replace("1", "2"))


def test_what_is_not_imported_does_not_count(digest):
    assert digest({"srlib/room/other.py": "OTHER = 2\n"}) == digest()


def test_a_file_that_is_no_python_counts_by_its_bytes(digest):
    changed = {"srlib/room/page.css": "p { color: blue }\n"}
    assert digest({}, "srlib/room/page.css") != digest(changed, "srlib/room/page.css")


def test_a_checkout_elsewhere_has_the_same_digest(digest, tmp_path):
    here = digest()
    (tmp_path / "tree").rename(tmp_path / "moved")
    code.ROOT = tmp_path / "moved"
    code._digest.cache_clear()
    assert code.digest("srlib/start.py") == here


def test_a_training_belongs_to_its_own_network_alone():
    files = code.with_imports(*code.of_training("srgan", "adversarial"))
    networks = {path.stem for path in files if path.parent.name == "networks" and path.stem[0] != "_"}
    assert networks == {"srgan", "filters", "catalog", "weights", "header"}


def test_no_file_of_the_workflow_hides_an_import():
    """Computed imports are not seen: only the catalogues may have them, whose files the rules name."""
    root = Path(__file__).parents[2]
    computed = [path.stem for path in (root / "srlib").rglob("*.py") if "import_module(" in path.read_text()]
    assert set(computed) <= {"catalog"}
