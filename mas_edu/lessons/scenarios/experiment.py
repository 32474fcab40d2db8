"""One stream of split digits, read as three scenarios, and the runs of a method in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

import mas_edu as me

Scenario = Literal["task", "domain", "class"]
Array = NDArray[np.float64]

SCENARIOS: tuple[Scenario, ...] = ("task", "domain", "class")
SEEDS = (0, 1, 2, 3, 4)
# Many small updates: with few large ones, plain fine-tuning in the class scenario is a lottery.
SCHEDULE = me.Schedule(steps=300, lr=0.0003, evaluations=1, threads=1)


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs of one method in one scenario, each λ with each seed.

    Args:
        lams: the values of λ; of a method without one, 0 alone.
        accuracy: on the test parts, `[λ, seed, T, T]`: after learning task i (row), on task j.
        validated: average on the validation parts after the last task, `[λ, seed]`.
    """

    lams: tuple[float, ...]
    accuracy: Array
    validated: Array

    @property
    def best(self) -> float:
        """The λ that validation chooses, by the mean over seeds; of equals, the smallest."""
        return self.lams[int(self.validated.mean(1).argmax())]

    def on_tasks(self, lam: float, after: int | None = None) -> Array:
        """Return the accuracy on each task learned so far, `[seed, after]`.

        Args:
            lam: one of `lams`.
            after: how many tasks are learned; None: all.
        """
        rows = self.accuracy[self.lams.index(lam)]
        after = after or rows.shape[1]
        return np.asarray(rows[:, after - 1, :after])

    def averages(self, lam: float, after: int | None = None) -> Array:
        """Return the average over the tasks learned so far, `[seed]`; arguments as above."""
        return np.asarray(self.on_tasks(lam, after).mean(1))

    def learned(self, lam: float) -> Array:
        """Return the accuracy on each task just after learning it, in the mean, `[seed]`."""
        rows = self.accuracy[self.lams.index(lam)]
        return np.asarray(np.diagonal(rows, axis1=1, axis2=2).mean(1))


@dataclass(frozen=True, eq=False)
class Compared:
    """MAS in the three scenarios, at one λ; the picture's data.

    Args:
        lam: λ.
        mas: the runs of MAS, by scenario.
        joint: the runs of joint training, the upper bound.
        after: how many of the five tasks are learned.
    """

    lam: float
    mas: Mapping[Scenario, Runs]
    joint: Mapping[Scenario, Runs]
    after: int = 5


@cache
def stream(scenario: Scenario) -> me.Stream:
    """Return five tasks, 0 and 1, then 2 and 3, and so on, as the scenario asks them.

    >>> stream("task")[2].classes, stream("domain").outputs, stream("class")[2].classes
    ((4, 5), 2, None)
    """
    return me.split("digits", scenario=scenario)


def asked(model: nn.Module, scenario: Scenario) -> list[float]:
    """Return the accuracy on each pair if a network with ten outputs is asked as in this scenario.

    The network may have been trained in another one.

    Args:
        model: with an output for each digit.
        scenario: "task": only the two outputs of the pair are compared; "class": all ten.
    """
    with torch.no_grad():
        return [float(accuracy) for accuracy in me.accuracies(model, list(stream(scenario)))]
