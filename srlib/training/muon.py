"""Muon: momentum, orthogonalised. K. Jordan et al., "Muon: An optimizer for hidden layers in neural
networks", 2024 (https://kellerjordan.github.io/posts/muon/).

torch's own takes matrices alone; this one takes kernels, too, as the article does, each output's weights
in a row.
"""

import math
from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor, nn

MOMENTUM = 0.95
# Newton-Schulz iteration X <- a X + b (X X^T) X + c (X X^T)^2 X, which brings singular values near 1.
_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
_ITERATIONS = 5


def is_hidden(parameter: nn.Parameter) -> bool:
    """Whether it is a kernel between feature maps: for those that see or make a picture Muon is not meant."""
    return parameter.ndim == 4 and min(parameter.shape[:2]) > 3


class Muon(torch.optim.Optimizer):
    """For kernels (out, in, k, k) and matrices (out, in).

    An update's root mean square is 0.2 lr, about Adam's, so that both have one learning rate (J. Liu et
    al., "Muon is Scalable for LLM Training", 2025, equation 4). An entry whose gradient is always 0, with
    all others of its row or column, stays as it is.
    """

    def __init__(self, kernels: Iterable[Tensor], lr: float, weight_decay: float = 0) -> None:
        super().__init__(kernels, {"lr": lr, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:
        """Update all kernels; closure: none is called."""
        for group in self.param_groups:
            decay = 1 - group["lr"] * group["weight_decay"]
            for kernels in _of_one_shape(group["params"]):
                updates = orthogonal(torch.stack([self._look_ahead(kernel) for kernel in kernels]))
                rate = 0.2 * group["lr"] * math.sqrt(max(updates.shape[1:]))
                rate = torch.as_tensor(rate, dtype=updates.dtype, device=updates.device)
                for kernel, update in zip(kernels, updates, strict=True):
                    kernel.mul_(decay).addcmul_(update.view(kernel.shape), rate, value=-1)

    def _look_ahead(self, kernel: Tensor) -> Tensor:
        """The momentum that Nesterov's next step would have, as a matrix."""
        if "momentum" not in self.state[kernel]:
            self.state[kernel]["momentum"] = torch.zeros_like(kernel)
        momentum = self.state[kernel]["momentum"]
        momentum.lerp_(kernel.grad, 1 - MOMENTUM)
        return kernel.grad.lerp(momentum, MOMENTUM).flatten(1)


def _of_one_shape(kernels: list[Tensor]) -> Iterator[list[Tensor]]:
    """A GPU is asked once for all of a shape: a network has dozens of small ones."""
    for shape in dict.fromkeys(kernel.shape for kernel in kernels):
        yield [kernel for kernel in kernels if kernel.shape == shape]


def orthogonal(matrices: Tensor) -> Tensor:
    """Nearly U V^T of each matrix U S V^T (its singular value decomposition); float32 (..., m, n)."""
    if matrices.shape[-2] > matrices.shape[-1]:
        return orthogonal(matrices.mT).mT
    a, b, c = _COEFFICIENTS
    x = matrices / torch.linalg.matrix_norm(matrices, keepdim=True).clamp_min(1e-7)
    for _ in range(_ITERATIONS):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return x
