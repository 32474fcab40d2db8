"""The part of a teacher's own exercise that a student's process needs: what is judged stays away.

In `grade` the process that runs a submission gets the cases and how to call an answer. Solution,
mistakes, hints and judge stay in the teacher's process, unless `cases` or `observe` use them.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from mas_edu.classroom.catalogue import own_exercises
from mas_edu.classroom.exercise import Exercise


@dataclass(frozen=True)
class Arguments:
    """Stands for a solution where it must not be seen: it has the names of the arguments alone."""

    names: tuple[str, ...]

    @property
    def __signature__(self) -> inspect.Signature:
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Signature([inspect.Parameter(name, kind) for name in self.names])

    def __call__(self, *args: Any) -> NoReturn:
        """Refuse: there is nothing to call."""
        raise NotImplementedError


def student_part(exercise: Exercise) -> Exercise:
    """Return an exercise without what judges an answer, and without what helps."""
    solution: Any = None
    if callable(exercise.solution):
        solution = Arguments(tuple(inspect.signature(exercise.solution).parameters))
    helps = {"why": "", "hints": ("", "", ""), "start": "", "code": ""}
    return replace(exercise, solution=solution, judge=None, mistakes={}, **helps)  # type: ignore[arg-type]


def pack_for_student(numbers: Sequence[str]) -> bytes:
    """Return the student's part of the own exercises among these; nothing if there are none."""
    own = own_exercises()
    parts = {number: student_part(own[number]) for number in numbers if number in own}
    return as_code(parts) if parts else b""


def unpack_for_student(packed: bytes) -> dict[str, Exercise]:
    """Return what `pack_for_student` was given, by number."""
    if not packed:
        return {}
    import cloudpickle

    found: dict[str, Exercise] = cloudpickle.loads(packed)
    return found


def as_code(value: Any) -> bytes:
    """Return a value for another process, its functions as code: there is no module to import.

    Raises:
        Exception: of many types, if something in it cannot be sent.
    """
    import cloudpickle

    packed: bytes = cloudpickle.dumps(value)
    return packed
