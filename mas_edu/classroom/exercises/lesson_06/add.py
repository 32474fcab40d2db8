"""Exercise 06.1, `add`."""

from __future__ import annotations

from typing import Any

import numpy as np

from mas_edu.classroom.exercise import Case, Exercise


def add(mean: np.ndarray, n: int, more: np.ndarray, m: int) -> np.ndarray:
    """Return Ω over n + m samples from Ω over the first n and Ω over m others.

    mean: Ω over the first n samples; n may be 0.
    more: Ω over the m others, same shape.
    """
    total: np.ndarray = n * mean + m * more
    return total / (n + m)


def _add_cases(seed: int) -> list[Case]:
    draw = np.random.default_rng(seed)
    cases = []
    for n, m in ((1, 3), (0, 2), (5, 2), (40, 8)):
        mean, more = draw.uniform(0.1, 5, size=(2, 3))
        if n == 0:
            mean = np.zeros(3)
        else:
            mean[0], more[1] = more[0] + 1, mean[1] + 1  # each is the larger one somewhere
        cases.append({"mean": mean, "n": n, "more": more, "m": m})
    return cases


def _judge_add(case: Case, found: Any) -> str:
    if case["n"] == 0:
        return "With n = 0 nothing was seen before: the result is Ω of the m samples."
    low, high = np.minimum(case["mean"], case["more"]), np.maximum(case["mean"], case["more"])
    if (found < low - 1e-6).any() or (found > high + 1e-6).any():
        return "A mean over all samples lies between the two."
    return ""


ADD = Exercise(
    id="06.1",
    name="add",
    points=2,
    asks="Ω is a mean over samples, and they come in chunks of different sizes. Write Ω over n + m "
    "samples from Ω over n and Ω over m.",
    solution=add,
    why="Multiplied by n, the mean is the sum over the first samples again; sums add up, and n + m "
    "makes a mean of them. So the chunks may come in any order.",
    hints=(
        "What is the sum over the first n samples, if you know their mean?",
        "Turn both means into sums, add these, and make a mean again.",
        "Take n times the first plus m times the second, over n plus m.",
    ),
    mistakes={
        "plain mean": (
            lambda mean, n, more, m: (mean + more) / 2,
            "This is the mean of two means: a chunk with more samples has to count more.",
        ),
        "sum": (
            lambda mean, n, more, m: mean + more,
            "This is the sum of two means: Ω over all samples lies between them.",
        ),
        "swapped": (
            lambda mean, n, more, m: (m * mean + n * more) / (n + m),
            "The numbers are swapped: the mean over n samples counts n times.",
        ),
        "larger": (
            lambda mean, n, more, m: np.maximum(mean, more),
            "This is the larger of the two: a mean takes both into account.",
        ),
        "not divided": (
            lambda mean, n, more, m: n * mean + m * more,
            "This is the sum over all samples: divide it by their number.",
        ),
        "divided by m": (
            lambda mean, n, more, m: (n * mean + m * more) / m,
            "This divides by the new samples only: divide by all, n + m.",
        ),
        "like one sample": (
            lambda mean, n, more, m: mean + (more - mean) / (n + 1),
            "Here the chunk counts like a single sample: it stands for m of them.",
        ),
        "newest": (
            lambda mean, n, more, m: more,
            "This forgets the first n samples.",
        ),
    },
    cases=_add_cases,
    judge=_judge_add,
)
