import subprocess
import sys
from pathlib import Path

import pytest
import torch

from srlib import device
from srlib.errors import InputError

ROOT = Path(__file__).parents[2]
CLAIM = """
import sys
from pathlib import Path
from srlib.device import claim
print(claim(["a", "b"], Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path):
    """Another process that has claimed a device, and which."""
    process = subprocess.Popen(
        [sys.executable, "-c", CLAIM, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "0\n"
    yield process
    process.kill()
    process.wait()


def test_each_process_gets_a_device_of_its_own(tmp_path, other):
    assert device.claim(["a", "b"], tmp_path) == 1


def test_the_device_of_a_dead_process_is_free(tmp_path, other):
    other.kill()
    other.wait()
    assert device.claim(["a", "b"], tmp_path) == 0


def test_cpu_is_the_cpu_whatever_the_machine_has():
    assert device.choose("cpu") == torch.device("cpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_asking_for_a_gpu_that_is_not_there():
    with pytest.raises(InputError, match="device: cuda"):
        device.choose("cuda")
