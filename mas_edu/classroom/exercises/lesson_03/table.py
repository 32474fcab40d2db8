"""Exercise 03.1, `table`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mas_edu.classroom.exercise import Exercise

WEIGHTS = np.array([[1.0, -1.0], [2.0, 1.0]])  # of the two hidden units, [unit, input]
OUT = np.array([1.0, -2.0])  # of the output
SAMPLES = np.array([[1.0, 2.0], [2.0, 1.0], [-1.0, 3.0]])
EDGES = ("w11", "w12", "w21", "w22", "v1", "v2")  # w21: from input 1 to hidden unit 2


def _table(
    *,
    factor: float = 2.0,
    outer: Callable[[Any], Any] = lambda g: np.abs(g).mean(0),
    relu: bool = True,
    through: bool = True,
    squared: bool = True,
) -> dict[str, float]:
    """Return the six Ω of the small network; each argument is a way to go wrong."""
    gradients = []
    for x in SAMPLES:
        z = WEIGHTS @ x
        a = np.maximum(z, 0)
        delta_out = factor * (OUT @ a if squared else 1.0)
        delta = delta_out * (OUT if through else 1.0) * ((z > 0) if relu else 1.0)
        gradients.append([*np.outer(delta, x).ravel(), *(delta_out * a)])
    values = outer(np.array(gradients))  # [6]
    return {edge: round(float(value), 4) for edge, value in zip(EDGES, values, strict=True)}


TABLE = Exercise(
    id="03.1",
    name="table",
    points=2,
    asks="By hand: two inputs, two hidden units with ReLU, one output F, no biases. Hidden unit 1 "
    "has the weights w11 = 1 and w12 = −1, hidden unit 2 has w21 = 2 and w22 = 1; the output has "
    "v1 = 1 and v2 = −2. The samples are (1, 2), (2, 1) and (−1, 3). Give Ω of the six weights: "
    "the mean over the samples of |∂F²/∂w|.",
    solution=_table(),
    start='table = {"w11": ..., "w12": ..., "w21": ..., "w22": ..., "v1": ..., "v2": ...}',
    why="For each sample the output has δ = 2F; a hidden unit that fires gets δ times its weight "
    "v, one that does not gets 0; each edge multiplies its δ by what enters it.",
    hints=(
        "What is the derivative of F² by F?",
        "Go backwards: δ at the output, then at each hidden unit that fires; then multiply each δ "
        "by what enters the edge.",
        "For each of the three samples write six products δ · input; take their absolute values, "
        "add them up for each edge, and divide by 3.",
    ),
    mistakes={
        "no factor 2": (
            _table(factor=1.0),
            "All six are half of it: the derivative of F² by F is 2F.",
        ),
        "no absolute value": (
            _table(outer=lambda g: g.mean(0)),
            "This is the mean of the gradients themselves: take the absolute value of each "
            "sample's first.",
        ),
        "absolute after the mean": (
            _table(outer=lambda g: np.abs(g.mean(0))),
            "This equals |mean gradient|: the absolute value came after the mean. Take it for each "
            "sample.",
        ),
        "sum": (
            _table(outer=lambda g: np.abs(g).sum(0)),
            "This is the sum over the samples: divide by their number, 3.",
        ),
        "no ReLU": (
            _table(relu=False),
            "A hidden unit that does not fire passes no gradient back: its two edges get 0 from "
            "that sample.",
        ),
        "not through v": (
            _table(through=False),
            "The δ of a hidden unit is missing its weight to the output: multiply by v.",
        ),
        "output alone": (
            _table(squared=False),
            "This has δ = 2 for every sample: it is the gradient of 2F. F² also brings the output "
            "F.",
        ),
    },
)
