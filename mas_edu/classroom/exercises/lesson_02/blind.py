"""Exercise 02.2, `blind`."""

from __future__ import annotations

from typing import Any

import numpy as np

from mas_edu.classroom.exercise import Case, Exercise


def blind(x: np.ndarray) -> np.ndarray:
    """Return weights θ that are not 0, but for which Ω is 0 on these inputs: an array [2].

    x: inputs that all lie on one line through 0, [N, 2]; F(x) = θ₁ x₁ + θ₂ x₂.
    """
    along_1, along_2 = x[0]
    return np.array([-along_2, along_1])


def _blind_cases(seed: int) -> list[Case]:
    draw = np.random.default_rng(seed)
    cases = []
    for size in (2, 4, 6):
        line = draw.uniform(0.5, 2, size=2) * draw.choice([-1, 1], size=2)
        places = draw.uniform(0.5, 1.5, size=size) * draw.choice([-1, 1], size=size)
        cases.append({"x": places[:, None] * line})
    return cases


def _judge_blind(case: Case, found: Any) -> str:
    x = case["x"]
    if np.shape(found) != (2,):
        return f"Expected two numbers θ₁ and θ₂, got shape {np.shape(found)}."
    length = np.linalg.norm(found)
    if not 0 < length < np.inf:
        return "θ must be finite and not 0."
    outputs = np.abs(x @ found) / (length * np.linalg.norm(x, axis=1))
    if outputs.max() > 1e-5:
        return "The output is not 0 on these inputs, so Ω is not either: θ must be across the line."
    return ""


BLIND = Exercise(
    id="02.2",
    name="blind",
    points=2,
    asks="All inputs lie on one line through 0. Find weights θ, not both 0, for which Ω is 0 on "
    "these inputs: MAS would not hold them at all.",
    solution=blind,
    why="Ω is 0 where the output is 0, and F = θ·x is 0 on the whole line if θ is at a right angle "
    "to it. Any multiple is right, too.",
    hints=(
        "What makes 2 F xᵢ equal to 0, though xᵢ is not 0?",
        "The output θ·x must be 0 on the line: θ is at a right angle to it.",
        "Take one input (a, b): θ is (−b, a).",
    ),
    mistakes={
        "zero": (
            lambda x: np.zeros(2),
            "With θ = 0 Ω is 0 everywhere: look for other weights, which are 0 on this line only.",
        ),
        "along the line": (
            lambda x: x[0],
            "This θ points along the inputs, where the output is largest: turn it by a right "
            "angle.",
        ),
        "sign": (
            lambda x: x[0, ::-1],
            "The two numbers are swapped, but θ·x is not 0 yet: one of them must change its sign.",
        ),
        "small": (
            lambda x: 1e-3 * x[0],
            "Here Ω is small, not 0: making θ short does not help, its direction has to change.",
        ),
        "one weight": (
            lambda x: np.array([0.0, 1.0]),
            "This only switches x₁ off: the output is x₂, which is not 0 on this line.",
        ),
    },
    cases=_blind_cases,
    judge=_judge_blind,
    by_property=True,
)
