"""Local and global Ω of every layer, and the activations that both are made of."""

from __future__ import annotations

import threading
from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import mas_edu as me
from mas_edu.training import train_batched, use_threads

SCHEDULE = me.Schedule(lr=0.003, evaluations=1, threads=1)
SEEDS = (0, 1, 2, 3, 4)
DEPTHS = (1, 2, 3)  # how many hidden layers
WIDTH = 64  # pixels of an image, and units of a hidden layer
LAYERS = {"first hidden": 0, "last hidden": -2, "output": -1}  # by their place in a network
OFTEN = 0.1  # of the samples: ends of a weight that are active less often are not offered
EACH = 5  # samples of each digit whose activations are drawn
ONE_AT_A_TIME = threading.RLock()
Array = NDArray[np.float64]
Samples = NDArray[np.float32]  # one row a sample


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer: what is active in it, sample by sample, and both Ω of its weights.

    Args:
        name: such as "hidden1", or "output".
        inputs: what comes in, `[N, inputs]`.
        outputs: what goes out, after the ReLU if there is one, `[N, units]`.
        delta: how much ‖F(x)‖² changes with each unit's sum, `[N, units]`.
        local_omega: Ω by the layer alone, `[units, inputs]`.
        global_omega: Ω by the whole network, `[units, inputs]`.
    """

    name: str
    inputs: Samples
    outputs: Samples
    delta: Samples
    local_omega: Array
    global_omega: Array

    @property
    def rank(self) -> float:
        """The rank correlation of local and global Ω over all weights."""
        return rank_correlation(self.local_omega, self.global_omega)

    @property
    def ratio(self) -> float:
        """ΣΩ local / ΣΩ global."""
        return float(self.local_omega.sum() / self.global_omega.sum())

    @property
    def active_units(self) -> NDArray[np.intp]:
        """The units that are active on some sample: those with a local Ω."""
        return np.flatnonzero(self.local_omega.any(1))

    @property
    def active_inputs(self) -> NDArray[np.intp]:
        """The inputs that are active together with some unit: those with a local Ω."""
        return np.flatnonzero(self.local_omega.any(0))

    @property
    def meetings(self) -> Array:
        """The mean of the input over samples, counted only while the unit is active: a control.

        It knows when a unit is active, but not how strongly, nor what comes of it later.
        """
        return np.asarray((self.outputs > 0).T @ self.inputs / len(self.inputs))

    def without(self, *names: str) -> Layer:
        """Return the layer without some of what it has of each sample."""
        empty: dict[str, Any] = dict.fromkeys(names, np.empty((0, 0), np.float32))
        return replace(self, **empty)

    def within_units(self) -> list[float]:
        """Return the rank correlation over the weights into each active unit."""
        local, whole = self.local_omega, self.global_omega
        return [rank_correlation(local[i], whole[i]) for i in self.active_units]

    def within_inputs(self) -> list[float]:
        """Return the rank correlation over the weights from each active input to active units."""
        local, whole = (o[self.active_units].T for o in (self.local_omega, self.global_omega))
        return [rank_correlation(local[j], whole[j]) for j in self.active_inputs]

    def place(self, unit: int, source: int) -> tuple[int, int]:
        """Return unit and input of one weight, `(i, j)`.

        Args:
            unit: in per cent: 0 is the unit whose global Ω is smallest compared with its local Ω,
                100 the one whose is largest, of those that are active often.
            source: in per cent: 0 is the input with the smallest mean, 100 the largest, of those
                that are active often.
        """
        units, inputs = (
            np.flatnonzero((a != 0).mean(0) > OFTEN) for a in (self.outputs, self.inputs)
        )
        larger = self.global_omega[units].sum(1) / self.local_omega[units].sum(1)
        units = units[np.argsort(larger.round(6), kind="stable")]
        inputs = inputs[np.argsort(abs(self.inputs[:, inputs]).mean(0), kind="stable")]
        i, j = (
            int(some[round(share / 100 * (len(some) - 1))])
            for some, share in ((units, unit), (inputs, source))
        )
        return i, j


@dataclass(frozen=True, eq=False)
class Networks:
    """A trained network and the same one untrained, layer by layer.

    Args:
        hidden: how many hidden layers.
        trained: the layers of the trained network,
        untrained: and of the untrained one.
        examples: a few samples of each digit, in the order of digits, as places in `[N]`.
    """

    hidden: int
    trained: tuple[Layer, ...]
    untrained: tuple[Layer, ...]
    examples: NDArray[np.intp]

    def layers(self, trained: bool = True) -> tuple[Layer, ...]:
        """Return the layers of one of the two networks."""
        return self.trained if trained else self.untrained

    def layer(self, name: str, trained: bool = True) -> Layer:
        """Return one of `LAYERS`."""
        return self.layers(trained)[LAYERS[name]]


def rank_correlation(a: Array, b: Array) -> float:
    """Return Spearman's rank correlation, without the places where both are 0.

    Such weights agree for free. Equal numbers share their mean rank. It is 0 if one list is
    constant or nothing is left.

    >>> rank_correlation(np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 5.0, 6.0, 70.0]))
    1.0
    """
    some = (a != 0) | (b != 0)
    if not some.any():
        return 0.0
    first, second = ranks(a[some]), ranks(b[some])
    first, second = first - first.mean(), second - second.mean()
    size = np.sqrt((first**2).sum() * (second**2).sum())
    return round(float((first * second).sum() / size), 12) if size else 0.0


def ranks(values: Array) -> Array:
    """Return the rank of each value, from 1; equal values share their mean rank.

    >>> ranks(np.array([5.0, 2.0, 5.0])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    mean_rank = counts.cumsum() - (counts - 1) / 2
    return np.asarray(mean_rank[inverse])


@cache
def stream() -> me.Stream:
    """Return what is learned: one task, the digits upright."""
    return me.rotated("digits", tasks=1)


def task() -> me.Task:
    """Return the only task of `stream`."""
    return stream()[0]


def network(hidden: int = 1, seed: int = 0) -> nn.Sequential:
    """Return an untrained network: 64 pixels, hidden layers of 64 units, ten digits."""
    return me.mlp([WIDTH, *[WIDTH] * hidden, 10], seed)


def networks(hidden: int = 1, seed: int = 0) -> Networks:
    """Train a network and compute both Ω before and after; remembered.

    Args:
        hidden: how many hidden layers.
        seed: of the initial weights and the order of the samples.

    >>> now = networks(hidden=1)
    >>> now.layer("output").ratio
    1.0
    """
    with ONE_AT_A_TIME:  # a figure and the cell below it ask for the same: train once
        return _networks(hidden, seed)


def over_seeds(hidden: int = 1) -> list[Networks]:
    """Return `networks` for each of `SEEDS`, trained side by side; remembered.

    To save memory, they are without δ, and untrained layers without their activations.
    """
    with ONE_AT_A_TIME:
        return _over_seeds(hidden)


def job(hidden: int, seed: int = 0) -> Generator[Networks]:
    """Yield `networks` when they are known."""
    yield networks(hidden, seed)


@cache
def _over_seeds(hidden: int) -> list[Networks]:
    return [
        Networks(
            hidden,
            tuple(layer.without("delta") for layer in some.trained),
            tuple(layer.without("delta", "inputs", "outputs") for layer in some.untrained),
            some.examples,
        )
        for some in _train(hidden, SEEDS)
    ]


@cache
def _networks(hidden: int, seed: int) -> Networks:
    return _train(hidden, (seed,))[0]


def _train(hidden: int, seeds: tuple[int, ...]) -> list[Networks]:
    """Train a network for each seed, side by side."""
    make = partial(network, hidden)
    runs = [
        me.Training(stream(), me.FineTune(), seed=seed, schedule=SCHEDULE, model=make)
        for seed in seeds
    ]
    for _ in train_batched(runs):
        pass
    x, y = task().x, task().y.numpy()
    examples = np.concatenate([np.flatnonzero(y == digit)[:EACH] for digit in range(10)])
    return [
        Networks(hidden, layers_of(run.model, x), layers_of(make(run.seed), x), examples)
        for run in runs
    ]


def layers_of(model: nn.Module, x: Tensor) -> tuple[Layer, ...]:
    """Compute both Ω of each linear layer, and the activations they are made of.

    Args:
        model: linear layers with ReLU between them.
        x: inputs, `[N, inputs]`.
    """
    with use_threads(SCHEDULE, model):
        local, whole = me.mas_local(model, x), me.mas(model, x)
        a, found = x, []
        for name, module in model.named_children():
            if isinstance(module, nn.Linear):
                found.append((name, module(a)))
                a = found[-1][1]
            else:
                a = module(a)
        sums = [s for _, s in found]
        deltas = torch.autograd.grad(a.square().sum(), sums)
    layers, inputs = [], x.numpy()
    for (name, s), delta in zip(found, deltas, strict=True):
        outputs = (s if s is a else s.relu()).detach().numpy()
        omegas = (omega[f"{name}.weight"].double().numpy() for omega in (local, whole))
        layers.append(Layer(name, inputs, outputs, delta.numpy(), *omegas))
        inputs = outputs  # of the next layer
    return tuple(layers)
