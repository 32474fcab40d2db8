"""Exercise 02.3, `shift`."""

from __future__ import annotations

from typing import Any

import numpy as np

from mas_edu.classroom.exercise import Case, Exercise

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
