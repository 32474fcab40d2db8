"""Ω of a first layer, four times: of a trained network, and of three to compare it with.

Each of the three changes one thing: the training, the inputs, or the seed.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import mas_edu as me
from mas_edu.training import use_threads

SCHEDULE = me.Schedule(lr=0.003, threads=1)
SEEDS = range(5)
LAYER = "hidden1.weight"  # [units, pixels]
SIDE = 8  # of an image, in pixels; there are as many units as pixels
VIEWS = {"pixels": 0, "units": 1, "weights": None}  # the axis of Ω that is averaged away
BESIDE = {
    "untrained": "the untrained network",
    "noise": "the trained network with noise as inputs",
    "seed": "a network trained with another seed",
}
LIKENESS = {  # the answers to the lesson's question, as shares of the trained map's likeness
    "as much as the trained one's": 1.0,
    "about half as much": 0.5,
    "not at all": 0.0,
}
ONE_AT_A_TIME = threading.RLock()
Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Maps:
    """Ω of the first layer, "trained" and each of `BESIDE`, and the mean image of the digits.

    Args:
        omegas: by source, `[units, pixels]`.
        ink: the mean of the digits at each pixel, `[pixels]`.
    """

    omegas: dict[str, Array]
    ink: Array

    def view(self, what: str, source: str = "trained") -> Array:
        """Return the mean over units, `[pixels]`, over pixels, `[units]`, or every weight."""
        omega, axis = self.omegas[source], VIEWS[what]
        return omega if axis is None else omega.mean(axis)

    def with_ink(self, source: str) -> float:
        """Correlate the pixel map with the mean image."""
        return correlation(self.view("pixels", source), self.ink)

    def alike(self, what: str, source: str) -> float:
        """Correlate the map of the trained network with that of another source."""
        return correlation(self.view(what), self.view(what, source))


def correlation(a: Array, b: Array) -> float:
    """Return Pearson's correlation of two maps of one shape; 0 if one is constant.

    >>> correlation(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0]))
    1.0
    """
    a, b = a - a.mean(), b - b.mean()
    size = np.sqrt((a**2).sum() * (b**2).sum())
    return round(float((a * b).sum() / size), 12) if size else 0.0


def network(seed: int = 0) -> nn.Sequential:
    """Return the untrained network, 64 pixels to 64 units to 10 digits."""
    return me.mlp([SIDE * SIDE, SIDE * SIDE, 10], seed)


def maps(seed: int = 0) -> Maps:
    """Train on upright digits and compute Ω of all sources; remembered.

    Args:
        seed: of the initial weights, the order of the samples and the noise; the network of
            another seed has the next one.
    """
    with ONE_AT_A_TIME:  # a figure and the cell below it ask for the same: train once
        return _maps(seed)


def job(seed: int) -> Generator[Maps]:
    """Yield `maps` when they are known."""
    yield maps(seed)


@cache
def _maps(seed: int) -> Maps:
    x = _digits().x
    noise = torch.rand(x.shape, generator=torch.Generator().manual_seed(seed))
    model, on_digits = _trained(seed)
    omegas = {
        "trained": on_digits,
        "untrained": _omega(network(seed), x),
        "noise": _omega(model, noise),
        "seed": _trained(seed + 1)[1],
    }
    return Maps(omegas, x.double().mean(0).numpy())


@cache
def _trained(seed: int) -> tuple[nn.Module, Array]:
    """Return a trained network and its Ω on the digits."""
    model = me.fit(network(seed), _digits(), SCHEDULE, seed=seed)
    return model, _omega(model, _digits().x)


def _omega(model: nn.Module, x: Tensor) -> Array:
    with use_threads(SCHEDULE, model):
        omega: Array = me.mas(model, x)[LAYER].double().numpy()
    return omega


@cache
def _digits() -> me.Task:
    return me.rotated("digits", tasks=1)[0]
