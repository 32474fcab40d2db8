"""Exercise 11.3, `readings`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from mas_edu.classroom.exercise import Case, Exercise
from mas_edu.classroom.exercises.lesson_11.masked_loss import hidden


def readings(logits: Tensor, y: Tensor, classes: Sequence[int]) -> dict[str, float]:
    """Return the share of right answers to three questions, from the same logits.

    "class": which digit of all? "parity": is that digit even or odd? "within": which of the
    task's classes?

    logits: of all digits, [N, all].
    y: the digits, [N], each one of `classes`.
    classes: of the task.
    """
    digit = logits.argmax(dim=1)
    columns = list(classes)
    within = torch.tensor(columns)[logits[:, columns].argmax(dim=1)]
    return {
        "class": (digit == y).double().mean().item(),
        "parity": (digit % 2 == y % 2).double().mean().item(),
        "within": (within == y).double().mean().item(),
    }


def _reading_cases(seed: int) -> list[Case]:
    """Draw logits in which the right digit is a little ahead."""
    draw = torch.Generator().manual_seed(seed)
    cases = []
    for samples, classes in ((8, [2, 3]), (31, [4, 5]), (50, [1, 5, 8]), (64, [9, 6])):
        logits = torch.randn(samples, 10, generator=draw, dtype=torch.float64)
        y = torch.tensor(classes)[torch.randint(len(classes), (samples,), generator=draw)]
        logits[torch.arange(samples), y] += 0.7
        logits[0, :2], logits[0, y[0]] = 9.0, 5.0  # wrong among all, right within the task
        cases.append({"logits": logits, "y": y, "classes": classes})
    return cases


def _judge_readings(case: Case, found: Any) -> str:
    if not all(0 <= share <= 1 for share in found.values()):
        return "Each of the three is a share, between 0 and 1."
    if found["within"] < found["class"]:
        return "“within” can never be below “class”: who is right among all is right among few."
    return ""


def _reading_if(**changed: Any) -> Any:
    """Return readings of which some are wrong: `rule(logits, y, classes)` for each."""

    def wrong(logits: Tensor, y: Tensor, classes: Sequence[int]) -> dict[str, float]:
        right = readings(logits, y, classes)
        return {**right, **{name: rule(logits, y, classes) for name, rule in changed.items()}}

    return wrong


def _share(right: Tensor) -> float:
    return right.double().mean().item()


def _place(logits: Tensor, classes: Sequence[int]) -> Tensor:
    """Return the place of the largest logit among the columns of these classes."""
    return logits[:, list(classes)].argmax(dim=1)


def _masked_parity(logits: Tensor, y: Tensor, classes: Sequence[int]) -> float:
    return _share(hidden(logits, classes).argmax(dim=1) % 2 == y % 2)


READINGS = Exercise(
    id="11.3",
    name="readings",
    points=2,
    asks="Ask one network in three ways: which digit of all, even or odd, which of the task's "
    "classes? The same logits give three accuracies.",
    solution=readings,
    why="Only what competes changes: all digits for the first two, the task's own for the third. "
    "The network is the same, so the three numbers differ by the question alone.",
    hints=(
        "Which logits compete in each of the three questions?",
        "Parity is read from the answer among all digits. Within the task only its columns "
        "compete.",
        "Take argmax of all for “class” and its remainder by 2 for “parity”; argmax of the "
        "columns, mapped back to digits, for “within”.",
    ),
    mistakes={
        "parity of the masked": (
            _reading_if(parity=_masked_parity),
            "Parity is read from the masked answer: in that question the task is not known, so all "
            "digits compete.",
        ),
        "mask forgotten": (
            _reading_if(within=lambda logits, y, classes: _share(logits.argmax(dim=1) == y)),
            "“within” is the same as “class” here: let only the task's columns compete.",
        ),
        "class masked": (
            _reading_if(**{"class": lambda *case: readings(*case)["within"]}),
            "“class” is masked here: let all digits compete.",
        ),
        "place": (
            _reading_if(within=lambda logits, y, classes: _share(_place(logits, classes) == y)),
            "“within” compares places in `classes` with digits: map the place back to its digit.",
        ),
        "two logits for parity": (
            _reading_if(
                parity=lambda logits, y, classes: _share(logits[:, :2].argmax(dim=1) == y % 2)
            ),
            "Parity is read from the first two logits: these are the digits 0 and 1. Use all ten.",
        ),
        "errors": (
            lambda *case: {name: 1 - share for name, share in readings(*case).items()},
            "These are the shares of wrong answers: count the right ones.",
        ),
        "counts": (
            lambda logits, y, classes: {
                name: share * len(y) for name, share in readings(logits, y, classes).items()
            },
            "These are counts: divide by the number of samples.",
        ),
        "percent": (
            lambda *case: {name: 100 * share for name, share in readings(*case).items()},
            "These are percent: return shares between 0 and 1.",
        ),
    },
    cases=_reading_cases,
    judge=_judge_readings,
)
