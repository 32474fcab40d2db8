"""A teacher's own exercises: one Python file, described in ten lines.

 1. A file, such as my_exercises.py, holds any number of exercises: `NAME = Exercise(…)`.
 2. The right answer is a function, `solution`: students begin with its arguments and docstring.
 3. `id` is a word of yours, a dot and a number, "my.1"; `name` is what the function is called.
 4. `asks` is the task, `why` says why the solution is right, `hints` are three, `points` a number.
 5. `cases` takes a seed and returns a list of cases, each a dict of the arguments in their order.
 6. `mistakes` has wrong functions by name, each with the sentence that who makes it is told.
 7. `judge`, if there is one, takes a case and a result: a sentence on what is broken, or "".
 8. In a notebook: `load_exercises("my_exercises.py")`, then `me.check("my.1", my_function)`.
 9. For a class: `python -m mas_edu grade DIR --own my_exercises.py`.
10. Loading tries the file: the solution must be right, and each mistake be told from all others.

A student's process gets only the cases and how to call an answer: `student_part`.
"""

from __future__ import annotations

import os
import re
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from mas_edu._common import digest, first_line, short_repr
from mas_edu.classroom.catalogue import add_exercises, all_exercises, own_exercises
from mas_edu.classroom.exercise import Case, Exercise
from mas_edu.classroom.judging import judge_observations
from mas_edu.classroom.observing import describe_failure, observe_cases
from mas_edu.classroom.plain_data import Unknown, decode
from mas_edu.classroom.student_part import as_code, student_part

ID = re.compile(r"[A-Za-z][\w-]*\.\d+")
SEED = 0  # of the cases that a file is tried with


def load_exercises(path: str | Path) -> tuple[Exercise, ...]:
    """Load a teacher's own exercises, so that `me.check` and its like know them.

    Loaded again, a file that was changed replaces what it brought before. While a submission is
    graded nothing is loaded: the exercises are those of the teacher's file.

    Args:
        path: of the Python file; `help("mas_edu.classroom.own_exercises")` describes it.

    Returns:
        the exercises in it.

    Raises:
        ValueError: saying what is wrong with the file.
    """
    if os.environ.get("MAS_EDU_GRADING"):
        return ()
    file = Path(path)
    source = _read(file)
    found = _run(file, source)
    for exercise in found:
        _check_names(file, exercise, found)
        _check_cases(exercise)
        _check_solution(exercise)
        _check_mistakes(exercise)
        _check_sending(exercise)
    add_exercises(file.resolve(), digest([source]), found)
    return found


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or first_line(error)
        raise ValueError(
            f"{file}: expected a Python file with exercises ({reason}); give its path"
        ) from error


def _run(file: Path, source: str) -> tuple[Exercise, ...]:
    """Run the file, and return its exercises in their order."""
    module = types.ModuleType(f"own_exercises_{file.stem}")
    module.__file__ = str(file)
    sys.modules[module.__name__] = module  # for as long as it runs: data classes look for it
    try:
        exec(compile(source, str(file), "exec", dont_inherit=True), vars(module))
    except (Exception, SystemExit) as error:
        raise ValueError(_failed(file, error, vars(module))) from error
    finally:
        del sys.modules[module.__name__]
    found = [value for value in vars(module).values() if isinstance(value, Exercise)]
    if not found:
        raise ValueError(
            f"{file.name}: expected an Exercise or several, got none; write NAME = Exercise(…)"
        )
    return tuple(dict.fromkeys(found))


def _failed(file: Path, error: BaseException, space: dict[str, Any]) -> str:
    failure = describe_failure(error, space)
    number = error.lineno if isinstance(error, SyntaxError) else failure.number
    where = f" in line {number}" if number else ""
    return (
        f"{file.name}: expected a file that runs, got {failure.type}: {failure.message}{where}; "
        "mend it there"
    )


def _check_names(file: Path, exercise: Exercise, found: Sequence[Exercise]) -> None:
    number, name = exercise.id, exercise.name
    others = {**all_exercises(), **{one.id: one for one in found if one is not exercise}}
    for one in own_exercises(file.resolve()):
        if others.get(one) is own_exercises()[one]:
            del others[one]  # it is about to be replaced
    if number in others:
        raise ValueError(
            f"{file.name} id: expected one that no other exercise has, got {number!r}; choose "
            "another, such as 'my.1'"
        )
    if not (isinstance(number, str) and ID.fullmatch(number)):
        raise ValueError(
            f"{file.name} id: expected a word of yours, a dot and a number, such as 'my.1', got "
            f"{short_repr(number)}; choose another"
        )
    if not (isinstance(name, str) and name.isidentifier()):
        _refuse(exercise, "name", "that of a function or value", short_repr(name))
    if any(one.name == name for one in found if one is not exercise):
        _refuse(exercise, "name", "one that no other exercise of the file has", repr(name))
    whole = isinstance(exercise.points, int) and not isinstance(exercise.points, bool)
    if not whole or exercise.points < 1:
        _refuse(exercise, "points", "a whole number of at least 1", short_repr(exercise.points))
    hints = exercise.hints
    if not isinstance(hints, tuple | list) or len(hints) != 3 or not all(map(_is_text, hints)):
        _refuse(exercise, "hints", "three texts", short_repr(hints))
    for field in ("asks", "why"):
        if not _is_text(getattr(exercise, field)):
            _refuse(exercise, field, "a text", short_repr(getattr(exercise, field)))


def _check_cases(exercise: Exercise) -> None:
    found: Any
    try:
        found = list(exercise.cases(SEED))
    except Exception as error:
        found = f"{type(error).__name__}: {first_line(error)}"
    if not (isinstance(found, list) and found and all(isinstance(one, dict) for one in found)):
        _refuse(exercise, "cases", "a list of dicts for a seed", short_repr(found))


def _check_solution(exercise: Exercise) -> None:
    """Check that the solution is right, and that the judge has nothing to say of it."""
    observed = list(observe_cases(exercise, exercise.solution, SEED))
    for one in observed:
        if one.failure or one.unwritten:
            failure = one.failure or {"type": "nothing", "message": "it returns None"}
            words = f"{failure['type']}: {failure['message']}"
            _refuse(exercise, "solution", "an answer to every case", words)
    results = [decode(one.result) for one in observed]
    if unreadable := next((one for one in results if isinstance(one, Unknown)), None):
        _refuse(exercise, "solution", "numbers, texts, arrays, lists or dicts", repr(unreadable))
    for case, result in zip(exercise.cases(SEED), results, strict=True):
        said = _said(exercise, case, result)
        if said != "":
            _refuse(exercise, "judge", "'' for what the solution returns", said)
    verdict = judge_observations(exercise, observed, SEED)
    if not verdict.right:
        _refuse(exercise, "solution", "the same result each time", verdict.words)


def _said(exercise: Exercise, case: Case, result: Any) -> str:
    if exercise.judge is None:
        return ""
    try:
        found: Any = exercise.judge(case, result)
    except Exception as error:
        return f"{type(error).__name__}: {first_line(error)}"
    return "" if found == "" else short_repr(found)


def _check_mistakes(exercise: Exercise) -> None:
    for name, mistake in exercise.known_mistakes.items():
        if not _is_text(mistake.words):
            _refuse(exercise, f"mistakes[{name!r}]", "a sentence", short_repr(mistake.words))
        observed = list(observe_cases(exercise, mistake.answer, SEED))
        verdict = judge_observations(exercise, observed, SEED)
        if verdict.mistake != name:
            found = "one that is right" if verdict.right else verdict.words
            found = f"the same as {verdict.mistake!r}" if verdict.mistake else found
            expected = "an answer that differs from the solution and from every other mistake"
            _refuse(exercise, f"mistakes[{name!r}]", expected, f"{found}; choose other cases")


def _check_sending(exercise: Exercise) -> None:
    try:
        as_code(student_part(exercise))
    except Exception as error:
        found = f"{type(error).__name__}: {first_line(error)}"
        _refuse(exercise, "cases, observe", "what can be sent to another process", found)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _refuse(exercise: Exercise, field: str, expected: str, found: str) -> NoReturn:
    cure = "" if ";" in found else "; mend it in its file"
    raise ValueError(f"{exercise.id} {field}: expected {expected}, got {found.rstrip('.')}{cure}")
