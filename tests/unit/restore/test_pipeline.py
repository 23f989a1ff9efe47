"""Decoding and encoding run beside the network, and few pictures are held at a time."""

import errno
import resource
from pathlib import Path

import numpy as np
import pytest
import torch
from restoring import random_pixels, repeated, write_weights
from torch import nn

from srlib.data.images import encode_png
from srlib.networks.catalog import Traits
from srlib.restore import model, pipeline
from srlib.restore.note import Note
from srlib.restore.picture import Source
from srlib.restore.pipeline import Work
from srlib.restore.plan import Job


def work(shape, value=0.5, fault=None, bits=8):
    job, gray = Job(Path("in.png"), Path("out.png")), np.full(shape, value, np.float32)
    return Work(job, None if fault else Source("in.png", b"", "PNG", gray, bits), fault=fault)


@pytest.mark.parametrize(
    ("busy", "sizes"), [(1, [1] * 8), (12, [1, 2, 1, 1, 2, 1]), (10**9, [1, 2, 1, 1, 3]), (5, [1] * 8)]
)
def test_neighbours_of_one_size_go_together_up_to_a_limit(busy, sizes):
    works = [work((2, 4)), work((2, 3)), work((2, 3)), work((3, 2)), work((2, 3), fault="bad")]
    works += [work((2, 3))] * 3
    found = list(pipeline.batches(works, busy))
    assert [len(batch) for batch in found] == sizes
    assert [one for batch in found for one in batch] == works


def test_a_batch_gives_what_each_gives_alone(tmp_path):
    linear = model.load(write_weights(tmp_path / "w.safetensors"), "cpu")
    works = [work((5, 7), value) for value in (0.1, 0.5, 0.9)]
    told = []
    together = pipeline._restored(works, linear, None, told.append)
    assert [one.fault for one in together] == [None] * 3
    assert told == [3]
    for one in together:
        assert np.array_equal(one.sr, repeated(one.source.gray))


def test_pictures_of_16_bits_are_not_computed_in_8(tmp_path):
    chosen = model.load(write_weights(tmp_path / "w.safetensors", "vdsr"), "cpu", "bfloat16")
    seen = []
    inner = [layer for layer in chosen.network.modules() if isinstance(layer, nn.Conv2d)][3]
    inner.register_forward_hook(lambda layer, inputs, output: seen.append(output.dtype))
    works = [work((4, 5), bits=bits) for bits in (8, 8, 16)]
    batches = list(pipeline.batches(works, busy=10**9))
    assert [len(batch) for batch in batches] == [2, 1]
    for batch in batches:
        pipeline._restored(batch, chosen, None, lambda share: None)
    assert seen == [torch.bfloat16, torch.float32]


class Fragile(nn.Module):
    """Gives nothing of use for a white picture."""

    traits = Traits(scale=1, receptive_field=1, size_multiple=1, trained=True)

    def forward(self, lr):
        return torch.where(lr.mean((1, 2, 3), keepdim=True) < 0.8, lr, torch.nan)


def test_of_a_batch_only_the_picture_that_fails_is_lost():
    fragile = model.Model(Fragile(), 1, Note("fragile", "", 1))
    done = pipeline._restored([work((4, 4), value) for value in (0.1, 1, 0.3)], fragile, None, print)
    assert [one.sr is None for one in done] == [False, True, False]
    assert "in.png: the network gives values that are not finite" in done[1].fault


class Hungry(nn.Module):
    """Asks for more memory than there is."""

    traits = Traits(scale=1, receptive_field=1, size_multiple=1, trained=True)

    def forward(self, lr):
        return torch.empty(2**60, dtype=torch.uint8)


def test_too_little_memory_is_told_of_the_picture_with_what_helps():
    hungry = model.Model(Hungry(), 1, Note("hungry", "", 1))
    done = pipeline._restored([work((4, 6))], hungry, None, print)
    assert "in.png: too little memory for 6 x 4 pixels; give a smaller --tile" in done[0].fault


@pytest.fixture
def source(tmp_path):
    (tmp_path / "a.png").write_bytes(encode_png(random_pixels()))
    return tmp_path / "a.png"


def test_what_is_in_the_way_of_one_output_stops_no_other(source, tmp_path):
    linear = model.load(write_weights(tmp_path / "w.safetensors"), "cpu")
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder.png").mkdir()
    outputs = [tmp_path / "file" / "a.png", tmp_path / "folder.png", tmp_path / "good.png"]
    done = list(pipeline.run([Job(source, output) for output in outputs], linear, tile=None))
    assert [one.fault is None for one in done] == [False, False, True]
    assert all("a.png: " in one.fault and "move it away" in one.fault for one in done[:2])
    assert (tmp_path / "good.png").is_file() and not list(tmp_path.glob(".*"))


def test_a_disk_that_takes_no_more_stops_the_run_and_nothing_half_written_stays(source, tmp_path):
    linear = model.load(write_weights(tmp_path / "w.safetensors"), "cpu")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(OSError) as error:
            list(pipeline.run([Job(source, tmp_path / "out" / "a.png")], linear, tile=None))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert error.value.errno == errno.EFBIG and "a.png" in str(error.value)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("name", ["x" * 251 + ".png", "\N{LUNGS}" * 60 + ".png", "x." + "p" * 250])
def test_names_as_long_as_a_file_system_allows(source, tmp_path, name):
    linear = model.load(write_weights(tmp_path / "w.safetensors"), "cpu")
    (done,) = pipeline.run([Job(source, tmp_path / "out" / name)], linear, tile=None)
    assert done.fault is None and (tmp_path / "out" / name).is_file()


def test_of_a_large_picture_each_piece_is_told(tmp_path):
    linear = model.load(write_weights(tmp_path / "w.safetensors"), "cpu")
    told = []
    pipeline._restored([work((40, 90))], linear, 20, told.append)
    assert told == pytest.approx([1 / 10] * 10)
