"""Sums over samples that keep their digits: few terms in float32, then all in float64."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mas_edu.importance.per_sample.operation import full_precision
from mas_edu.networks import Params, trainable

FEW = 16  # samples: a float32 sum over so many loses nothing that counts
PIECE = 2**16  # numbers that go into float64 at once: they stay in the cache


class Sums:
    """The sum over samples of |gradient|^p, for each weight.

    A sum in float64 is exact enough for any number of samples, but to add to it is many times as
    dear as in float32; so `FEW` samples are summed in float32 first.
    """

    def __init__(self, model: nn.Module, exact: bool = True) -> None:
        self.total: Params = {
            name: torch.zeros_like(weight, dtype=accumulation_dtype(weight), requires_grad=False)
            for name, weight in trainable(model).items()
            if exact  # else there are few samples only
        }
        self.recent: Params = {}
        self.samples = 0
        self.empty = True

    def add(self, name: str, value: Tensor) -> None:
        """Add to the sum of one weight; the caller gives `value` away."""
        self.empty = False
        if (before := self.recent.get(name)) is None:
            self.recent[name] = full_precision(value)
        else:
            before.add_(value)

    def done(self, samples: int) -> None:
        """Note that all weights have had so many samples more."""
        self.samples += samples
        if self.samples >= FEW:
            self.flush()

    def flush(self) -> Params:
        """Return the sums, everything in them."""
        for name, recent in self.recent.items():
            total = self.total[name].view(-1)
            for into, piece in zip(
                total.split(PIECE), recent.reshape(-1).split(PIECE), strict=True
            ):
                into += piece.to(total.dtype)
        self.recent, self.samples = {}, 0
        return self.total


def accumulation_dtype(weight: Tensor) -> torch.dtype:
    """Return the precision in which many terms are summed: float64, where the device has it."""
    return torch.float32 if weight.device.type == "mps" else torch.float64
