"""Exercise 06.4, `numbers`."""

from __future__ import annotations

from typing import Any

import numpy as np

from mas_edu.classroom.exercise import Case, Exercise


def numbers(weights: int, tasks: int, method: str) -> int:
    """Return how many numbers are kept beside the network after some tasks.

    weights: of the network.
    tasks: learned so far.
    method: "L2", "MAS", "EWC apart" (an F and a θ* of every task) or "EWC merged" (one F, one θ*).
    """
    if method == "L2":
        return weights  # θ* alone
    if method == "EWC apart":
        return 2 * tasks * weights
    return 2 * weights


METHODS = ("L2", "MAS", "EWC apart", "EWC merged")


def _number_cases(seed: int) -> list[Case]:
    draw = np.random.default_rng(seed)
    return [
        {"weights": int(draw.integers(5, 50)), "tasks": tasks, "method": method}
        for tasks in (3, int(draw.integers(4, 12)))
        for method in METHODS
    ]


def _judge_numbers(case: Case, found: Any) -> str:
    return f"For {case['method']} count again: which tensors are kept, and for how many tasks?"


def _numbers_if(method: str, rule: Any) -> Any:
    """Return a wrong answer: for one method another count, `rule(weights, tasks)`."""
    return lambda n, tasks, chosen: (
        rule(n, tasks) if chosen == method else numbers(n, tasks, chosen)
    )


NUMBERS = Exercise(
    id="06.4",
    name="numbers",
    points=2,
    asks="How many numbers does a method keep beside the network, after some tasks? Count θ* and "
    "the importance.",
    solution=numbers,
    why="θ* takes one number for each weight, an importance another; where every task keeps its "
    "own pair, the memory grows with the tasks.",
    hints=(
        "What does the penalty of each method need that is not the network itself?",
        "L2 needs θ* alone. MAS adds all tasks up in one Ω. Which of the two EWC keeps a list?",
        "Once, twice, twice for each task, and twice the number of weights.",
    ),
    mistakes={
        "anchor forgotten": (
            _numbers_if("MAS", lambda n, tasks: n),
            "For MAS only one of Ω and θ* is counted: the penalty needs both.",
        ),
        "ones stored": (
            _numbers_if("L2", lambda n, tasks: 2 * n),
            "For L2 an importance is counted: it is 1 for every weight, so nothing is kept for it.",
        ),
        "memory grows": (
            _numbers_if("MAS", lambda n, tasks: 2 * tasks * n),
            "For MAS the memory grows here: all tasks are added up in one Ω.",
        ),
        "one anchor": (
            _numbers_if("EWC apart", lambda n, tasks: (tasks + 1) * n),
            "For EWC apart one θ* is counted: each task keeps its own, beside its F.",
        ),
        "importances alone": (
            _numbers_if("EWC apart", lambda n, tasks: tasks * n),
            "For EWC apart one tensor a task is counted: there are two, F and θ*.",
        ),
        "apart as merged": (
            _numbers_if("EWC apart", lambda n, tasks: 2 * n),
            "For EWC apart one task is counted: every task keeps its F and its θ*.",
        ),
        "merged as apart": (
            _numbers_if("EWC merged", lambda n, tasks: 2 * tasks * n),
            "For EWC merged the memory grows here: one F and one θ* stand for all tasks.",
        ),
        "network counted": (
            lambda n, tasks, method: numbers(n, tasks, method) + n,
            "The network's own weights are counted, too: asked is what is kept beside it.",
        ),
    },
    cases=_number_cases,
    judge=_judge_numbers,
)
