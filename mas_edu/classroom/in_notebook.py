"""Three calls for the student: check an answer, ask for a hint, see the solution.

check("05.1", penalty)   # right, or the mistake by name
hint("05.1")             # the first hint; called again the second, then the third
solution("05.1")         # after the third hint, or once the answer is right

Points, tries and hints are kept on this computer alone, beside the guesses of the lessons; the code
of an answer is not.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from mas_edu._common import (
    Guess,
    ReaderFile,
    as_kept_number,
    reader_hints,
    reader_points,
    reader_results,
    reader_tries,
)
from mas_edu.classroom.cards import (
    Card,
    CheckCard,
    hint_card,
    solution_card,
    verdict_card,
)
from mas_edu.classroom.catalogue import find_exercise
from mas_edu.classroom.exercise import Exercise
from mas_edu.classroom.judging import Verdict, judge_observations
from mas_edu.classroom.observing import observe_cases

CardOrCheck = TypeVar("CardOrCheck", bound=Card)
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
    if _in_grading():
        return _later(number)
    exercise = find_exercise(number)
    graded = bool(os.environ.get("NBGRADER_EXECUTION"))
    seed = time.time_ns() % 2**31 if graded else SEED
    verdict = judge_observations(exercise, list(observe_cases(exercise, answer, seed)), seed)
    card = verdict_card(exercise, verdict, _seen(exercise))
    if graded:
        _show(card)
        return verdict.points
    return _with_line(card, _record(exercise, verdict))


def hint(number: str) -> Card:
    """Return a card with the next hint of an exercise, below those asked for before.

    Args:
        number: of the exercise, such as "05.1".
    """
    if _in_grading():
        return _later(number)
    exercise = find_exercise(number)
    seen = min(_seen(exercise) + 1, len(exercise.hints))
    _hints[exercise.id] = seen
    words = _keep(reader_hints(), exercise, lambda _: seen)
    return _with_line(hint_card(exercise, seen), words)


def solution(number: str) -> Card:
    """Return a card with the solution, after three hints or once the answer is right.

    Args:
        number: of the exercise, such as "05.1".
    """
    if _in_grading():
        return _later(number)
    exercise = find_exercise(number)
    left = len(exercise.hints) - _seen(exercise)
    if left and _kept(reader_points(), exercise) < exercise.points:
        text = f'{left} hint{"s are" if left > 1 else " is"} left: me.hint("{exercise.id}").'
        return Card(f"{exercise.id} {exercise.name}: the solution comes after the hints", (text,))
    return solution_card(exercise)


def _in_grading() -> bool:
    return bool(os.environ.get("MAS_EDU_GRADING"))


def _later(number: str) -> Card:
    """Return the card while a submission is graded; a teacher's own exercise is unknown there."""
    return Card(f"{number}: judged after the notebook has run")


def _seen(exercise: Exercise) -> int:
    """Return how many hints the reader has seen."""
    kept = int(_kept(reader_hints(), exercise))
    return min(max(kept, _hints.get(exercise.id, 0)), len(exercise.hints))


def _kept(file: ReaderFile, exercise: Exercise) -> float:
    return as_kept_number(file.read().get(exercise.id))


def _record(exercise: Exercise, verdict: Verdict) -> str:
    """Keep what a check found; return what there is to say of a folder that cannot be written."""
    if verdict.status == "unwritten":
        return ""
    now = "right" if verdict.right else "wrong"
    words = [
        _keep(reader_points(), exercise, lambda kept: max(as_kept_number(kept), verdict.points)),
        _keep(reader_results(), exercise, lambda kept: "right" if kept == "right" else now),
        _keep(reader_tries(), exercise, lambda kept: int(as_kept_number(kept)) + 1),
    ]
    return "".join(words)


def _keep(file: ReaderFile, exercise: Exercise, new: Callable[[Guess | None], Guess]) -> str:
    if os.environ.get("NBGRADER_EXECUTION"):
        return ""  # not the reader at work
    return file.change_if_possible(exercise.id, new)


def _with_line(card: CardOrCheck, line: str) -> CardOrCheck:
    return replace(card, lines=(*card.lines, line)) if line else card


def _show(card: CheckCard) -> None:
    from IPython.display import display

    display(card)
