"""Exercise 05.4, `largest_stable`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from mas_edu.classroom.exercise import Case, Exercise


def largest_stable(lr: float, omega: dict[str, Tensor]) -> float:
    """Return the λ above which plain gradient steps on λ/2 · Σ Ω (θ − θ*)² diverge.

    lr: learning rate of the plain gradient steps.
    omega: Ω by the names of the weights.
    """
    stiffest = max(value.max().item() for value in omega.values())
    return 2 / (lr * stiffest)


def _stable_cases(seed: int) -> list[Case]:
    draw = torch.Generator().manual_seed(seed)
    cases = []
    for shape, lr in (((2,), 0.5), ((3, 2), 0.1), ((4, 3), 0.03)):
        omega = {
            "0.bias": torch.rand(shape[:1], generator=draw, dtype=torch.float64),
            "0.weight": torch.rand(shape, generator=draw, dtype=torch.float64) * 4 + 1.5,
            "2.weight": torch.rand(shape, generator=draw, dtype=torch.float64),
        }
        omega["0.bias"][0] = 0.0
        cases.append({"lr": lr, "omega": omega})
    return cases


def _stable(rule: Any) -> Any:
    """Return a wrong bound: a rule of lr and of all entries of Ω in one vector."""
    return lambda lr, omega: float(rule(lr, torch.cat([one.flatten() for one in omega.values()])))


STABLE = Exercise(
    id="05.4",
    name="largest_stable",
    points=2,
    asks="Up to which λ do plain gradient steps on the penalty stay stable? One step multiplies "
    "the distance of a weight from θ* by 1 − lr · λ · Ω.",
    solution=largest_stable,
    why="A distance shrinks while |1 − lr λ Ω| < 1, that is lr λ Ω < 2; the weight with the "
    "largest Ω is the first to leave that range.",
    hints=(
        "For which factors does a number shrink when it is multiplied again and again?",
        "The factor may be negative, but not below −1. Which weight gets there first?",
        "Set lr · λ · (largest Ω of all tensors) equal to 2, and solve for λ.",
    ),
    mistakes={
        "one": (
            _stable(lambda lr, o: 1 / (lr * o.max())),
            "This is half of it: that λ reaches θ* in one step. The factor may go down to −1.",
        ),
        "mean": (
            _stable(lambda lr, o: 2 / (lr * o.mean())),
            "This uses the mean of Ω: the first weight to diverge is the one with the largest Ω.",
        ),
        "least": (
            _stable(lambda lr, o: 2 / (lr * o.min())),
            "This uses the smallest Ω: a weight with a large Ω diverges long before.",
        ),
        "sum": (
            _stable(lambda lr, o: 2 / (lr * o.sum())),
            "This uses the sum of Ω: weights move each by itself, so the largest Ω decides.",
        ),
        "no lr": (
            _stable(lambda lr, o: 2 / o.max()),
            "The learning rate is missing: a smaller step bears a larger λ.",
        ),
        "four": (
            _stable(lambda lr, o: 4 / (lr * o.max())),
            "This is twice too much: the gradient of λ/2 · Ω (θ − θ*)² is λ Ω (θ − θ*).",
        ),
        "upside down": (
            _stable(lambda lr, o: lr * o.max() / 2),
            "This is one over it: a larger Ω must make the bound smaller.",
        ),
        "first tensor": (
            lambda lr, omega: float(2 / (lr * next(iter(omega.values())).max())),
            "Only the first tensor of Ω is looked at: take the largest entry of all tensors.",
        ),
    },
    cases=_stable_cases,
)
