"""Exercise 06.6, `order`."""

from __future__ import annotations

from typing import Any

from mas_edu.classroom.exercise import Case, Exercise


def _judge_order(case: Case, found: Any) -> str:
    return "" if found == "A" else 'Choose "A", "B", "C" or "D".'


ORDER = Exercise(
    id="06.6",
    name="order",
    points=1,
    asks="The same five tasks in three orders. With `s = me.rotated()`, "
    '`me.Stream("zigzag", [s[k] for k in (0, 3, 1, 4, 2)], s.outputs, s.shape)` is one; take '
    "forwards and backwards as well. Learn each with `me.MAS()` at λ = 0.1 and with "
    "`me.FineTune()`, three seeds, `me.Schedule(epochs=10, lr=0.003)`; half a minute in all. "
    "Compare `record.average`, then choose the true sentence: `A`, the order moves the average by "
    "more than ten points, with MAS and without; `B`, without a penalty the order matters, with "
    "MAS it does not; `C`, backwards is the worst order for both; `D`, MAS is ahead by about as "
    "much in each order.",
    solution="A",
    start='order = ...  # "A", "B", "C" or "D"',
    why="Which tasks come last, and how far neighbours lie apart, decides what a network can keep. "
    "So a comparison of methods on one order says little about another.",
    hints=(
        "What stays the same if only the order changes, and what is learned last?",
        "Make a table: three orders, two methods, the mean over three seeds in each cell.",
        "Subtract the smallest from the largest mean, once for MAS, once without a penalty.",
    ),
    mistakes={
        "MAS evens out": (
            "B",
            "With MAS the orders differ as well: compare backwards with the other two.",
        ),
        "backwards": (
            "C",
            "For MAS backwards is the worst, without a penalty it is not: look at forwards.",
        ),
        "same lead": (
            "D",
            "The lead of MAS is far from equal: subtract the two methods within each order.",
        ),
    },
    judge=_judge_order,
    by_property=True,
)

EXPLAIN = "Explain to a friend why two rules that merge Ω cannot be compared at one λ."
