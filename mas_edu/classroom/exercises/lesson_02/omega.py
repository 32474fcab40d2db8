"""Exercise 02.1, `omega`."""

from __future__ import annotations

from typing import Any

import numpy as np

from mas_edu.classroom.exercise import Case, Exercise
from mas_edu.importance import mas


def omega(theta: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return Ω of both weights of the network F(x) = θ₁ x₁ + θ₂ x₂, an array [2].

    theta: the two weights, [2].
    x: inputs, one a row, [N, 2].
    """
    outputs = x @ theta  # [N]
    gradients = 2 * outputs[:, None] * x  # [N, 2], of F² by both weights
    sizes: np.ndarray = np.abs(gradients).mean(axis=0)
    return sizes


def _omega_cases(seed: int) -> list[Case]:
    """Draw weights and inputs; at least one weight has a negative mean gradient."""
    draw = np.random.default_rng(seed)
    cases = []
    for size in (2, 5, 8):
        x = draw.normal(size=(size, 2)) + 0.2
        x[0] = -2 * x[1]  # two samples that pull the same way
        x[-1] *= (1, -3)
        theta = draw.uniform(0.5, 1.5, size=2) * draw.choice([-1, 1], size=2)
        if ((x @ theta)[:, None] * x).mean(axis=0).max() > 0:
            x[:, 1] *= -1
        cases.append({"theta": theta, "x": x})
    return cases


def _judge_omega(case: Case, found: Any) -> str:
    if (found < 0).any():
        return "Ω is never negative: it is a mean of sizes, whatever their signs."
    return ""


def _mean_of(term: Any) -> Any:
    """Return an Ω that is the mean of the terms `term(F, x)` over the samples."""
    return lambda theta, x: term((x @ theta)[:, None], x).mean(axis=0)


OMEGA = Exercise(
    id="02.1",
    name="omega",
    points=2,
    asks="Write Ω for a network with two weights, F(x) = θ₁ x₁ + θ₂ x₂: the mean size of the "
    "gradient of F² over the samples.",
    solution=omega,
    why="By the chain rule the gradient of F² is 2 F · xᵢ; each sample's size counts, so the "
    "absolute value comes before the mean.",
    hints=(
        "What is the derivative of F² by θ₁, for one sample?",
        "It is 2 F times x₁: first compute the output of each sample, then its two gradients.",
        "Twice the output times the input, [N, 2]; absolute values; mean over the samples.",
    ),
    mistakes={
        "half": (
            _mean_of(lambda f, x: np.abs(f * x)),
            "This is half of Ω: the derivative of F² is 2 F times the derivative of F.",
        ),
        "no absolute value": (
            _mean_of(lambda f, x: 2 * f * x),
            "This is the mean gradient with its sign: take the absolute value of each sample's "
            "gradient before the mean.",
        ),
        "absolute value late": (
            lambda theta, x: np.abs((2 * (x @ theta)[:, None] * x).mean(axis=0)),
            "This is |mean gradient|: the absolute value came after the mean, where opposite signs "
            "have already cancelled.",
        ),
        "sum": (
            lambda theta, x: np.abs(2 * (x @ theta)[:, None] * x).sum(axis=0),
            "This is the sum over the samples: divide by their number, or Ω grows with the data.",
        ),
        "gradient of F": (
            _mean_of(lambda f, x: np.abs(x)),
            "This is the mean of |x|, the gradient of F: take the gradient of F², the squared "
            "output.",
        ),
        "squared gradient": (
            _mean_of(lambda f, x: (2 * f * x) ** 2),
            "This is the mean squared gradient: take the absolute value instead of the square.",
        ),
        "without output": (
            _mean_of(lambda f, x: 2 * x**2),
            "This is the mean of 2 xᵢ²: the output is missing, the gradient of F² is 2 F xᵢ.",
        ),
        "mean output times mean input": (
            lambda theta, x: 2 * np.abs(x @ theta).mean() * np.abs(x).mean(axis=0),
            "This multiplies the mean output by the mean input: multiply within each sample, "
            "average last.",
        ),
        "squared output": (
            _mean_of(lambda f, x: f**2 + 0 * x),
            "This is the mean of F² for both weights: differentiate it by each weight, "
            "before the mean.",
        ),
    },
    cases=_omega_cases,
    judge=_judge_omega,
    guarded=(mas,),
)
