"""Sums over samples that keep their digits: a few terms in float32, all of them in float64."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from mas_edu.importance.per_sample.operation import abs_power, at_least_float32
from mas_edu.networks import Params

FEW = 16  # terms: a float32 sum of so many loses nothing that counts
PIECE = 2**17  # numbers that are worked on at once: they stay in the processor's cache


class Sums:
    """The sum over samples of |gradient|^p, for each weight.

    A sum in float64 is exact enough for any number of terms, but to add to it takes many times as
    long as in float32, and twice the memory: so `FEW` terms are summed in float32 first. A term is
    |gradient|^p of one sample, or of several that PyTorch sums up in one operation.
    """

    def __init__(self) -> None:
        self.total: Params = {}
        self.recent: Params = {}
        self.terms: dict[str, int] = {}  # in `recent`

    @property
    def names(self) -> set[str]:
        """Return the weights that have a sum; any other has no part in the scores."""
        return {*self.total, *self.recent}

    def add(self, name: str, value: Tensor) -> None:
        """Add to the sum of one weight; `value` may be kept, and changed later."""
        if self._count_term(name):
            self.recent[name] = at_least_float32(value).contiguous()
        else:
            self.recent[name] += value

    def add_gradients(self, name: str, gradients: Tensor, power: int) -> None:
        """Add |g|^power of the gradients of one or more samples, `[n, …]`."""
        if gradients[0].numel() <= PIECE:
            terms = abs_power(at_least_float32(gradients), power)
            self.add(name, terms[0] if len(terms) == 1 else terms.sum(0))
            return
        for gradient in gradients:
            if self._count_term(name):
                self.recent[name] = abs_power(at_least_float32(gradient), power).contiguous()
            else:
                for total, piece in pieces(self.recent[name], gradient):
                    total += abs_power(piece.to(total.dtype), power)

    def finish(self) -> Params:
        """Return the sums; those of few terms in the precision of single ones."""
        if self.total:
            for name in [*self.recent]:
                self._flush(name)
        return self.total or self.recent

    def _count_term(self, name: str) -> bool:
        """Count one term more; return whether it is the first, as where `recent` was full."""
        if self.terms.get(name) == FEW:
            self._flush(name)
        self.terms[name] = self.terms.get(name, 0) + 1
        return self.terms[name] == 1

    def _flush(self, name: str) -> None:
        """Pass the recent sum of a weight on to float64."""
        recent = self.recent.pop(name)
        del self.terms[name]
        if name in self.total:
            for total, piece in pieces(self.total[name], recent):
                total += piece.to(total.dtype)
        else:
            self.total[name] = recent.to(accumulation_dtype(recent))


def pieces(first: Tensor, second: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield two tensors piece by piece; `first`, which is contiguous, can be written to."""
    if first.numel() <= PIECE:
        yield first, second
        return
    yield from zip(first.view(-1).split(PIECE), second.reshape(-1).split(PIECE), strict=True)


def accumulation_dtype(like: Tensor) -> torch.dtype:
    """Return the precision in which many terms are summed: float64, where the device has it."""
    return torch.float32 if like.device.type == "mps" else torch.float64


def divide(value: Tensor, by: int, dtype: torch.dtype, in_place: bool = False) -> Tensor:
    """Divide, and then round to another precision: piece by piece, without a copy of the whole."""
    if in_place and value.dtype == dtype:
        return value.div_(by)
    if value.numel() <= PIECE:
        return (value / by).to(dtype)
    result = torch.empty_like(value, dtype=dtype, memory_format=torch.contiguous_format)
    for rounded, piece in pieces(result, value):
        rounded.copy_(piece / by)
    return result
