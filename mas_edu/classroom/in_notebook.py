"""Three calls for the student: check an answer, ask for a hint, see the solution.

check("05.1", penalty)   # right, or the mistake by name
hint("05.1")             # the first hint; called again the second, then the third
solution("05.1")         # after the third hint, or once the answer is right

Points and hints are kept on this computer alone, beside the guesses of the lessons.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import Any

from mas_edu._common import GuessFile, reader_hints, reader_points
from mas_edu.classroom.cards import (
    Card,
    CheckCard,
    hint_card,
    solution_card,
    verdict_card,
)
from mas_edu.classroom.catalogue import find_exercise
from mas_edu.classroom.exercise import Exercise
from mas_edu.classroom.judging import judge_observations
from mas_edu.classroom.observing import observe_cases

SEED = 0  # of the cases in a notebook; graded answers meet others
_hints: dict[str, int] = {}  # while the kernel runs; for where the file cannot be written


def check(number: str, answer: Any) -> Any:
    """Check an answer; make it the last line of a cell.

    Args:
        number: of the exercise, such as "05.1".
        answer: the function or the value that you wrote.

    Returns:
        a card: right, or the mistake by name, and which hint is next. It is shown under the cell;
        `card.right` and `card.verdict` are for programs. When nbgrader runs the notebook: the
        points.

    Raises:
        ValueError: if there is no such exercise. Nothing that the answer does raises.

    >>> check("05.5", ...)
    ○ 05.5 proximal: not written yet
    05.5 is not written yet.
    """
    exercise = find_exercise(number)
    if os.environ.get("MAS_EDU_GRADING"):
        return Card(f"{exercise.id} {exercise.name}: judged after the notebook has run")
    graded = bool(os.environ.get("NBGRADER_EXECUTION"))
    seed = time.time_ns() % 2**31 if graded else SEED
    verdict = judge_observations(exercise, list(observe_cases(exercise, answer, seed)), seed)
    card = verdict_card(exercise, verdict, _seen(exercise))
    if graded:
        _show(card)
        return verdict.points
    if verdict.points > _kept(reader_points(), exercise):
        _keep(reader_points(), exercise, verdict.points)
    return card


def hint(number: str) -> Card:
    """Return a card with the next hint of an exercise, below those asked for before.

    Args:
        number: of the exercise, such as "05.1".
    """
    exercise = find_exercise(number)
    seen = min(_seen(exercise) + 1, len(exercise.hints))
    _hints[exercise.id] = seen
    _keep(reader_hints(), exercise, seen)
    return hint_card(exercise, seen)


def solution(number: str) -> Card:
    """Return a card with the solution, after three hints or once the answer is right.

    Args:
        number: of the exercise, such as "05.1".
    """
    exercise = find_exercise(number)
    left = len(exercise.hints) - _seen(exercise)
    if left and _kept(reader_points(), exercise) < exercise.points:
        text = f'{left} hint{"s are" if left > 1 else " is"} left: me.hint("{exercise.id}").'
        return Card(f"{exercise.id} {exercise.name}: the solution comes after the hints", (text,))
    return solution_card(exercise)


def _seen(exercise: Exercise) -> int:
    """Return how many hints the reader has seen."""
    kept = int(_kept(reader_hints(), exercise))
    return min(max(kept, _hints.get(exercise.id, 0)), len(exercise.hints))


def _kept(file: GuessFile, exercise: Exercise) -> float:
    found = file.read().get(exercise.id, 0)
    return float(found) if isinstance(found, float | int) else 0.0


def _keep(file: GuessFile, exercise: Exercise, value: float) -> None:
    if os.environ.get("NBGRADER_EXECUTION") or os.environ.get("MAS_EDU_GRADING"):
        return  # not the reader at work
    with suppress(OSError):  # a folder that cannot be written spoils no exercise
        file.keep(exercise.id, value)


def _show(card: CheckCard) -> None:
    from IPython.display import display

    display(card)
