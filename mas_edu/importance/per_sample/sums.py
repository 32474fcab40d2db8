"""Sums over samples that keep their digits: few terms as they are, more of them in float64."""

from __future__ import annotations

import torch
from torch import Tensor

from mas_edu.importance.per_sample.operation import abs_power, full_precision
from mas_edu.networks import Params

FEW = 16  # samples: a float32 sum over so many loses nothing that counts
PIECE = 2**16  # numbers of a weight that are worked on at once: they stay in the cache


class Sums:
    """The sum over samples of |gradient|^p, for each weight.

    A sum in float64 is exact enough for any number of samples, but to add to it is many times as
    dear as in float32, and takes twice the memory: so `FEW` samples are summed in float32 first.
    """

    def __init__(self) -> None:
        self.total: Params = {}
        self.recent: Params = {}
        self.samples = 0  # in `recent`
        self.names: set[str] = set()

    def add(self, name: str, value: Tensor) -> None:
        """Add to the sum of one weight; the caller gives `value` away."""
        if name in self.recent:
            self.recent[name] += value
        else:
            self.recent[name] = full_precision(value).contiguous()
        self.names.add(name)

    def add_gradients(self, name: str, gradients: Tensor, power: int) -> None:
        """Add |g|^power of the gradients of one or more samples, `[n, …]`."""
        if gradients[0].numel() <= PIECE:
            self.add(name, abs_power(full_precision(gradients), power).sum(0))
            return
        if name not in self.recent:
            self.add(name, torch.zeros_like(full_precision(gradients[0]), memory_format=DENSE))
        recent = self.recent[name].view(-1).split(PIECE)
        for gradient in gradients:
            for into, piece in zip(recent, gradient.reshape(-1).split(PIECE), strict=True):
                into += abs_power(piece.to(into.dtype), power)

    def done(self, samples: int) -> None:
        """Note that all weights have had so many samples more; make room before there are many."""
        self.samples += samples
        if self.samples > FEW:
            self._flush()

    def finish(self) -> Params:
        """Return the sums; those of few samples in the precision of single terms."""
        if not self.total:
            return self.recent
        self._flush()
        return self.total

    def _flush(self) -> None:
        for name, recent in self.recent.items():
            if name not in self.total:
                self.total[name] = torch.zeros_like(recent, dtype=accumulation_dtype(recent))
            pieces = recent.view(-1).split(PIECE)
            for into, piece in zip(self.total[name].view(-1).split(PIECE), pieces, strict=True):
                into += piece.to(into.dtype)
            recent.zero_()
        self.samples = 0


DENSE = torch.contiguous_format


def accumulation_dtype(like: Tensor) -> torch.dtype:
    """Return the precision in which many terms are summed: float64, where the device has it."""
    return torch.float32 if like.device.type == "mps" else torch.float64


def divided(value: Tensor, by: int, dtype: torch.dtype) -> Tensor:
    """Divide, and then round to another precision: piece by piece, without a copy of the whole."""
    result = torch.empty_like(value, dtype=dtype, memory_format=DENSE)
    pieces = value.reshape(-1).split(PIECE)
    for into, piece in zip(result.view(-1).split(PIECE), pieces, strict=True):
        into.copy_(piece / by)
    return result
