"""Exercise 05.5, `proximal`."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from mas_edu.classroom.exercise import Case, Exercise


def proximal(theta: Tensor, theta_star: Tensor, strength: Tensor) -> Tensor:
    """Return where ½ (t − θ)² + strength/2 · (t − θ*)² is least in t, entry by entry.

    theta, theta_star: the weights now, and at the anchor.
    strength: lr · λ · Ω ≥ 0, same shape.
    """
    return (theta + strength * theta_star) / (1 + strength)


def _proximal_cases(seed: int) -> list[Case]:
    draw = torch.Generator().manual_seed(seed)
    cases = []
    for shape in ((1,), (3,), (2, 4)):
        theta, theta_star = (
            torch.randn(shape, generator=draw, dtype=torch.float64) + shift for shift in (2, -2)
        )
        strength = torch.rand(shape, generator=draw, dtype=torch.float64) * 3 + 0.2
        cases.append({"theta": theta, "theta_star": theta_star, "strength": strength})
    cases[-1]["strength"][0] = torch.tensor([0.0, 1e-3, 10.0, 1e6])
    return cases


def _judge_proximal(case: Case, found: Any) -> str:
    theta, star = case["theta"].numpy(), case["theta_star"].numpy()
    low, high = np.minimum(theta, star), np.maximum(theta, star)
    if (found < low - 1e-6).any() or (found > high + 1e-6).any():
        return "The new place must lie between θ and θ*: where the two pulls balance."
    return ""


PROXIMAL = Exercise(
    id="05.5",
    name="proximal",
    points=2,
    asks="Write the proximal step: instead of following the penalty's gradient, go straight to "
    "where the pull of θ* and the distance from here balance.",
    solution=proximal,
    why="Set the derivative (t − θ) + strength · (t − θ*) to 0 and solve for t: a weighted mean, "
    "which cannot overshoot.",
    hints=(
        "Where does the sum of the two bowls have slope 0?",
        "It is a weighted mean of θ and θ*. What are the two weights?",
        "θ counts once, θ* counts strength times; divide by one plus strength.",
    ),
    mistakes={
        "gradient step": (
            lambda t, s, k: t - k * (t - s),
            "This is the gradient step, which overshoots for large strength: solve for the place "
            "where both pulls balance.",
        ),
        "swapped": (
            lambda t, s, k: (k * t + s) / (1 + k),
            "The weights of the mean are swapped: a larger strength must bring it nearer to θ*.",
        ),
        "no anchor": (
            lambda t, s, k: t / (1 + k),
            "This pulls towards 0: θ* is missing in the mean.",
        ),
        "double": (
            lambda t, s, k: (t + 2 * k * s) / (1 + 2 * k),
            "This has twice the strength: the ½ before the square cancels the 2 of its derivative.",
        ),
        "half": (
            lambda t, s, k: (t + k * s / 2) / (1 + k / 2),
            "This has half the strength: the ½ before the square is already used up by its "
            "derivative.",
        ),
        "not divided": (
            lambda t, s, k: t + k * s,
            "The division is missing: a weighted mean divides by the sum of its weights.",
        ),
    },
    cases=_proximal_cases,
    judge=_judge_proximal,
)
