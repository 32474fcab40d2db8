"""Sweeps in short, and what is compared of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from torch import nn

import mas_edu as me
from mas_edu.results import Record

LAMS, SEEDS = [0.0, 0.3, 5.0], [0, 7]
Make = Callable[[int], nn.Module]


def quick(
    stream: me.Stream, method: me.Method | None = None, *args: object, **more
) -> list[Record]:
    return me.sweep(stream, method or me.MAS(), *args, **{"progress": False, **more})


def small(seed: int) -> nn.Module:
    return me.mlp([64, 12, 10], seed).double()


def noisy(seed: int) -> nn.Module:
    """With dropout: cannot be batched."""
    return nn.Sequential(nn.Linear(64, 12), nn.ReLU(), nn.Dropout(0.5), nn.Linear(12, 10)).double()


def one_by_one(
    stream: me.Stream, method: me.Method, lams=LAMS, seeds=SEEDS, **more
) -> list[Record]:
    return [
        me.learn(stream, method, lam, seed=seed, progress=False, **more)
        for lam in lams
        for seed in seeds
    ]


def assert_same_numbers(batched: list[Record], alone: list[Record]) -> None:
    """All that a record holds, to 1e-8; what was set, exactly."""
    assert len(batched) == len(alone)
    for ours, theirs in zip(batched, alone, strict=True):
        assert ours.settings == theirs.settings
        assert ours.names == theirs.names
        mine, others = ours._arrays(), theirs._arrays()
        assert list(mine) == list(others)
        for name in mine:
            np.testing.assert_allclose(mine[name], others[name], rtol=1e-8, atol=1e-8)


class Countdown:
    """Stops, or raises, when it is asked for the n-th time; counts how often it was asked."""

    def __init__(self, calls: int, raising: type[BaseException] | None = None) -> None:
        self.left, self.raising, self.asked = calls, raising, 0

    def __call__(self) -> bool:
        self.asked += 1
        if self.asked == self.left and self.raising:
            raise self.raising
        return self.asked >= self.left
