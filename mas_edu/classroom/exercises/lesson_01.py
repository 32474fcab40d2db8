"""Exercises of lesson 01: the accuracy matrix, its four numbers, what forgetting looks like."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from torch import nn

from mas_edu.classroom.exercise import Case, Exercise

Matrix = Any  # [T, T]: a row a moment, a column a task

# ---- 01.1 --------------------------------------------------------------------------------------


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

# ---- 01.2 --------------------------------------------------------------------------------------


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

# ---- 01.3 --------------------------------------------------------------------------------------

LONGER = Exercise(
    id="01.3",
    name="longer",
    points=1,
    asks="Task B is learned for 1, then 10, then 100 epochs (`me.Schedule(epochs=…, lr=0.003)` "
    "for B alone, A as before). Try it, then choose the true sentence: `A`, the longer B, the "
    "less is left of A, down to guessing; `B`, A falls and then comes back; `C`, A stops falling "
    "once B is learned; `D`, A is kept, whatever B does.",
    solution="A",
    start='longer = ...  # "A", "B", "C" or "D"',
    why="Nothing in the loss speaks of A: every further update for B may move weights that A "
    "needs, also after B is nearly perfect.",
    hints=(
        "Is there anything in the loss of B that knows of A?",
        "Look at A after 10 and after 100 epochs, and at B beside it.",
        "From 10 to 100 epochs B gains little; see whether A still falls.",
    ),
    mistakes={
        "comes back": (
            "B",
            "A does not come back: nothing in B's loss pulls towards A. Look at 100 epochs.",
        ),
        "stops": (
            "C",
            "A goes on falling while B hardly improves: compare 10 with 100 epochs.",
        ),
        "kept": (
            "D",
            "A is not kept: without a penalty each update for B may undo what A needs.",
        ),
    },
)

# ---- 01.4 --------------------------------------------------------------------------------------

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

EXERCISES = (MATRIX, METRICS, LONGER, WHICH)

EXPLAIN = "Explain to a friend why a network forgets, and which two numbers show it."
