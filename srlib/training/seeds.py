"""Random streams: each use of chance has its own generator, derived from the one seed by name.

So a stream never shifts because another one is used more: the order of the images is the same for
every model, and an epoch's order can be drawn again without the epochs before it.
"""

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import torch


def generator(seed: int, *stream: str | int) -> torch.Generator:
    """The CPU generator of a stream such as ("order", epoch)."""
    digest = hashlib.sha256(repr((seed, *stream)).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)


def kept(device: torch.device) -> AbstractContextManager[None]:
    """After the block torch's global generators, on the CPU and on this device, are as they were before."""
    return torch.random.fork_rng(devices=[device] if device.type == "cuda" else [])


def draw_anew(seed: int, epoch: int, step: int) -> None:
    """From here on torch's global generators, on every device, are the stream of a step: dropout's chance."""
    torch.manual_seed(generator(seed, "step", epoch, step).initial_seed())


@contextmanager
def initialising(seed: int, part: str) -> Iterator[None]:
    """Within the block, torch's global generator is the stream ("init", part)."""
    with torch.random.fork_rng(devices=[]):
        torch.set_rng_state(generator(seed, "init", part).get_state())
        yield
