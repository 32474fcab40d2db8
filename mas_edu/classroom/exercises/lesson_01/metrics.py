"""Exercise 01.2, `metrics`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mas_edu.classroom.exercise import Case, Exercise

Matrix = Any  # [T, T]: a row a moment, a column a task


def metrics(a: np.ndarray) -> dict[str, float]:
    """Return average, forgetting, backward_transfer and learned of an accuracy matrix.

    a: [T, T]; a[i, j] is the accuracy on task j after learning task i. With one task, forgetting
    and backward_transfer are 0.
    """
    last, diagonal = a[-1], np.diag(a)
    falls = [a[j:-1, j].max() - last[j] for j in range(len(a) - 1)]
    gains = [last[j] - diagonal[j] for j in range(len(a) - 1)]
    return {
        "average": float(last.mean()),
        "forgetting": float(np.mean(falls)) if falls else 0.0,
        "backward_transfer": float(np.mean(gains)) if gains else 0.0,
        "learned": float(diagonal.mean()),
    }


def _matrix_cases(seed: int) -> list[Case]:
    """Draw matrices of 1 to 6 tasks, in which every way to take a best comes to another number."""
    draw = np.random.default_rng(seed)
    cases = []
    for tasks in (1, 2, 3, 4, 6):
        a = draw.uniform(0.3, 0.7, (tasks, tasks))
        if tasks > 2:
            a[0, 1] = 0.9  # good before it was learned
            a[1, 0] = a[0, 0] + 0.1  # its best is not just after learning it
            a[-1, tasks - 2] = 0.95  # at the end better than ever
        cases.append({"a": a})
    return cases


def _mean(values: np.ndarray) -> float:
    return float(np.mean(values)) if len(values) else 0.0


def _but(name: str, rule: Callable[[Matrix], float]) -> Callable[[Matrix], dict[str, float]]:
    """Return the metrics with one of them by a wrong rule."""
    return lambda a: {**metrics(a), name: float(rule(a))}


def _falls(best: Callable[[Matrix, int], float], over: int = 1) -> Callable[[Matrix], float]:
    """Return forgetting by another best, or divided by another number: T − `over`."""

    def rule(a: Matrix) -> float:
        falls = [best(a, j) - a[-1, j] for j in range(len(a) - 1)]
        return float(np.sum(falls) / max(1, len(a) - over))

    return rule


def _best(a: Matrix, j: int) -> float:
    return float(a[j:-1, j].max())


METRICS = Exercise(
    id="01.2",
    name="metrics",
    points=3,
    asks="Compute the four numbers of an accuracy matrix. Forgetting is the fall of each earlier "
    "task from its best, from the moment it was learned to the last but one row; backward transfer "
    "compares the end with the moment just after learning.",
    solution=metrics,
    why="The last row is now, the diagonal is just after learning; only earlier tasks can have "
    "been forgotten, so both means leave the last task out.",
    hints=(
        "Which row is 'now', and which cells are 'just after learning'?",
        "For task j only the rows from j on count, and the last task cannot be forgotten yet.",
        "The best of column j from row j to the last but one, minus the last row; the mean over "
        "all tasks but the last.",
    ),
    mistakes={
        "average: last column": (
            _but("average", lambda a: a[:, -1].mean()),
            "Your average is that of the last column: it is the mean of the last row.",
        ),
        "average: diagonal": (
            _but("average", lambda a: np.diag(a).mean()),
            "Your average is that of the diagonal, which is learned: average the last row.",
        ),
        "average: all cells": (
            _but("average", lambda a: a.mean()),
            "Your average takes all cells: only the last row is 'now'.",
        ),
        "average: lower triangle": (
            _but("average", lambda a: a[np.tril_indices(len(a))].mean()),
            "Your average takes the cells on and below the diagonal: only the last row is 'now'.",
        ),
        "average: over time": (
            _but("average", lambda a: np.mean([r[: i + 1].mean() for i, r in enumerate(a)])),
            "Your average is the mean of the averages after each task: take the last row alone.",
        ),
        "forgetting: diagonal": (
            _but("forgetting", _falls(lambda a, j: a[j, j])),
            "Your forgetting falls from the diagonal: take the best since the task was learned, "
            "which may come later.",
        ),
        "forgetting: over T": (
            _but("forgetting", _falls(_best, over=0)),
            "Your forgetting divides by T: the last task cannot be forgotten yet, divide by T − 1.",
        ),
        "forgetting: last row": (
            _but("forgetting", _falls(lambda a, j: a[j:, j].max())),
            "Your best includes the last row, so forgetting is never negative: stop one row before "
            "the end.",
        ),
        "forgetting: too early": (
            _but("forgetting", _falls(lambda a, j: a[:-1, j].max())),
            "Your best includes rows before the task was learned: start at its own row.",
        ),
        "forgetting: sign": (
            _but("forgetting", lambda a: -metrics(a)["forgetting"]),
            "Your forgetting has the wrong sign: the best minus the end, so that a fall is "
            "positive.",
        ),
        "transfer: sign": (
            _but("backward_transfer", lambda a: -metrics(a)["backward_transfer"]),
            "Your backward transfer has the wrong sign: the end minus the diagonal, so that a fall "
            "is negative.",
        ),
        "transfer: best": (
            _but("backward_transfer", lambda a: -metrics(a)["forgetting"]),
            "Your backward transfer falls from the best: compare the end with the diagonal.",
        ),
        "transfer: over T": (
            _but("backward_transfer", lambda a: (a[-1] - np.diag(a)).sum() / len(a)),
            "Your backward transfer divides by T: the last task has no later one, divide by T − 1.",
        ),
        "transfer: row above": (
            _but(
                "backward_transfer",
                lambda a: _mean(a[-1, :-1] - a[-2:, :-1][0]),
            ),
            "Your backward transfer compares the last two rows: compare the last row with the "
            "diagonal.",
        ),
        "learned: last row": (
            _but("learned", lambda a: a[-1].mean()),
            "Your learned is the average at the end: take the diagonal, each task just after "
            "learning it.",
        ),
        "transposed": (
            lambda a: metrics(a.T),
            "Rows and columns are swapped: a row is a moment, a column is a task.",
        ),
    },
    cases=_matrix_cases,
)
