"""The objectives of a lesson, and what answers each of them.

A lesson's quiz.py has OBJECTIVES: for each objective of the header, by its first words and in its
order, the questions of the quiz ("quiz 1"), the code cells that check it (their ids, with an
assert) or the exercises ("exercise 01.1") that answer it.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import Any

from tools.lessons.form import cell_of
from tools.lessons.lesson import FOLDER, Lesson

ITEM = re.compile(r"^- (.+(?:\n(?!- |\n).+)*)", re.MULTILINE)


def unanswered(lesson: Lesson) -> list[str]:
    """Return what is wrong with the map of a lesson, in sentences."""
    quiz = importlib.import_module(f"{lesson.module.__name__}.quiz")
    return list(faults(lesson.read(), getattr(quiz, "OBJECTIVES", {}), len(quiz.QUIZ)))


def faults(notebook: Any, answered: dict[str, tuple[str, ...]], questions: int) -> Iterator[str]:
    """Yield each objective without an answer, and each answer that is not there."""
    promised = [" ".join(item.split()) for item in ITEM.findall(cell_of(notebook, "header").source)]
    if len(promised) != len(answered):
        yield f"OBJECTIVES has {len(answered)} entries, the header {len(promised)} objectives"
    for objective, begins in zip(promised, answered, strict=False):
        if not objective.startswith(begins):
            yield f"the objective {objective!r} does not begin with {begins!r}"
    for begins, answers in answered.items():
        if not answers:
            yield f"nothing answers {begins!r}"
        for answer in answers:
            if not _is_there(notebook, answer, questions):
                yield f"{begins!r}: there is no {answer!r}"
    used = {answer for answers in answered.values() for answer in answers}
    for k in range(1, questions + 1):
        if f"quiz {k}" not in used:
            yield f"question {k} of the quiz answers no objective"


def _is_there(notebook: Any, answer: str, questions: int) -> bool:
    kind, _, place = answer.partition(" ")
    if kind == "quiz":
        return place.isdecimal() and 1 <= int(place) <= questions
    if kind == "exercise":
        solutions = FOLDER / "solutions"
        return any(f'"{place}"' in path.read_text("utf-8") for path in solutions.glob("*.ipynb"))
    return any(
        cell.id == answer and cell.cell_type == "code" and "assert " in cell.source
        for cell in notebook.cells
    )
