"""A weight file says what its network is to be given; the person who restores need not know."""

import numpy as np
import pytest
from PIL import Image
from restoring import NETWORKS, random_pixels, restore, write_weights
from skimage import data

from srlib import inference
from srlib.data.degrade import lr_variant
from srlib.data.images import encode_png
from srlib.data.variants import VARIANTS, folder, shrinkage
from srlib.errors import InputError
from srlib.networks import weights as weight_files
from srlib.restore import model
from srlib.specs.degradation import Degradation

VARIANT = {"linear": "small", "srgan": "small", "hybrid": "half", "vdsr": "full"}


@pytest.fixture(scope="module")
def hr():
    picture = Image.fromarray(data.camera()).resize((72, 56), Image.Resampling.BICUBIC)
    return np.asarray(picture)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_picture_is_restored_as_the_workflow_restores_it(name, hr, tmp_path):
    weights = write_weights(tmp_path / "w.safetensors", name)
    how = Degradation(4)
    (tmp_path / "lr.png").write_bytes(encode_png(lr_variant(hr, "small", how)))
    assert restore("--weights", weights, tmp_path / "lr.png", "--output", tmp_path / "out") == 0
    ours = np.asarray(Image.open(tmp_path / "out" / "lr.png")).astype(int)
    network = weight_files.load(weights)
    theirs = inference.eight_bit(inference.restore(network, lr_variant(hr, VARIANT[name], how)), "x")
    assert ours.shape == theirs.shape
    # The workflow rounds the enlarged picture, twice as Pillow does it; what is not enlarged is the same.
    assert np.abs(ours - theirs).max() <= (0 if VARIANT[name] == "small" else 2)


@pytest.mark.parametrize("factor", [2, 4, 1.5])
def test_enlarging_differs_from_eight_bits_by_rounding_alone(factor, hr):
    ours = model.enlarged((hr / 255).astype(np.float32), factor) * 255
    height, width = ours.shape
    theirs = np.asarray(Image.fromarray(hr).resize((width, height), Image.Resampling.BICUBIC))
    assert (height, width) == (56 * factor, 72 * factor)
    # Half a level along, of which across at most 1.25 is made (the sum of its taps without their signs).
    assert np.abs(ours - theirs).max() <= 0.5 * 1.25 + 0.5
    assert len(np.unique(ours)) > 256  # what 8 bits could not hold
    assert ours.min() >= 0 and ours.max() <= 255


@pytest.mark.parametrize("shape", [(37, 101), (101, 37), (1, 1), (2, 3)])
@pytest.mark.parametrize("name", ["linear", "hybrid", "vdsr"])
def test_odd_sizes(name, shape, tmp_path):
    chosen = model.load(write_weights(tmp_path / "w.safetensors", name), "cpu")
    sr = model.restore(chosen, np.full(shape, 0.5, np.float32))
    assert sr.shape == (4 * shape[0], 4 * shape[1]) and sr.dtype == np.float32


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_of_every_scale_is_known_by_its_folder(scale, variant, tmp_path):
    own = shrinkage(variant, scale)
    network = weight_files.catalog.build("linear", {"scale": own})
    path = tmp_path / "w.safetensors"
    spec = {"lr": folder(variant, scale), "scale": own}
    weight_files.save(path, network, "linear", {"scale": own}, spec)
    chosen = model.load(path, "cpu")
    assert (chosen.note.scale, chosen.enlargement) == (scale, scale / own)
    gray = random_pixels((7, 5)).astype(np.float32) / 255
    assert model.restore(chosen, gray).shape == (7 * scale, 5 * scale)


@pytest.mark.parametrize(("variant", "enlargement"), [(None, 1), ("down2", 1), ("down4_up2", 2)])
def test_another_projects_model_takes_the_variant_that_it_is_given(variant, enlargement, tmp_path):
    pytest.importorskip("spandrel")
    from foreign import compact, written

    chosen = model.load(written(tmp_path / "x.pth", compact(scale=2)), "cpu", lr=variant)
    assert (chosen.enlargement, chosen.note.scale) == (enlargement, 2 * enlargement)
    with pytest.raises(
        InputError, match=r"x\.pth: its network enlarges 2 times, which LR variant down4 does"
    ):
        model.load(tmp_path / "x.pth", "cpu", lr="down4")


@pytest.mark.parametrize("lr", ["", "down4", "down4_up3", "down44_up44", "../x", None, 4, "down4_up4 "])
def test_a_header_that_does_not_fit_its_network_is_refused(lr, tmp_path):
    path = write_weights(tmp_path / "w.safetensors", "vdsr", lr=lr)
    if lr == "down44_up44":  # of no scale that is trained here, but it fits
        assert model.load(path, "cpu").note.scale == 44
        return
    with pytest.raises(InputError, match=r"w\.safetensors: does not say what LR pictures"):
        model.load(path, "cpu")
