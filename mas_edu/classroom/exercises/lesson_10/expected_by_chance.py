"""Exercise 10.5, `expected_by_chance`."""

from __future__ import annotations

import numpy as np

from mas_edu.classroom.exercise import Case, Exercise


def expected_by_chance(methods: int, level: float) -> float:
    """Return how many pairs "differ" in the mean, though all methods are equally good.

    methods: how many are compared, each with each.
    level: how often an interval holds the true gap, such as 0.95.
    """
    pairs = methods * (methods - 1) / 2
    return pairs * (1 - level)


def _chance_cases(seed: int) -> list[Case]:
    draw = np.random.default_rng(seed)
    sizes = [2, *draw.permutation(np.arange(4, 13))[:3].tolist()]
    return [{"methods": size, "level": float(draw.uniform(0.8, 0.99))} for size in sizes]


CHANCE = Exercise(
    id="10.5",
    name="expected_by_chance",
    points=2,
    asks="All methods are equally good, and each pair is judged by its own interval. How many "
    "pairs will seem to differ, on average?",
    solution=expected_by_chance,
    why="Each of the ½ k (k − 1) pairs errs with the chance 1 − level; means add up even if pairs "
    "are not independent. Seven methods at 95 % make 1.05.",
    hints=(
        "How many pairs do three methods make, and how many four?",
        "Each pair is wrong with the chance 1 − level, and such chances add up.",
        "Methods times (methods − 1), over 2, times (1 − level).",
    ),
    mistakes={
        "each pair twice": (
            lambda methods, level: methods * (methods - 1) * (1 - level),
            "Each pair is counted twice: A with B is B with A.",
        ),
        "with itself": (
            lambda methods, level: methods**2 * (1 - level),
            "This counts k² pairs: no method is compared with itself, and each pair counts once.",
        ),
        "half of squares": (
            lambda methods, level: methods**2 / 2 * (1 - level),
            "This is half of k²: leave out each method with itself before you halve.",
        ),
        "methods": (
            lambda methods, level: methods * (1 - level),
            "This counts methods: it is pairs that are compared.",
        ),
        "neighbours": (
            lambda methods, level: (methods - 1) * (1 - level),
            "This compares one method with the others: each is compared with each.",
        ),
        "right ones": (
            lambda methods, level: methods * (methods - 1) / 2 * level,
            "This is how many intervals are right: the others, 1 − level, mislead.",
        ),
        "all pairs": (
            lambda methods, level: methods * (methods - 1) / 2,
            "This is the number of pairs: multiply by the chance that one of them misleads.",
        ),
        "at least one": (
            lambda methods, level: 1 - level ** (methods * (methods - 1) / 2),
            "This is the chance of at least one such pair, if they were independent: the mean "
            "number is asked.",
        ),
    },
    cases=_chance_cases,
)

EXPLAIN = "A table has somebody's own method on top. Explain what you ask before you believe it."
