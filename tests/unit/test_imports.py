"""What the scripts import: PyTorch takes longer to import than most jobs take."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEED_TORCH = {"train", "infer", "restore"}
SCRIPTS = [path for path in sorted((ROOT / "workflow_scripts").glob("*.py")) if path.stem not in NEED_TORCH]
FIGURES = sorted((ROOT / "srlib" / "figures").glob("*.py"))  # found by name


def test_the_scripts_that_need_torch_are_there():
    assert {path.stem for path in (ROOT / "workflow_scripts").glob("*.py")} >= NEED_TORCH


@pytest.mark.parametrize("part", range(4))
def test_no_other_script_imports_torch(part):
    imports = [
        ast.unparse(node)
        for path in [*SCRIPTS, *FIGURES][part::4]
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert imports
    check = "import sys; found = {'torch', 'torchvision', 'piq'} & set(sys.modules); assert not found, found"
    subprocess.run([sys.executable, "-c", "\n".join([*imports, check])], cwd=ROOT, check=True)
