"""Ω of a first layer three times: of a trained network, and of two controls.

The controls change one thing each: the network is the same before training, or the inputs are
noise instead of digits.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

import mas_edu as me

SCHEDULE = me.Schedule(lr=0.003, threads=1)
LAYER = "hidden1.weight"  # [units, pixels]
HIDDEN, SIDE = 64, 8
SOURCES = {
    "trained": "trained network, digits",
    "untrained": "untrained network, digits",
    "noise": "trained network, noise",
}
ONE_AT_A_TIME = threading.Lock()
Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Maps:
    """Ω of the first layer from each of `SOURCES`, and the mean image of the digits.

    Args:
        omegas: by source, `[units, pixels]`.
        ink: the mean of the digits at each pixel, `[pixels]`.
    """

    omegas: dict[str, Array]
    ink: Array

    def pixels(self, source: str) -> Array:
        """Return the mean over units, `[pixels]`."""
        mean: Array = self.omegas[source].mean(0)
        return mean

    def units(self, source: str) -> Array:
        """Return the mean over pixels, `[units]`."""
        mean: Array = self.omegas[source].mean(1)
        return mean

    def likeness_to_ink(self, source: str) -> float:
        """Correlate the pixel map with the mean image."""
        return correlation(self.pixels(source), self.ink)

    def likeness_of_units(self, source: str) -> float:
        """Correlate the units' Ω with that of the trained network on digits."""
        return correlation(self.units(source), self.units("trained"))


def correlation(a: Array, b: Array) -> float:
    """Return Pearson's correlation of two maps of one shape; 0 if one is constant.

    >>> correlation(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0]))
    1.0
    """
    a, b = a - a.mean(), b - b.mean()
    size = np.sqrt((a**2).sum() * (b**2).sum())
    return round(float((a * b).sum() / size), 12) if size else 0.0


FINISHED: dict[int, Maps] = {}


def maps(seed: int = 0) -> Maps:
    """Train on upright digits and compute Ω three times; remembered.

    Args:
        seed: of the initial weights, the order of the samples and the noise.
    """
    (found,) = job(seed)
    return found


def job(seed: int) -> Generator[Maps]:
    """Yield `maps` when they are known."""
    with ONE_AT_A_TIME:  # a figure and the cell below it ask for the same: train once
        if seed not in FINISHED:
            FINISHED[seed] = _compute(seed)
    yield FINISHED[seed]


def _compute(seed: int) -> Maps:
    task = me.rotated("digits", tasks=1)[0]
    untrained = me.mlp([SIDE * SIDE, HIDDEN, 10], seed)
    trained = me.fit(me.mlp([SIDE * SIDE, HIDDEN, 10], seed), task, SCHEDULE, seed=seed)
    noise = torch.rand(task.x.shape, generator=torch.Generator().manual_seed(seed))
    found = {
        "trained": me.mas(trained, task.x),
        "untrained": me.mas(untrained, task.x),
        "noise": me.mas(trained, noise),
    }
    omegas = {source: omega[LAYER].double().numpy() for source, omega in found.items()}
    return Maps(omegas, task.x.double().mean(0).numpy())
