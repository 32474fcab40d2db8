"""Exercise 01.4, `which`."""

from __future__ import annotations

from typing import Any

from mas_edu.classroom.exercise import Case, Exercise

NAMED = {"A": "joint", "B": "forgetting", "C": "helped", "D": "not learned"}
REASONS = {
    "A": "both tasks are high at the end, and neither fell: that takes the data of both.",
    "B": "task 1 was high, and fell while task 2 was learned.",
    "C": "task 1 rose while task 2 was learned.",
    "D": "task 1 is near 10 % in its own row already: there was nothing to forget.",
}


def _judge_named(case: Case, found: Any) -> str:
    wrong = [name for name, right in NAMED.items() if found[name] != right]
    return f"{wrong[0]} is another one: {REASONS[wrong[0]]}" if wrong else ""


def _swapped(first: str, second: str) -> dict[str, str]:
    return {**NAMED, first: NAMED[second], second: NAMED[first]}


WHICH = Exercise(
    id="01.4",
    name="which",
    points=1,
    asks="Four runs of two tasks, ten classes; each line is the accuracy on tasks 1 and 2 after "
    "learning task 1, then after learning task 2. A: 95, 12, then 94, 93. B: 95, 12, then 31, 93. "
    "C: 71, 60, then 83, 92. D: 11, 10, then 10, 93. Name each: `joint` (trained on both together "
    "in the second half), `forgetting`, `helped` (task 2 helped task 1) or `not learned` (task 1 "
    "never was).",
    solution=NAMED,
    start='which = {"A": ..., "B": ..., "C": ..., "D": ...}',
    why="Read a column from its own row downwards: a fall is forgetting, a rise is help, and a "
    "column that starts at guessing was never learned.",
    hints=(
        "What would guessing be with ten classes?",
        "Follow task 1: where does it start, and where does it end?",
        "Two of the four end low on task 1; only one of these was high before.",
    ),
    mistakes={
        "forgetting and not learned": (
            _swapped("B", "D"),
            "B and D are swapped: to be forgotten, a task must have been known before.",
        ),
        "joint and helped": (
            _swapped("A", "C"),
            "A and C are swapped: help is a rise of task 1, and A does not rise.",
        ),
        "joint and forgetting": (
            _swapped("A", "B"),
            "A and B are swapped: with both tasks' data nothing falls.",
        ),
    },
    judge=_judge_named,
)
