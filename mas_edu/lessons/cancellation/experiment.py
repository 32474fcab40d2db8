"""The share of Ω that cancels when gradients are averaged first, along a training.

One network is trained for real. A few of its moments are kept, and at each of them Ω is made from
the gradients of all samples: exact, and in the batch form for several batch sizes.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

import mas_edu as me
from mas_edu.training import use_threads

UPDATES = (0, 4, 8, 16, 32, 64, 128, 256, 512)  # after which the network is looked at
BATCHES = (1, 2, 4, 8, 16, 32, 128, 512)  # each divides SAMPLES: no short last batch
SAMPLES, HIDDEN = 512, 32
SCHEDULE = me.Schedule(steps=UPDATES[-1], lr=0.003)
OUTPUT = "output.weight"  # the layer that is shown as a map, [10, HIDDEN]
ONE_AT_A_TIME = threading.Lock()
Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Moment:
    """Ω of all weights at one moment of training, each as a vector `[P]`.

    Args:
        accuracy: the share of test digits that are read correctly.
        exact: the mean over samples of |g|.
        batches: for each of `BATCHES`, the mean over batches of |mean of g|, `[B, P]`.
        pulls: g of the marked weight alone, for every sample, `[N]`.
    """

    accuracy: float
    exact: Array
    batches: Array
    pulls: Array

    @property
    def batched(self) -> dict[int, Array]:
        """The batch form of Ω, by batch size."""
        return dict(zip(BATCHES, self.batches, strict=True))

    def kept(self, batch: int) -> float:
        """Return Σ batched / Σ exact: the share of the magnitude that is left."""
        return float(self.batched[batch].sum() / self.exact.sum())


@dataclass(frozen=True, eq=False)
class Cancelling:
    """The network's moments, by the number of updates.

    Args:
        moments: Ω at each of `UPDATES`.
        mark: digit and hidden unit of one weight of the output layer, to look at closely.
        names: of the weights, with the place of each in the vectors.
    """

    moments: dict[int, Moment]
    mark: tuple[int, int]
    names: dict[str, slice]

    def kept(self, batch: int) -> list[float]:
        """Return the share kept with this batch size, along training."""
        return [moment.kept(batch) for moment in self.moments.values()]

    def map(self, omega: Array) -> Array:
        """Return the output layer's part of a vector, `[digits, units]`."""
        return omega[self.names[OUTPUT]].reshape(-1, HIDDEN)


FINISHED: dict[int, Cancelling] = {}
REMEMBERED = 16


def cancel(seed: int = 0) -> Cancelling:
    """Train on upright digits, and find at each of `UPDATES` what is kept; remembered.

    Args:
        seed: of the initial weights and the order of the samples.

    >>> run = cancel()
    >>> run.moments[0].kept(128) > run.moments[512].kept(128)
    True
    """
    (run,) = (found for found in job(seed) if found is not None)
    return run


def job(seed: int) -> Generator[Cancelling | None]:
    """Yield `cancel` when it is known, and None step by step until then."""
    with ONE_AT_A_TIME:  # a figure and the cell below it ask for the same: train once
        if seed not in FINISHED:
            FINISHED[seed] = yield from _train(seed)
            while len(FINISHED) > REMEMBERED:
                del FINISHED[next(iter(FINISHED))]
        run = FINISHED[seed]
    yield run


def _train(seed: int) -> Generator[None, None, Cancelling]:
    """Train, then compute Ω at each moment kept."""
    stream = me.rotated("digits", tasks=1, samples=SAMPLES)
    run = me.Training(stream, me.FineTune(), seed=seed, schedule=SCHEDULE, model=network)
    weights, shares = [me.snapshot(run.model)], [run.initial]
    for done in run:
        if done in UPDATES:
            weights.append(me.snapshot(run.model))
            shares.append(me.accuracies(run.model, list(stream)))
        yield None
    x, model = stream[0].x, run.model
    exact, batched = yield from _omegas(model, weights, x)
    names = places(weights[0])
    mark = _telling_weight(exact[0, names[OUTPUT]], (exact[-1] - batched[-1, -1])[names[OUTPUT]])
    moments = [
        Moment(float(share[0]), whole, parts, _pulls(at, x, mark))
        for share, whole, parts, at in zip(shares, exact, batched, weights, strict=True)
    ]
    return Cancelling(dict(zip(UPDATES, moments, strict=True)), mark, names)


def _omegas(
    model: nn.Module, weights: list[me.Params], x: Tensor
) -> Generator[None, None, tuple[Array, Array]]:
    """Compute exact `[M, P]` and batched `[M, B, P]`.

    The room for them is taken first: many small results between large gradients would leave the
    memory in pieces too small to be used again.
    """
    count, size = len(weights), sum(weight.numel() for weight in weights[0].values())
    exact = np.empty((count, size), np.float32)
    batched = np.empty((count, len(BATCHES), size), np.float32)
    for k, at in enumerate(weights):
        with use_threads(SCHEDULE, model):
            g = gradients(at, x)
            exact[k] = g.abs().mean(0)
            for j, batch in enumerate(BATCHES):
                batched[k, j] = g.unflatten(0, (-1, batch)).mean(1).abs().mean(0)
        yield None
    return exact, batched


def network(seed: int) -> nn.Module:
    """Return a network: 64 pixels, one hidden layer, ten digits."""
    return me.mlp([64, HIDDEN, 10], seed)


def gradients(weights: me.Params, x: Tensor) -> Tensor:
    """Compute g = ∂‖F(x)‖²/∂θ of every sample, `[N, P]`, by δ and a as in lesson 03."""
    w1, b1, w2, b2 = weights.values()
    a = F.relu(x @ w1.T + b1)
    delta2 = 2 * (a @ w2.T + b2)
    delta1 = delta2 @ w2 * (a > 0)
    outer1, outer2 = delta1[:, :, None] * x[:, None, :], delta2[:, :, None] * a[:, None, :]
    return torch.cat([outer1.flatten(1), delta1, outer2.flatten(1), delta2], 1)


def places(weights: me.Params) -> dict[str, slice]:
    """Return where each weight stands in a vector of all of them."""
    ends = np.cumsum([weight.numel() for weight in weights.values()]).tolist()
    return {
        name: slice(end - weight.numel(), end)
        for (name, weight), end in zip(weights.items(), ends, strict=True)
    }


def _telling_weight(first: Array, lost: Array) -> tuple[int, int]:
    """Find an output weight with much Ω at the start, and much lost at last: digit and unit."""
    digit, unit = divmod(int((first * lost).argmax()), HIDDEN)
    return digit, unit


def _pulls(weights: me.Params, x: Tensor, mark: tuple[int, int]) -> Array:
    """Compute one output weight's g = 2 F a: the digit's output times the unit's activation."""
    digit, unit = mark
    a = F.linear(x, weights["hidden1.weight"], weights["hidden1.bias"]).relu()  # [N, HIDDEN]
    outputs = F.linear(a, weights["output.weight"], weights["output.bias"])  # [N, 10]
    pulls: Array = (2 * outputs[:, digit] * a[:, unit]).numpy()
    return pulls
