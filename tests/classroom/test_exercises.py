"""What every exercise owes: by being listed it is tried with its solution and its mistakes.

The solution and valid variants pass, each known mistake is named by its own sentence, a blank is
"not written yet", and a table of the cases that a student sees fails on others.
"""

from __future__ import annotations

import importlib
import pkgutil
import time
from typing import Any

import pytest

from mas_edu.classroom import Exercise, all_exercises
from mas_edu.classroom.exercise import SETUP
from mas_edu.classroom.judging import Verdict, judge_observations
from mas_edu.classroom.observing import observe_cases
from mas_edu.classroom.plain_data import encode
from tests.classroom import variants

SEEDS = range(20)
DRAWN = {"07.2": 3}  # seeds of an exercise that draws a figure for each, a tenth of a second
EXERCISES = list(all_exercises().values())
VARIANTS: dict[str, list[Any]] = {
    number: answers
    for module in pkgutil.iter_modules(variants.__path__)
    for number, answers in importlib.import_module(
        f"{variants.__name__}.{module.name}"
    ).VARIANTS.items()
}

# One exercise after the other: all its tests share what its solution comes to on each seed.
each_exercise = pytest.mark.parametrize(
    "exercise", EXERCISES, ids=lambda exercise: exercise.id, scope="module"
)


def judged(exercise: Exercise, answer: Any, seed: int = 0) -> Verdict:
    return judge_observations(exercise, list(observe_cases(exercise, answer, seed)), seed)


def seeds(exercise: Exercise) -> range:
    return SEEDS[: DRAWN.get(exercise.id)]


def run(code: str, space: dict[str, Any]) -> None:
    """Run code as a notebook does, not under this module's future imports."""
    exec(compile(code, "<cell>", "exec", dont_inherit=True), space)


@pytest.mark.slow
@each_exercise
def test_the_solution_is_right(exercise: Exercise) -> None:
    for seed in seeds(exercise):
        assert judged(exercise, exercise.solution, seed).right, f"seed {seed}"


@each_exercise
def test_the_solution_as_shown_is_right_in_a_notebook(exercise: Exercise) -> None:
    space: dict[str, Any] = {}
    run(f"{SETUP}\n{exercise.solution_code}", space)
    assert judged(exercise, space[exercise.name]).right


@pytest.mark.slow
@each_exercise
def test_each_known_mistake_is_named(exercise: Exercise) -> None:
    """On every seventh seed, of which the first is another one for each mistake."""
    for k, (name, mistake) in enumerate(exercise.known_mistakes.items()):
        for seed in seeds(exercise)[k % min(7, len(seeds(exercise))) :: 7]:
            found = judged(exercise, mistake.answer, seed)
            assert (found.mistake, found.status) == (name, "mistake"), f"seed {seed}: {found}"
            assert found.words == mistake.words
            assert found.points == mistake.points < exercise.points


@pytest.mark.slow
@each_exercise
def test_valid_variants_are_right(exercise: Exercise) -> None:
    found = VARIANTS.get(exercise.id, [])
    assert found or not callable(exercise.solution), "a variant belongs into tests/…/variants"
    for seed in seeds(exercise)[::2]:
        for variant in found:
            assert judged(exercise, variant, seed).right, f"{variant}, seed {seed}"


@each_exercise
def test_a_blank_is_not_written_yet(exercise: Exercise) -> None:
    space: dict[str, Any] = {}
    run(f"{SETUP}\n{exercise.start_code}", space)
    blanks = [space[exercise.name], ..., None]
    if callable(exercise.solution) and exercise.returns:
        blanks.append(lambda *args: None)
    for blank in blanks:
        found = judged(exercise, blank)
        assert (found.status, found.points) == ("unwritten", 0)
        assert found.words == f"{exercise.id} is not written yet."


@each_exercise
def test_what_has_another_form_is_wrong_in_words(exercise: Exercise) -> None:
    for odd in ("nothing of the kind", object(), {}, [], float("nan")):
        answer = (lambda *args, odd=odd: odd) if callable(exercise.solution) else odd
        found = judged(exercise, answer)
        assert not found.right
        assert found.words


@each_exercise
def test_an_exception_is_told_with_the_students_own_line(exercise: Exercise) -> None:
    if not callable(exercise.solution):
        pytest.skip("a value raises nothing")

    def broken(*args: Any) -> None:
        raise ZeroDivisionError("one over nothing")

    found = judged(exercise, broken)
    assert found.status == "error"
    assert "ZeroDivisionError: one over nothing" in found.words
    assert 'raise ZeroDivisionError("one over nothing")' in found.words


@pytest.mark.slow
@each_exercise
def test_a_table_of_the_visible_cases_fails_on_others(exercise: Exercise) -> None:
    if not callable(exercise.solution) or exercise.by_property:
        pytest.skip("nothing is drawn, or more than one answer is right")
    seen: dict[str, Any] = {}

    def record(*args: Any) -> Any:
        key, value = repr(encode(args)), exercise.solution(*args)
        return seen.setdefault(key, value)

    assert judged(exercise, record, seed=0).right
    assert seen
    some = next(iter(seen.values()))

    def table(*args: Any) -> Any:
        return seen.get(repr(encode(args)), some)

    for seed in range(1, 6):
        assert not judged(exercise, table, seed).right


@each_exercise
def test_a_check_is_quick(exercise: Exercise) -> None:
    began = time.process_time()
    judged(exercise, exercise.solution, seed=99)
    judged(exercise, next(iter(exercise.known_mistakes.values())).answer, seed=99)
    assert time.process_time() - began < 2


@each_exercise
def test_its_texts_are_short_and_there(exercise: Exercise) -> None:
    assert exercise.id[:3] == f"{exercise.lesson}."
    assert exercise.name.isidentifier()
    assert 1 <= exercise.points <= 5
    assert len(exercise.hints) == len(set(exercise.hints)) == 3
    assert exercise.known_mistakes
    for text in (exercise.asks, exercise.why, *exercise.hints):
        assert text[0].isupper() or text[0] in "Σθλ"
        assert text.rstrip()[-1] in ".?!"
    sentences = [mistake.words for mistake in exercise.known_mistakes.values()]
    assert len(set(sentences)) == len(sentences)
    for words in sentences:
        assert words.endswith(".")
        assert len(words.split()) <= 25, words
    if callable(exercise.solution):
        assert exercise.solution.__doc__


def test_numbers_and_names_are_unique_and_the_numbers_have_no_gap() -> None:
    for lesson in {exercise.lesson for exercise in EXERCISES}:
        of_lesson = [exercise for exercise in EXERCISES if exercise.lesson == lesson]
        numbers = [exercise.id for exercise in of_lesson]
        assert numbers == [f"{lesson}.{k}" for k in range(1, len(numbers) + 1)]
        assert len({exercise.name for exercise in of_lesson}) == len(of_lesson)
    assert set(VARIANTS) <= {exercise.id for exercise in EXERCISES}


@pytest.mark.parametrize(
    "exercise", [one for one in EXERCISES if not callable(one.solution)], ids=lambda one: one.id
)
def test_the_card_of_a_value_does_not_give_the_answer_away(exercise: Exercise) -> None:
    wrong = [one.answer for one in exercise.known_mistakes.values()] + [-17.25, ["x"], {"x": "x"}]
    for answer in wrong:
        verdict = judged(exercise, answer)
        if verdict.right:
            continue
        said = f"{verdict.words} {verdict.detail}"
        assert repr(exercise.solution) not in said
        assert verdict.detail == ""
        assert "something like" not in said
