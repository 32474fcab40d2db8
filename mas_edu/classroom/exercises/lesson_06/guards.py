"""Exercise 06.3, `guards`."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from mas_edu.classroom.exercise import Case, Exercise

Arrays = list[np.ndarray]


def all_stored(omegas: Arrays) -> Arrays:  # noqa: D103
    stored: Arrays = []
    for omega in omegas:
        stored.append(omega + sum(stored))
    return stored


COUNTS = [4, 2, 1, 1]


def _judge_guards(case: Case, found: Any) -> str:
    if not isinstance(found, np.ndarray) or found.shape != (4,):
        return "Expected a list of four numbers, task 1 first."
    return "" if list(found) == COUNTS else "Write down the list entry by entry, task by task."


GUARDS = Exercise(
    id="06.3",
    name="guards",
    points=1,
    asks="After each task this code stores a new Ω, and the penalty uses the last one stored. How "
    "often does ω of the tasks 1, 2, 3 and 4 count while task 5 is learned?\n\n```python\n"
    + inspect.getsource(all_stored)
    .replace(" -> Arrays:  # noqa: D103", ":")
    .replace(": Arrays", "")
    + "```\n\nThe answer is a list of four numbers, task 1 first.",
    solution=COUNTS,
    why="What is stored already holds the earlier tasks, and all of it is added again: ω₁, then "
    "ω₁ + ω₂, then 2ω₁ + ω₂ + ω₃, then 4ω₁ + 2ω₂ + ω₃ + ω₄. Old tasks double each time.",
    hints=(
        "What is in the list after task 1, and what after task 2?",
        "Write down each entry of the list as so many ω₁, ω₂, ω₃ and ω₄.",
        "The fourth entry is ω₄ plus the three entries before it: add up how often each ω is in "
        "them.",
    ),
    mistakes={
        "sum": (
            [1, 1, 1, 1],
            "This is what a sum should be: but here the stored entries already contain the earlier "
            "tasks.",
        ),
        "list added at the end": (
            [4, 3, 2, 1],
            "This adds up a list of plain sums, the bug of the lesson: here each entry adds all "
            "entries before it.",
        ),
        "one task further": (
            [8, 4, 2, 1],
            "This adds up all four entries: the penalty uses the fourth one alone.",
        ),
        "after task 3": (
            [2, 1, 1, 0],
            "This is the third entry: while task 5 is learned the fourth is in force.",
        ),
        "after task 5": (
            [8, 4, 2, 1, 1],
            "This is the fifth entry: it is stored after task 5, here four are asked.",
        ),
        "upside down": (
            [1, 1, 2, 4],
            "These are the right numbers from the other end: the list begins with task 1.",
        ),
        "counted by task": (
            [1, 2, 3, 4],
            "This gives the newest task the most: here it is the oldest that is added again and "
            "again.",
        ),
        "powers to the end": (
            [8, 4, 2, 2],
            "Twice the right numbers: the last task is new, so it counts once.",
        ),
    },
    judge=_judge_guards,
    by_property=True,
)
