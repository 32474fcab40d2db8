"""Exercises of lesson 02: Ω of two weights, where it is blind, and when MAS is L2."""

from __future__ import annotations

from typing import Any

import numpy as np

from mas_edu.classroom.exercise import Case, Exercise
from mas_edu.importance import mas

# ---- 02.1 --------------------------------------------------------------------------------------


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

# ---- 02.2 --------------------------------------------------------------------------------------


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

# ---- 02.3 --------------------------------------------------------------------------------------

W = np.array([[0.5, -0.25], [-0.5, 1.0]])
X = np.array([1.0, 2.0])


def _judge_shift(case: Case, found: Any) -> str:
    if not isinstance(found, dict) or found.keys() != {"c", "prediction_changed"}:
        return "Expected a dict with c and prediction_changed, and nothing else."
    if not isinstance(found["c"], float):
        return "Expected a number as c."
    rows = np.abs(2 * (W @ X + found["c"])[:, None] * X)
    if not np.allclose(rows[0], rows[1]):
        first, second = (f"({row[0]:.3g}, {row[1]:.3g})" for row in rows)
        return f"With this c the rows of Ω are {first} and {second}: they are not equal."
    if found["prediction_changed"] is not False:
        return "c is right; see which of the two logits is larger before and after: True or False?"
    return ""


SHIFT = Exercise(
    id="02.3",
    name="shift",
    points=1,
    asks="A network has W = [[0.5, −0.25], [−0.5, 1]] and the input x = (1, 2), so Ω has a row for "
    "each logit. Which c ≠ 0, added to both logits, makes the two rows of Ω equal? Does it change "
    "which class is predicted (True or False)?",
    solution={"c": -0.75, "prediction_changed": False},
    why="The logits are 0 and 1.5; with c = −0.75 they are −0.75 and 0.75, equally far from 0. "
    "The order of the logits, and so the prediction, stays: Ω sees what no prediction shows.",
    hints=(
        "What are the two logits without c?",
        "The rows of Ω are 2 |logit| · |x|: the two logits must be equally far from 0.",
        "Solve c = −(1.5 + c). Then see which logit is the larger one.",
    ),
    mistakes={
        "sign": (
            {"c": 0.75, "prediction_changed": False},
            "The sign is wrong: this moves the logits to 0.75 and 2.25, away from 0.",
        ),
        "one row is 0": (
            {"c": -1.5, "prediction_changed": False},
            "This makes the second logit 0 and the first −1.5: both must be equally far from 0.",
        ),
        "nothing added": (
            {"c": 0.0, "prediction_changed": False},
            "Without a constant the first row of Ω is 0: its logit is 0, the other is 1.5.",
        ),
        "large": (
            {"c": 3.0, "prediction_changed": False},
            "A large c makes the rows more alike, never equal: 3 and 4.5 are not equally far "
            "from 0.",
        ),
        "prediction": (
            {"c": -0.75, "prediction_changed": True},
            "c is right, but the prediction stays: the same number on both logits does not change "
            "which is larger.",
        ),
    },
    judge=_judge_shift,
    by_property=True,
    start='shift = {"c": ..., "prediction_changed": ...}  # a number; True or False',
)

# ---- 02.4 --------------------------------------------------------------------------------------

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
EXERCISES = (OMEGA, BLIND, SHIFT, INPUTS)
