"""Find exercises by their number; each lesson has a file with its own, `EXERCISES`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from mas_edu._common import as_choice
from mas_edu.classroom import exercises as lessons
from mas_edu.classroom.exercise import Exercise


@cache
def all_exercises() -> dict[str, Exercise]:
    """Return every exercise of the course by its number, in order."""
    names = sorted(module.name for module in pkgutil.iter_modules(lessons.__path__))
    modules = [importlib.import_module(f"{lessons.__name__}.{name}") for name in names]
    return {exercise.id: exercise for module in modules for exercise in module.EXERCISES}


def find_exercise(number: str) -> Exercise:
    """Return the exercise of this number.

    Raises:
        ValueError: if there is none.

    >>> find_exercise("05.1")
    Exercise(05.1 penalty)
    """
    return all_exercises()[as_choice("exercise", number, all_exercises())]
