import subprocess
import sys

import pytest

from srlib.errors import InputError
from srlib.networks import catalog


def test_names():
    assert catalog.names() == ["bicubic", "hybrid", "lanczos", "srgan", "vdsr"]


def test_traits_are_the_modules_constants():
    vdsr = catalog.traits("vdsr")
    assert (vdsr.scale, vdsr.receptive_field, vdsr.size_multiple, vdsr.trained) == (1, 41, 1, True)
    assert catalog.traits("bicubic").scale is None
    assert not catalog.traits("lanczos").trained


def test_planning_imports_no_torch():
    code = (
        "import sys; from srlib.networks import catalog; catalog.traits('srgan'); "
        "sys.exit(any(m.split('.')[0] in ('torch', 'numpy') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_unknown_network_names_the_known_ones():
    with pytest.raises(InputError, match=r"'esrgan'.*bicubic, hybrid, lanczos, srgan, vdsr"):
        catalog.traits("esrgan")


@pytest.mark.parametrize("name, arguments", [("vdsr", {"depth": 3}), ("bicubic", {})])
def test_wrong_arguments_are_named(name, arguments):
    with pytest.raises(InputError, match=f"arguments of network '{name}'"):
        catalog.build(name, arguments)
