"""Every lesson has its shape, its quiz, its question and its words."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

import mas_edu as me
from mas_edu.widgets import Question, glossary_terms
from tools.lessons import BESIDE, COST, LESSONS, RULES, Lesson, problems

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("home")]

each_lesson = pytest.mark.parametrize(
    "lesson", [*LESSONS, *BESIDE], ids=lambda lesson: lesson.number
)


# ---- the form


@each_lesson
def test_a_lesson_has_its_shape(lesson: Lesson) -> None:
    assert problems(lesson.read()) == []


def _without(name):
    def change(notebook):
        notebook.cells = [cell for cell in notebook.cells if cell.id != name]

    return change


def _edit(name, **changes):
    def change(notebook):
        next(cell for cell in notebook.cells if cell.id == name).update(changes)

    return change


def _swap(notebook):
    ids = [cell.id for cell in notebook.cells]
    a, b = ids.index("predict"), ids.index("figure")
    notebook.cells[a], notebook.cells[b] = notebook.cells[b], notebook.cells[a]


def _forget_claims(notebook):
    for cell in notebook.cells:
        cell.source = cell.source.replace("assert ", "not ")


def _stale(notebook):
    notebook.metadata["lesson"]["seconds"] += 1


FAULTS = {
    "no cell with the id 'quiz'": _without("quiz"),
    "not in the order": _swap,
    "header: two to four objectives": _edit("header", source="# A title\n\n- one"),
    "header: says 'About NN minutes": _edit("header", source="# A title\n\n- one\n- two"),
    "are not the measured ones": _stale,
    "limits: begins with": _edit("limits", source="Some limits."),
    "121 words": _edit("summary", source="## Summary " + 119 * "word "),
    "11 lines": _edit("reveal", source=11 * "a = 1\n"),
    "has outputs": _edit("quiz", outputs=[1]),
    "no code prints: ['40 %']": _edit("summary", source="## Summary\nIt fell to 40 %."),
    "no code prints: ['0.4']": _edit("summary", source="## Summary\nIt fell to 0.4."),
    "not shown with its alt text": _edit("reveal", source="me.plots.accuracy_matrix(record)"),
    "is fixed, not computed": _edit(
        "reveal", source="me.plots.show(me.plots.accuracy_matrix(r), alt='A matrix.')"
    ),
    "no cell asserts": _forget_claims,
}


@pytest.mark.parametrize("finding", FAULTS)
def test_the_form_is_really_checked(finding: str) -> None:
    notebook = copy.deepcopy(LESSONS[0].read())
    FAULTS[finding](notebook)
    found = [problem for rule in RULES for problem in _found(rule, notebook)]
    assert any(finding in problem for problem in found), found


def _found(rule: Any, notebook: Any) -> list[str]:
    try:
        return list(rule(notebook))
    except StopIteration:  # the cell it looks at is the one taken away
        return []


def test_numbers_in_formulas_code_and_addresses_are_no_results() -> None:
    notebook = copy.deepcopy(LESSONS[0].read())
    source = "## Summary\n$0.5 x$ and `lam=0.1`, arXiv 1711.09601, https://x.org/1.2"
    _edit("summary", source=source)(notebook)
    assert problems(notebook) == problems(LESSONS[0].read())


# ---- quizzes, predictions, glossary


@each_lesson
def test_every_answer_of_the_quiz_has_its_feedback(lesson: Lesson) -> None:
    assert len(lesson.module.QUIZ) == 3
    shown = me.quiz(lesson.module.QUIZ)
    for i, question in enumerate(lesson.module.QUIZ):
        for j, option in enumerate(question.options):
            verdict = shown.answer(i, j)
            assert verdict.startswith("✓" if option.right else "✗")
            assert option.feedback in verdict
            assert "status" in shown.asked[i].feedback.value
        assert len({option.feedback for option in question.options}) == len(question.options)
    assert shown._repr_mimebundle_()["text/html"].count("<details>") == sum(
        len(question.options) for question in lesson.module.QUIZ
    )


@pytest.mark.parametrize("questions", [None, 5, "x", [], [5]], ids=str)
def test_a_quiz_of_something_else(questions: Any) -> None:
    with pytest.raises(ValueError, match=r"^questions: expected "):
        me.quiz(questions)


def test_a_quiz_has_one_right_answer() -> None:
    with pytest.raises(ValueError, match="one of them right"):
        Question("?", ("a", True, "yes"), ("b", True, "yes"))
    with pytest.raises(ValueError, match="feedback: expected a sentence"):
        Question("?", ("a", True, "yes"), ("b", False, " "))


def test_a_guess_is_kept_and_compared() -> None:
    me.predict("01", "How much?").keep(40)
    assert str(me.reveal("01", 44)) == "You guessed 40 %. It came to 44 %. Close: 4 points apart."
    assert "lower than you thought, by 30 points" in str(me.reveal("01", 10))


def test_a_guess_among_options_is_kept_and_compared() -> None:
    question = me.predict("02", "Which?", options=["L2", "MAS"])
    question.button.click()
    assert "Choose one first" in question.status.value
    question.keep("L2")
    assert "A surprise" in str(me.reveal("02", "MAS"))
    assert "You were right" in str(me.reveal("02", "L2"))


def test_a_guess_survives_the_kernel_and_an_older_question_does_not_count() -> None:
    me.predict("01", "How much?").keep(40)
    assert me.predict("01", "How much?").control.value == 40
    me.predict("01", "How many?", low=0, high=10, unit="")
    assert "No guess was kept" in str(me.reveal("01", 3))


def test_without_a_guess_the_lesson_still_runs(home) -> None:
    me.predict("01", "How much?")
    assert str(me.reveal("01", 44)).startswith("It came to 44 %. No guess was kept")
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"01": [1]}', "\x00", "[" * 100_000])
def test_a_damaged_file_is_set_aside(home, content: str) -> None:
    (home / "guesses.json").write_text(content)
    me.predict("01", "How much?").keep(40)
    assert json.loads((home / "guesses.json").read_text()) == {"01": 40}
    assert (home / "guesses-damaged-1.json").read_text() == content


def test_a_folder_that_cannot_be_written_loses_no_guess(home, monkeypatch) -> None:
    (home / "file").write_text("")
    monkeypatch.setenv("MAS_EDU_HOME", str(home / "file" / "inside"))
    question = me.predict("01", "How much?")
    question.keep(40)
    assert "cannot be written" in question.status.value
    assert str(me.reveal("01", 44)).startswith("You guessed 40 %")


def test_the_glossary_names_what_it_lacks() -> None:
    with pytest.raises(ValueError, match="has no 'Omega'"):
        me.glossary("Ω", "Omega")
    assert all(
        text.endswith(".") and text.count(". ") == 0 for text in glossary_terms.TERMS.values()
    )


@each_lesson
def test_the_header_is_measured(lesson: Lesson) -> None:
    cost = COST.search(lesson.read().cells[0].source)
    assert cost
    assert int(cost[2]) <= 60


def test_every_lesson_has_its_module() -> None:
    for lesson in LESSONS:
        module = lesson.module
        assert {"figure", "draw", "describe", "QUIZ"} <= set(vars(module))
