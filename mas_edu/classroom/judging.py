"""Judge what an answer did: away from its code, from plain data alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from mas_edu._common import first_line
from mas_edu.classroom.describing import describe, describe_case, first_difference, form_problem
from mas_edu.classroom.exercise import Case, Exercise, FormError
from mas_edu.classroom.observing import Observation, observe_cases
from mas_edu.classroom.plain_data import decode, is_same

Status = Literal["right", "unwritten", "error", "form", "mistake", "property", "case", "missing"]


@dataclass(frozen=True)
class Verdict:
    """The result of a check.

    Args:
        id: of the exercise.
        name: of what the student wrote.
        status: right, or the kind of what is wrong.
        words: one sentence; nothing if the answer is right.
        points: that the answer is worth.
        of: points that there are.
        detail: what was expected and found on the smallest failing case.
        mistake: the name of the known mistake, if it is one.
        printed: what the student's code printed, the beginning of it.
        warned: its warnings.
    """

    id: str
    name: str
    status: Status
    words: str
    points: float
    of: int
    detail: str = ""
    mistake: str = ""
    printed: str = ""
    warned: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Return whether the answer is right."""
        return self.status == "right"


def judge_observations(exercise: Exercise, found: Sequence[Observation], seed: int) -> Verdict:
    """Return the verdict on what an answer did on the cases of this seed.

    In this order: a blank, an exception, right, a known mistake, another form, a broken property,
    and at last the smallest case on which the answer differs.
    """
    status, words, detail, mistake = _judged(exercise, found, seed)
    known = exercise.known_mistakes.get(mistake)
    points = float(exercise.points) if status == "right" else known.points if known else 0.0
    return Verdict(
        exercise.id,
        exercise.name,
        status,
        words,
        points,
        exercise.points,
        detail,
        mistake,
        next((one.printed for one in found if one.printed), ""),
        tuple(dict.fromkeys(text for one in found for text in one.warned)),
    )


def prepare_judging(exercise: Exercise, seed: int) -> None:
    """Compute what the solution comes to on the cases of this seed, which each verdict needs.

    Raises:
        ValueError: if cases cannot be drawn, or the solution fails on one.
    """
    try:
        _expected(exercise, seed)
    except Exception as error:  # whatever a teacher's own exercise may raise
        raise ValueError(
            f"{exercise.id}: expected a solution and cases for seed {seed}, got "
            f"{type(error).__name__}: {first_line(error)}; mend it in its file"
        ) from error


def _judged(
    exercise: Exercise, found: Sequence[Observation], seed: int
) -> tuple[Status, str, str, str]:
    """Return status, sentence, detail and the name of the mistake."""
    if not found or any(one.unwritten for one in found):
        return "unwritten", f"{exercise.id} is not written yet.", "", ""
    if failure := next((one.failure for one in found if one.failure), None):
        if failure["type"] == FormError.__name__:
            return "form", _sentence(failure["message"]), "", ""
        return "error", _failure_words(failure), "", ""
    results = [decode(one.result) for one in found]
    cases = exercise.cases(seed)
    expected, left = _expected(exercise, seed)
    if len(results) != len(expected):
        return "case", "It was not called on every input.", "", ""
    if exercise.by_property:
        triples = zip(cases, results, expected, strict=True)
        different = [bool(_broken(exercise, *triple)) for triple in triples]
    else:
        different = [not is_same(*pair) for pair in zip(expected, results, strict=True)]
    if not any(different):
        extra = [] if exercise.by_property else _extra(left, found)
        name = _equal_mistake(exercise, results, [one.left for one in found], seed) if extra else ""
        if name:
            return "mistake", exercise.known_mistakes[name].words, "", name
        if extra:
            return "property", f"The result is right, but the call {extra[0]}.", "", ""
        return "right", "", "", ""
    first = different.index(True)
    hides = exercise.by_property or not callable(exercise.solution)  # what is expected
    detail = "" if hides else _detail(cases[first], expected[first], results[first])
    if name := _equal_mistake(exercise, results, None, seed):
        return "mistake", exercise.known_mistakes[name].words, detail, name
    if not exercise.by_property:
        problems = (form_problem(*pair) for pair in zip(expected, results, strict=True))
        if problem := next(filter(None, problems), ""):
            return "form", _sentence(problem), "", ""
    wrong = [k for k, off in enumerate(different) if off]
    properties = (_broken(exercise, cases[k], results[k], expected[k]) for k in wrong)
    if words := next(filter(None, properties), ""):
        return "property", words, detail, ""
    return "case", "It differs from the right answer on at least one input.", detail, ""


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _broken(exercise: Exercise, case: Case, result: Any, expected: Any) -> str:
    """Return the sentence of the exercise's own `judge`, also for a result it cannot read."""
    if exercise.judge is None:
        return ""
    try:
        return exercise.judge(case, result)
    except Exception:  # it was written for results of the right form
        if not callable(exercise.solution):
            return f"Expected an answer of another form, got {describe(result)}."
        return f"Expected something like {describe(expected)}, got {describe(result)}."


def _failure_words(failure: dict[str, Any]) -> str:
    if failure["type"] == "GuardedError":
        return f"{failure['message']}."
    where = f", in your line {failure['number']}: {failure['line']}" if failure["line"] else ""
    return f"{failure['type']}: {failure['message']}{where}"


def _detail(case: dict[str, Any], expected: Any, found: Any) -> str:
    if form_problem(expected, found):
        return ""
    given = f"With {describe_case(case)}: " if case else ""
    return f"{given}{first_difference(expected, found)}."


def _extra(left: list[list[str]], found: Sequence[Observation]) -> list[str]:
    """Return what the calls left behind that those of the solution do not."""
    pairs = zip(left, found, strict=True)
    return [words for mine, one in pairs for words in one.left if words not in mine]


def _equal_mistake(
    exercise: Exercise, results: list[Any], left: list[list[str]] | None, seed: int
) -> str:
    """Return the name of the mistake that this answer equals on every case, or nothing.

    `left`: compared as well, where the result is right and only what was left behind differs.
    """
    for name in exercise.mistakes:
        known = _mistaken(exercise, name, seed)
        if known is None or left not in (None, known[1]) or len(known[0]) != len(results):
            continue
        if all(is_same(*pair) for pair in zip(known[0], results, strict=True)):
            return name
    return ""


Known = tuple[list[Any], list[list[str]]]  # results and what was left behind, of each case


@lru_cache(maxsize=64)
def _expected(exercise: Exercise, seed: int) -> Known:
    found = list(observe_cases(exercise, exercise.solution, seed))
    for one in found:
        if one.failure or one.unwritten:
            raise RuntimeError(f"{exercise.id}: the solution fails: {one.failure or 'unwritten'}")
    return [decode(one.result) for one in found], [one.left for one in found]


@lru_cache(maxsize=512)
def _mistaken(exercise: Exercise, name: str, seed: int) -> Known | None:
    """Return what a known mistake comes to; None if it ends in an exception."""
    found = list(observe_cases(exercise, exercise.known_mistakes[name].answer, seed))
    if any(one.failure or one.unwritten for one in found):
        return None
    return [decode(one.result) for one in found], [one.left for one in found]
