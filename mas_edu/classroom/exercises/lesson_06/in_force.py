"""Exercise 06.2, `in_force`."""

from __future__ import annotations

from typing import Any

import numpy as np

from mas_edu.classroom.exercise import Case, Exercise

Arrays = list[np.ndarray]


def in_force(rule: str, omegas: list[np.ndarray]) -> np.ndarray:
    """Return the Ω that the penalty uses after the last of several tasks.

    rule: "sum", "mean", "max", "moving average" (half old, half new) or "last".
    omegas: the ω measured after each task, the first task first; they stay as they are.
    """
    force = omegas[0]
    for t, new in enumerate(omegas[1:], start=2):
        force = {
            "sum": force + new,
            "mean": force + (new - force) / t,
            "max": np.maximum(force, new),
            "moving average": (force + new) / 2,
            "last": new,
        }[rule]
    return force


RULES = ("sum", "mean", "max", "moving average", "last")


def _force_cases(seed: int) -> list[Case]:
    draw = np.random.default_rng(seed)
    cases = []
    for tasks in (3, 4):
        for rule in RULES:
            omegas = draw.uniform(0.1, 3, size=(tasks, 3))
            omegas[0, 0], omegas[1, 1] = 5, 4  # the largest is in no task alone, nor in the last
            cases.append({"rule": rule, "omegas": list(omegas)})
    return cases


def _judge_force(case: Case, found: Any) -> str:
    return f"The rule “{case['rule']}” is not right yet."


def _force_if(name: str, rule: Any) -> Any:
    """Return a wrong answer: one rule is another function of all ω."""
    return lambda chosen, omegas: rule(omegas) if chosen == name else in_force(chosen, omegas)


def _folded(step: Any, omegas: Arrays) -> Any:
    """Return what `step(old, new)` makes of all ω, one after the other."""
    force = omegas[0]
    for new in omegas[1:]:
        force = step(force, new)
    return force


def _writes_into_input(rule: str, omegas: Arrays) -> Any:
    if rule != "sum":
        return in_force(rule, omegas)
    force = omegas[0]
    for new in omegas[1:]:
        force += new
    return force


IN_FORCE = Exercise(
    id="06.2",
    name="in_force",
    points=2,
    asks="Write the five rules of the lesson: which Ω is in force after the last task?",
    solution=in_force,
    why="Each rule needs the Ω so far and the new one, never the list of all: that is why memory "
    "does not grow.",
    hints=(
        "What is in force after the first task, with each of the rules?",
        "Begin with the first ω; then merge one task after the other into it.",
        "Add; move by (new − old)/t; take the larger; take half of each; take the new one.",
    ),
    mistakes={
        "previous twice": (
            _force_if("sum", lambda omegas: _folded(lambda old, new: 2 * old + new, omegas)),
            "In your sum what is already in force is kept twice: after the third task the first "
            "counts four times.",
        ),
        "largest task": (
            _force_if("max", lambda omegas: max(omegas, key=lambda omega: omega.sum())),
            "Your max takes the whole Ω of one task: take the larger value for each weight.",
        ),
        "mean by halves": (
            _force_if("mean", lambda omegas: in_force("moving average", omegas)),
            "Your mean takes half of each at every task: that is the moving average, in which old "
            "tasks fade.",
        ),
        "mean of fewer": (
            _force_if("mean", lambda omegas: sum(omegas) / (len(omegas) - 1)),
            "Your mean divides by one task too few.",
        ),
        "mean of two": (
            _force_if("mean", lambda omegas: (omegas[0] + omegas[-1]) / 2),
            "Your mean is that of the first and the last task only.",
        ),
        "begun at half": (
            _force_if(
                "moving average",
                lambda omegas: _folded(lambda o, n: (o + n) / 2, [0 * omegas[0], *omegas]),
            ),
            "Your moving average begins with half of the first ω: after one task all of it is in "
            "force.",
        ),
        "average is mean": (
            _force_if("moving average", lambda omegas: in_force("mean", omegas)),
            "Your moving average is the plain mean: take half of what is in force, and half of the "
            "new.",
        ),
        "last minus earlier": (
            _force_if("last", lambda omegas: omegas[-1] - omegas[-2]),
            "Your last is a difference: the ω are those of each task alone, nothing is to be taken "
            "off.",
        ),
        "first": (
            _force_if("last", lambda omegas: omegas[0]),
            "Your last is the first task's ω: the newest one is at the end of the list.",
        ),
        "writes into the list": (
            _writes_into_input,
            "The result is right, but += writes into the first ω: begin with a copy.",
        ),
    },
    cases=_force_cases,
    judge=_judge_force,
)
