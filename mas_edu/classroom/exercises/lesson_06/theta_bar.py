"""Exercise 06.5, `theta_bar`."""

from __future__ import annotations

from typing import Any

import numpy as np

from mas_edu.classroom.exercise import Case, Exercise

Arrays = list[np.ndarray]


def theta_bar(thetas: list[np.ndarray], omegas: list[np.ndarray]) -> np.ndarray:
    """Return the one anchor θ̄ that stands for all: where Σ_t Ω_t (θ − θ*_t)² is least.

    Then Σ_t Ω_t (θ − θ*_t)² and (Σ_t Ω_t)(θ − θ̄)² differ by a constant.

    thetas: θ* of each task.
    omegas: Ω > 0 of each task, same shapes.
    """
    pulls = [omega * theta for theta, omega in zip(thetas, omegas, strict=True)]
    anchor: np.ndarray = np.sum(pulls, axis=0) / np.sum(omegas, axis=0)
    return anchor


def _bar_cases(seed: int) -> list[Case]:
    draw = np.random.default_rng(seed)
    cases = []
    for tasks, shape in ((2, (1,)), (2, (3,)), (4, (2, 2))):
        thetas = draw.normal(size=(tasks, *shape))
        omegas = draw.uniform(0.2, 4, size=(tasks, *shape))
        cases.append({"thetas": list(thetas), "omegas": list(omegas)})
    return cases


def _judge_bar(case: Case, found: Any) -> str:
    low, high = np.min(case["thetas"], axis=0), np.max(case["thetas"], axis=0)
    if (found < low - 1e-6).any() or (found > high + 1e-6).any():
        return "θ̄ is a weighted mean: for each weight it lies between the smallest and largest θ*."
    return ""


def _weighted_by(weight: Any) -> Any:
    """Return a mean of the θ*, weighted by a function of Ω."""

    def wrong(thetas: Arrays, omegas: Arrays) -> Any:
        weights = np.stack([weight(omega) for omega in omegas])
        return (weights * np.stack(thetas)).sum(axis=0) / weights.sum(axis=0)

    return wrong


THETA_BAR = Exercise(
    id="06.5",
    name="theta_bar",
    points=2,
    asks="Each task has its own anchor θ*_t and its own Ω_t. Find one anchor θ̄ for the merged "
    "penalty (Σ Ω_t)(θ − θ̄)², which pulls exactly as all of them together do.",
    solution=theta_bar,
    why="Both penalties have the gradient 2 Σ Ω_t (θ − θ*_t), so they differ by a constant: two "
    "numbers for each weight replace two for each task.",
    hints=(
        "Where do the pulls Ω_t (θ − θ*_t) of all tasks add up to 0?",
        "Solve Σ Ω_t (θ − θ*_t) = 0 for θ, weight by weight: it is a weighted mean.",
        "Take the sum of Ω_t θ*_t over the tasks, divided by the sum of Ω_t.",
    ),
    mistakes={
        "plain mean": (
            lambda thetas, omegas: np.mean(thetas, axis=0),
            "This is the plain mean of the anchors: a task with a large Ω has to pull harder.",
        ),
        "last": (
            lambda thetas, omegas: thetas[-1],
            "This is the last θ*, as MAS keeps it: the pulls of earlier tasks go elsewhere.",
        ),
        "root": (
            _weighted_by(np.sqrt),
            "The anchors are weighted by √Ω: the gradient of Ω (θ − θ*)² has Ω itself.",
        ),
        "squared": (
            _weighted_by(np.square),
            "The anchors are weighted by Ω²: take Ω itself.",
        ),
        "one weight a task": (
            _weighted_by(lambda omega: np.full_like(omega, omega.sum())),
            "Each task has one weight here, its ΣΩ: each entry has an Ω of its own.",
        ),
        "not divided": (
            lambda thetas, omegas: np.sum([o * t for o, t in zip(omegas, thetas, strict=True)], 0),
            "The division is missing: a weighted mean divides by the sum of its weights.",
        ),
        "divided by tasks": (
            lambda thetas, omegas: np.mean([o * t for o, t in zip(omegas, thetas, strict=True)], 0),
            "This divides by the number of tasks: divide by the sum of Ω.",
        ),
        "most important": (
            lambda thetas, omegas: np.take_along_axis(
                np.stack(thetas), np.argmax(omegas, axis=0)[None], axis=0
            )[0],
            "For each weight this takes the θ* with the largest Ω: the others pull as well.",
        ),
    },
    cases=_bar_cases,
    judge=_judge_bar,
)
