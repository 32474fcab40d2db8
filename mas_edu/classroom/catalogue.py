"""Find exercises by their number: those of the course, and a teacher's own.

Each lesson has a file with its own, `EXERCISES`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from mas_edu._common import as_choice, short_repr
from mas_edu.classroom import exercises as lessons
from mas_edu.classroom.exercise import Exercise

_loaded: dict[Path, tuple[str, dict[str, Exercise]]] = {}  # a teacher's files: digest, exercises


def all_exercises() -> dict[str, Exercise]:
    """Return every exercise by its number: those of the course in order, then a teacher's own."""
    return {**_course_exercises(), **own_exercises()}


def own_exercises(file: Path | None = None) -> dict[str, Exercise]:
    """Return a teacher's own exercises by their numbers, those of one file or of all."""
    files = _loaded if file is None else {file} & _loaded.keys()
    return {number: one for each in files for number, one in _loaded[each][1].items()}


def add_exercises(file: Path, digest: str, exercises: Sequence[Exercise]) -> None:
    """Add a teacher's own exercises; they replace those that the same file brought before."""
    _loaded[file] = digest, {exercise.id: exercise for exercise in exercises}


def own_digests() -> list[str]:
    """Return the digests of the teacher's files."""
    return sorted(digest for digest, _ in _loaded.values())


def find_exercise(number: str) -> Exercise:
    """Return the exercise of this number.

    Raises:
        ValueError: if there is none.

    >>> find_exercise("05.1")
    Exercise(05.1 penalty)
    """
    known = all_exercises()
    if isinstance(number, str) and number not in known and number[:1].isalpha():
        raise ValueError(
            f"exercise: expected one that is loaded, got {short_repr(number)}; first "
            'mas_edu.classroom.load_exercises("its_file.py")'
        )
    return known[as_choice("exercise", number, known)]


@cache
def _course_exercises() -> dict[str, Exercise]:
    names = sorted(module.name for module in pkgutil.iter_modules(lessons.__path__))
    modules = [importlib.import_module(f"{lessons.__name__}.{name}") for name in names]
    return {exercise.id: exercise for module in modules for exercise in module.EXERCISES}
