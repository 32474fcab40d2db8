"""The cost of Ω, measured on this computer: a loop, the exact way, and a plain pass."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from functools import cache

import torch
from torch import nn

import mas_edu as me
from mas_edu.importance import reference
from mas_edu.networks import own_threads

PLAIN, EXACT, LOOP = WAYS = ("plain pass", "exact Ω", "one by one")
SAMPLES = (8, 32, 128, 512, 2048)
WIDTHS = (64, 256, 1024)  # units in each of two hidden layers
INPUTS, OUTPUTS = 784, 10  # as MNIST has them
THREADS = 2
ROUNDS, PATIENCE = 7, 1.0  # of each number of samples: at most so many, and so many seconds
MEASURING = threading.Lock()  # two measurements at the same time would slow each other down
LOOPED = 8  # samples that the loop goes through; its time grows in proportion


@dataclass(frozen=True, eq=False)
class Costs:
    """Seconds of each way, in the median over rounds, for each number of samples.

    Args:
        width: units in each hidden layer.
        samples: how many there were.
        seconds: by the names in `WAYS`, one for each number of samples.
        threads: that PyTorch had.
    """

    width: int
    samples: tuple[int, ...]
    seconds: Mapping[str, tuple[float, ...]]
    threads: int

    def passes(self, way: str) -> tuple[float, ...]:
        """Return the cost of a way in plain passes, for each number of samples."""
        pairs = zip(self.seconds[way], self.seconds[PLAIN], strict=True)
        return tuple(mine / plain for mine, plain in pairs)


def measure(
    width: int = 256,
    again: int = 1,
    samples: tuple[int, ...] = SAMPLES,
    rounds: int = ROUNDS,
) -> Costs:
    """Measure all ways, one after the other in each round; what was measured is kept.

    Args:
        width: units in each hidden layer.
        again: which measurement this is: another number measures once more.
        samples: how many random images there are. What they show plays no part in the time.
        rounds: at most so many; fewer where they would take long.

    >>> costs = measure(8, samples=(2, 4), rounds=1)
    >>> len(costs.passes("exact Ω"))
    2
    """
    with MEASURING:
        return _measured(width, again, samples, rounds)


@cache
def _measured(width: int, again: int, samples: tuple[int, ...], rounds: int) -> Costs:
    generator = torch.Generator().manual_seed(again)
    model = me.mlp([INPUTS, width, width, OUTPUTS])
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    with own_threads(THREADS):
        for count in samples:
            x = torch.rand(count, INPUTS, generator=generator)
            for way, seconds in _medians(model, x, rounds).items():
                found[way].append(seconds)
    return Costs(width, samples, {way: tuple(some) for way, some in found.items()}, THREADS)


def plain_pass(model: nn.Module, x: torch.Tensor) -> None:
    """Go forward and backward once, with all samples in one batch: no Ω, but what it is made of."""
    model.zero_grad()
    model(x).square().sum(1).mean().backward()
    model.zero_grad()


def job(
    width: int, again: int, samples: tuple[int, ...] = SAMPLES, rounds: int = ROUNDS
) -> Generator[Costs]:
    """Yield what is measured, at the end."""
    yield measure(width, again, samples, rounds)


def _medians(model: nn.Module, x: torch.Tensor, rounds: int) -> dict[str, float]:
    """Return the median seconds of each way; the first, unmeasured call of each fills caches."""
    few = x[:LOOPED]
    ways: dict[str, Callable[[], object]] = {
        PLAIN: lambda: plain_pass(model, x),
        EXACT: lambda: me.mas(model, x),
        LOOP: lambda: reference.mas(model, few),
    }
    ways[PLAIN](), ways[EXACT]()
    taken: dict[str, list[float]] = {way: [] for way in ways}
    end = time.perf_counter() + PATIENCE
    for k in range(rounds):
        if k and time.perf_counter() > end:
            break
        for way, run in ways.items():
            if way != LOOP or not k:  # the loop is so slow that one round is enough
                taken[way].append(_seconds(run))
    medians = {way: statistics.median(some) for way, some in taken.items()}
    medians[LOOP] *= len(x) / len(few)
    return medians


def _seconds(run: Callable[[], object]) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun
