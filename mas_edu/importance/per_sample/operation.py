"""One operation of the backward pass, as a closed form sees it, and the gradients it returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


def abs_power(g: Tensor, power: int) -> Tensor:
    """Compute |g|^power for power 1 or 2."""
    return g.abs() if power == 1 else g.square()


@dataclass(frozen=True)
class Operation:
    """An operation at which δ has arrived, with its inputs.

    Attributes:
        node: that of autograd; `node._saved_…` is what it kept of its inputs.
        delta: δ, the gradient of the scores' sum at its output.
        samples: how many, N.
        axis: of the output, along which the samples lie, N · L long.
        sequence_first: whether they lie as [L, N], as where a sequence comes first; else [N, L].
        slot: which input is made of the weight.
        shape: of that input.
    """

    node: Any
    delta: Tensor
    samples: int
    axis: int
    sequence_first: bool
    slot: int
    shape: tuple[int, ...]

    def samples_first(self, values: Tensor) -> Tensor:
        """Bring the samples to the front: `[…, N·L, …]` to `[N, …, L, …]`."""
        size = values.shape[self.axis]
        if size % self.samples:
            raise ValueError(f"expected {self.samples} samples along axis {self.axis}, got {size}")
        length = size // self.samples
        if self.axis == 0 and not self.sequence_first:
            return values.reshape(self.samples, length, *values.shape[1:])
        sizes = (length, self.samples) if self.sequence_first else (self.samples, length)
        split: Tensor = values.unflatten(self.axis, sizes)
        return split.movedim(self.axis + self.sequence_first, 0)


@dataclass(frozen=True)
class SampleGradients:
    """The gradient of each sample, made a few samples at a time.

    Attributes:
        of: samples (a slice) to their gradients, `[n, *shape]`.
        numbers: how many numbers are held for each sample meanwhile.
        total: power to Σ_n |g_n|^power, where that needs no gradient of a single sample.
    """

    of: Callable[[slice], Tensor]
    numbers: int
    total: Callable[[int], Tensor] | None = None

    def reshaped(self, shape: tuple[int, ...]) -> SampleGradients:
        """Return the gradients in another shape."""
        of, total = self.of, self.total
        return SampleGradients(
            lambda part: of(part).reshape(-1, *shape),
            self.numbers,
            None if total is None else lambda power: total(power).reshape(shape),
        )

    def transposed(self) -> SampleGradients:
        """Return the gradients of the transposed matrix."""
        of, total = self.of, self.total
        return SampleGradients(
            lambda part: of(part).mT,
            self.numbers,
            None if total is None else lambda power: total(power).T,
        )


def from_tensor(gradients: Tensor) -> SampleGradients:
    """Wrap gradients that are computed already, `[N, *shape]`."""
    return SampleGradients(
        lambda part: gradients[part], 1, lambda p: abs_power(gradients, p).sum(0)
    )


def sum_to_shape(values: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Undo broadcasting: sum `[N, …]` over the dimensions that `shape` lacks or has as 1."""
    missing = values.ndim - 1 - len(shape)
    aligned = (1,) * missing + tuple(shape)
    dims = [
        d
        for d, (found, expected) in enumerate(zip(values.shape[1:], aligned, strict=True), 1)
        if found != expected
    ]
    if any(aligned[d - 1] != 1 for d in dims):
        raise ValueError(f"expected {tuple(values.shape[1:])} to be broadcast from {shape}")
    summed = values.sum(dims) if dims else values
    return summed.reshape(len(values), *shape)


def at_least_float32(values: Tensor) -> Tensor:
    """Return half-precision numbers as float32: sums need all digits."""
    return values if values.dtype in (torch.float32, torch.float64) else values.float()
