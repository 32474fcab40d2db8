"""Exercise 02.4, `inputs`."""

from __future__ import annotations

from typing import Any

import numpy as np

from mas_edu.classroom.exercise import Case, Exercise
from mas_edu.classroom.exercises.lesson_02.omega import omega
from mas_edu.importance import mas

THETA_A = np.array([1.5, 0.2])
SAMPLES = 20


def inputs() -> np.ndarray:
    """Return at least 20 inputs, [N, 2], for which Ω of both weights is equal at θ = (1.5, 0.2).

    They may not all lie on one line through 0.
    """
    return np.tile([[1.0, 1.0], [1.0, -1.0]], (10, 1))


def _judge_inputs(case: Case, found: Any) -> str:
    x = np.asarray(found, float)
    if x.ndim != 2 or x.shape[1] != 2 or not np.isfinite(x).all():
        return f"Expected finite numbers of shape (N, 2), got shape {x.shape}."
    if len(x) < SAMPLES:
        return f"Expected at least {SAMPLES} inputs, got {len(x)}."
    sizes = np.linalg.svd(x, compute_uv=False)
    if not sizes[1] > 1e-3 * sizes[0]:
        return "These inputs lie on one line through 0: let them reach in both directions."
    first, second = omega(THETA_A, x)
    if not abs(first - second) <= 0.01 * max(first, second):
        return f"Ω of the two weights is {first:.3g} and {second:.3g}: not equal within 1 %."
    return ""


def _equal_squares() -> np.ndarray:
    return np.tile([[1.0, 0.0], [0.0, 1.0]], (10, 1))


INPUTS = Exercise(
    id="02.4",
    name="inputs",
    points=2,
    asks="Make inputs for which MAS is no better than L2: at θ = (1.5, 0.2), Ω of both weights is "
    "equal within 1 %. At least 20 of them, not all on one line through 0.",
    solution=inputs,
    why="Ωᵢ is the mean of 2 |F| |xᵢ|. If |x₁| = |x₂| in each sample, the two are equal whatever "
    "the output is; the signs keep the inputs off a single line.",
    hints=(
        "What do Ω of the first and of the second weight share, in each sample?",
        "Both have the factor |F|. They differ in |x₁| and |x₂| only.",
        "Let |x₁| = |x₂| in each sample, and let the signs agree in some, differ in others.",
    ),
    mistakes={
        "equal squares": (
            _equal_squares,
            "Σ x₁² equals Σ x₂² here, but the output enters as well: look at 2 F xᵢ.",
        ),
        "one line": (
            lambda: np.ones((20, 2)),
            "Ω is equal, but these inputs lie on one line through 0: let some signs differ.",
        ),
        "too few": (
            lambda: np.array([[1.0, 1.0], [1.0, -1.0]]),
            "Ω is equal, but these are two inputs: make at least 20.",
        ),
        "zeros": (
            lambda: np.zeros((20, 2)),
            "All inputs are 0, and so is Ω: with nothing to see MAS holds nothing.",
        ),
        "across theta": (
            lambda: np.tile([-0.2, 1.5], (20, 1)),
            "The output is 0 on all of these, so Ω is 0: that is the blind spot of 02.2.",
        ),
    },
    judge=_judge_inputs,
    by_property=True,
    guarded=(mas,),
)

EXPLAIN = "Explain to a friend why a weight can be important although its Ω is 0."
