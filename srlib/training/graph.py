"""A step's work on a GPU as one CUDA graph: the host launches it at once, not thousands of kernels."""

import sys
import warnings
from collections import Counter
from collections.abc import Callable

import torch
from torch import Tensor

Work = Callable[..., Tensor]

WARM_UP = 3  # calls after which algorithms are chosen and optimizers have what they keep
# torch's warnings where it watches for waiting: that it waited, and that watching is new.
_WAITS, _NEW_MODE = "called a synchronizing CUDA operation", "Synchronization debug mode is a prototype"


def replayed(work: Work, device: torch.device) -> Work:
    """The same work; on a GPU it is recorded in its fourth call with arguments of one shape, then replayed.

    work: of tensors on the device, without a look at any. Whatever else it reads must stay where it is in
    memory, and what the host decides anew in each call must be among its arguments. One that waits for the
    device, as some networks of other projects do, is said to and goes on kernel by kernel.
    """
    return _Replayed(work) if device.type == "cuda" else work


class _Replayed:
    """One graph for each of the arguments' shapes."""

    def __init__(self, work: Work) -> None:
        self.work, self.stream = work, torch.cuda.Stream()
        self.calls: Counter[tuple[torch.Size, ...]] = Counter()
        self.recorded: dict[tuple[torch.Size, ...], _Recorded] = {}
        self.waits = False

    def __call__(self, *arguments: Tensor) -> Tensor:
        shapes = _shapes(arguments)
        if self.waits:
            return self.work(*arguments)
        if self.calls[shapes] < WARM_UP:
            self.calls[shapes] += 1
            return self._watched(*arguments)
        if shapes not in self.recorded:
            self.recorded[shapes] = _Recorded(self.work, arguments, self.stream)
        return self.recorded[shapes](*arguments)

    def _watched(self, *arguments: Tensor) -> Tensor:
        """Work as it is, on the stream of the recording, as autograd wants it; whether it waits is noted."""
        self.stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.stream), warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            mode = torch.cuda.get_sync_debug_mode()
            torch.cuda.set_sync_debug_mode("warn")
            try:
                result = self.work(*arguments)
            finally:
                torch.cuda.set_sync_debug_mode(mode)
        torch.cuda.current_stream().wait_stream(self.stream)
        for warning in caught:
            if not _says(warning, _WAITS) and not _says(warning, _NEW_MODE):
                warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
        # The first call of a shape may wait for what it sets up.
        if any(_says(warning, _WAITS) for warning in caught) and self.calls[_shapes(arguments)] > 1:
            self.waits = True
            print("the network makes the host wait for the GPU: its steps are not recorded", file=sys.stderr)
        return result


def _shapes(arguments: tuple[Tensor, ...]) -> tuple[torch.Size, ...]:
    return tuple(argument.shape for argument in arguments)


def _says(warning: warnings.WarningMessage, text: str) -> bool:
    return text in str(warning.message)


class _Recorded:
    """Work on copies of the arguments."""

    def __init__(self, work: Work, arguments: tuple[Tensor, ...], stream: torch.cuda.Stream) -> None:
        self.arguments = [argument.clone() for argument in arguments]
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph, stream=stream):
            self.result = work(*self.arguments)

    def __call__(self, *arguments: Tensor) -> Tensor:
        for own, argument in zip(self.arguments, arguments, strict=True):
            own.copy_(argument)
        self.graph.replay()
        return self.result.clone()
