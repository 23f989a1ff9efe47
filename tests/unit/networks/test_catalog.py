import subprocess
import sys

import pytest

from srlib.errors import InputError
from srlib.networks import catalog


def test_names_are_those_of_the_files_that_state_their_traits():
    assert {"bicubic", "hybrid", "lanczos", "srgan", "vdsr"} <= set(catalog.names())
    assert not {"catalog", "weights", "_blocks", "_resample"} & set(catalog.names())


def test_traits_are_the_modules_constants():
    vdsr = catalog.traits("vdsr")
    assert (vdsr.scale, vdsr.receptive_field, vdsr.size_multiple, vdsr.trained) == (1, 41, 1, True)
    assert catalog.traits("bicubic").scale is None
    assert not catalog.traits("lanczos").trained


def test_scales_are_those_of_the_constant_or_of_the_argument():
    assert catalog.scales("hybrid") == [2]
    assert catalog.scales("srgan") == [2, 3, 4]
    assert catalog.scales("bicubic") is None


def test_planning_imports_no_torch():
    code = (
        "import sys; from srlib.networks import catalog; catalog.traits('srgan'); "
        "sys.exit(any(m.split('.')[0] in ('torch', 'numpy') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_unknown_network_names_the_known_ones():
    with pytest.raises(InputError, match=r"'no_such'.*bicubic, .*hybrid"):
        catalog.traits("no_such")


@pytest.mark.parametrize(
    ("name", "arguments", "word"),
    [
        ("vdsr", {"depth": 3}, r"arguments\.depth: unknown key; known keys: init"),
        ("adaptive_linear", {"scale": 4, "depth": 3}, r"arguments\.depth: unknown key; known keys: scale"),
        ("bicubic", {}, "'scale' is a required property"),
        ("bicubic", {"scale": "many"}, r"arguments\.scale: 'many' is not of type 'integer'"),
        ("srgan", {"scale": 5}, r"arguments\.scale: 5 is not one of \[2, 3, 4\]"),
        (
            "srgan",
            {"scale": 2, "init": "best"},
            r"arguments\.init: 'best' is not one of \['linear', 'interpolation', 'random'\]",
        ),
        ("hybrid", {"sharpening": "sum"}, r"arguments\.sharpening: 'sum' is not one of"),
    ],
)
def test_wrong_arguments_are_named(name, arguments, word):
    with pytest.raises(InputError, match=f"network {name}: .*{word}"):
        catalog.build(name, arguments)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of networks of one's own."""
    monkeypatch.setattr(catalog, "_FOLDER", tmp_path)
    catalog._catalogue.cache_clear()
    yield tmp_path
    catalog._catalogue.cache_clear()


TRAITS = "SCALE = 4\nRECEPTIVE_FIELD = 5\nSIZE_MULTIPLE = 1\nTRAINED = True\n"


def test_arguments_are_read_from_the_parameters_of_build(folder):
    build = (
        "def build(width, depth: int, *, act: typing.Literal['relu'] = 'relu', slopes: list[float] = ()): ..."
    )
    (folder / "mine.py").write_text(TRAITS + build)
    found = catalog.arguments("mine")
    assert found["required"] == ["width", "depth"]
    assert found["properties"] == {
        "width": {},
        "depth": {"type": "integer"},
        "act": {"enum": ["relu"]},
        "slopes": {},
    }


def test_choices_that_only_running_the_file_would_tell_are_not_checked(folder):
    (folder / "mine.py").write_text(TRAITS + "def build(act: Literal[ACT] = 'relu'): ...")
    assert catalog.arguments("mine")["properties"] == {"act": {}}


@pytest.mark.parametrize("text", ["def build(:\n", "\0"])
def test_a_file_that_is_no_python_is_named(folder, text):
    (folder / "mine.py").write_text("SCALE = 4\n" + text)
    with pytest.raises(InputError, match=r"mine\.py.*; correct the file"):
        catalog.names()


def test_a_network_without_build_is_named(folder):
    (folder / "mine.py").write_text(TRAITS)
    with pytest.raises(InputError, match=r"mine\.py: has no `def build"):
        catalog.arguments("mine")
