"""Exercise 01.1, `accuracy_matrix`."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from torch import nn

from mas_edu.classroom.exercise import Case, Exercise

Matrix = Any  # [T, T]: a row a moment, a column a task


def accuracy_matrix(
    model: nn.Module,
    tasks: Sequence[Any],
    train: Callable[[Any, Any], None],
    test: Callable[[Any, Any], float],
) -> np.ndarray:
    """Learn the tasks one after the other; return the accuracy on all of them after each, [T, T].

    model: the network; every task is learned with this one.
    tasks: the tasks, in the order in which they are learned.
    train: `train(model, task)` trains the network on a task.
    test: `test(model, task)` returns its accuracy on a task.
    """
    rows = []
    for task in tasks:
        train(model, task)
        rows.append([test(model, other) for other in tasks])
    return np.array(rows)


class Pupil:
    """Stands for a network: it remembers what it was trained on, in order."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.learned: list[str] = []

    def accuracy(self, task: str) -> float:
        """Return a number that depends on all that was learned so far, and on the task."""
        return random.Random(f"{self.seed} {self.learned} {task}").random()


def _stream_cases(seed: int) -> list[Case]:
    return [{"seed": seed, "tasks": list("ABCDE"[:tasks])} for tasks in (2, 3, 5)]


def _observe_matrix(answer: Any, case: Case) -> Any:
    """Return the matrix, and the tasks in the order in which any network was trained on them."""
    trained: list[str] = []

    def train(model: Pupil, task: str) -> None:
        trained.append(task)
        model.learned.append(task)

    def test(model: Pupil, task: str) -> float:
        return model.accuracy(task)

    found = answer(Pupil(case["seed"]), list(case["tasks"]), train, test)
    return {"matrix": found, "trained on": " ".join(trained)}


def _judge_matrix(case: Case, found: Any) -> str:
    if found["trained on"] != " ".join(case["tasks"]):
        return (
            f"It was trained on {found['trained on'] or 'nothing'}; train once on each task, "
            "in their order."
        )
    return ""


def _wrong_matrix(
    *,
    seen: float | None = None,
    before: bool = False,
    again: bool = False,
    at_end: bool = False,
    fresh: bool = False,
) -> Callable[..., Matrix]:
    """Return a way to fill the matrix with something wrong in it."""

    def wrong(model: Any, tasks: Any, train: Any, test: Any) -> Matrix:
        rows, first = [], copy.deepcopy(model)
        for k, task in enumerate(tasks):
            if before:
                rows.append([test(model, other) for other in tasks])
            model = copy.deepcopy(first) if fresh else model
            for one in tasks[: k + 1] if again else [task]:
                train(model, one)
            if not before:
                rows.append([test(model, other) for other in tasks])
            if seen is not None:
                rows[-1][k + 1 :] = [seen] * (len(tasks) - k - 1)
        return np.array([rows[-1]] * len(tasks) if at_end else rows)

    return wrong


MATRIX = Exercise(
    id="01.1",
    name="accuracy_matrix",
    points=2,
    asks="Fill the accuracy matrix: row i holds the accuracies on all tasks after learning task i.",
    solution=accuracy_matrix,
    why="A row is a moment: right after a task was learned, all tasks are tested, also those still "
    "to come.",
    hints=(
        "When is a row complete, and what has happened just before?",
        "Two loops: over the tasks that are learned, and over those that are tested. Which is the "
        "outer one?",
        "For each task: train on it, then test on all tasks, and append these numbers as a row.",
    ),
    mistakes={
        "transposed": (
            lambda *args: accuracy_matrix(*args).T,
            "Rows and columns are swapped: a row is a moment, a column is a task.",
        ),
        "seen only, zeros": (
            _wrong_matrix(seen=0.0),
            "Tasks still to come have 0: test on all tasks in every row, also on those not learned "
            "yet.",
        ),
        "seen only, empty": (
            _wrong_matrix(seen=float("nan")),
            "Tasks still to come are left empty: test on all tasks in every row.",
        ),
        "before training": (
            _wrong_matrix(before=True),
            "Each row is taken before its task is learned: train first, then test.",
        ),
        "joint": (
            _wrong_matrix(again=True),
            "Earlier tasks are trained again each time: then nothing is forgotten. Train on the "
            "new task alone.",
        ),
        "at the end": (
            _wrong_matrix(at_end=True),
            "All rows are the last one: test after each task, not only at the end.",
        ),
        "fresh network": (
            _wrong_matrix(fresh=True),
            "Each task gets a new network: go on with the same one, or there is nothing to forget.",
        ),
    },
    cases=_stream_cases,
    observe=_observe_matrix,
    judge=_judge_matrix,
)
