"""A lesson that a language calls complete: controls, quiz, guess, buttons, words."""

from __future__ import annotations

from typing import Any

import pytest

import mas_edu as me
from mas_edu._common import languages, reader_answers, reader_guesses, translate
from mas_edu.widgets import prediction, questions, try_this
from tests.support.languages import (
    NAMES,
    controls_say,
    leftovers,
    marked,
    speaking,
    without_tags,
)
from tools import texts
from tools.lessons import LESSONS, Lesson

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("home", "small_pictures")]
CLAIMED = [
    pytest.param(language, lesson, id=f"{language}-{lesson.number}")
    for language in languages()[1:]
    for lesson in LESSONS
    if f"lessons/{lesson.path.stem[3:]}" in texts.read(language)["complete"]
]
each_claim = pytest.mark.parametrize(("language", "lesson"), CLAIMED)


@each_claim
def test_controls_status_and_static_copy_are_translated(language: str, lesson: Lesson) -> None:
    with marked(language):
        figure = lesson.figure()
        assert figure.wait(60)
        shown = controls_say([*figure.controls.values(), *figure.looks.values(), *figure.buttons])
        pages = [figure.status.value, figure.code.value, figure._static_output()[0]["text/html"]]
        assert leftovers([*shown, *map(without_tags, pages)], NAMES) == []


@each_claim
def test_the_quiz_is_translated_and_kept_under_its_english_texts(
    language: str, lesson: Lesson
) -> None:
    with marked(language):
        shown = me.quiz(lesson.module.QUIZ)
        said = [without_tags(shown.still), without_tags(shown.children[-1].value)]
        for i, question in enumerate(lesson.module.QUIZ):
            said += [shown.asked[i].children[0].value, *controls_say([shown.asked[i].options])]
            said += [shown.answer(i, j) for j in range(len(question.options))]
        assert leftovers(map(without_tags, said), NAMES) == []
    answers = reader_answers().read()
    assert answers == {question.text: question.right.text for question in lesson.module.QUIZ}
    with speaking(language):
        for question in lesson.module.QUIZ:
            for option in question.options:
                assert len(translate(option.text)) <= questions.LONGEST


@each_claim
def test_the_guess_and_the_buttons_are_translated(language: str, lesson: Lesson) -> None:
    cells = {cell.id: cell.source for cell in lesson.read().cells}
    with marked(language):
        names: dict[str, Any] = {"figure": lesson.figure(), "try_this": try_this}
        before, _, last = cells["predict"].rpartition("me.predict(")
        exec(before, names)
        asked = eval(f"me.predict({last}", names)
        guess = asked.asked.options[0] if asked.asked.options else asked.asked.low
        asked.keep(guess)
        measured = asked.asked.options or (asked.asked.low, asked.asked.high)
        said = [repr(asked), asked.still, asked.children[0].value, asked.status.value]
        said += [*controls_say([asked.control, asked.button])]
        said += [str(me.reveal(lesson.number, each)) for each in (measured[0], measured[-1])]
        said += [prediction.compared(lesson.number, measured[0])]
        for name, source in cells.items():
            if texts.BUTTONS.fullmatch(name):
                before, _, last = source.rpartition("try_this(")
                exec(before, names)
                row = eval(f"try_this({last}", names)
                row.press(next(iter(row.suggestions)))
                said += [row.still, row.status.value, *controls_say(row.buttons.values())]
        assert leftovers(map(without_tags, said), NAMES) == []
    assert reader_guesses().read() == {lesson.number: guess}


@each_claim
def test_its_words_are_explained(language: str, lesson: Lesson) -> None:
    with marked(language):
        shown = me.glossary(*getattr(lesson.module, "WORDS", ()))
        assert leftovers([repr(shown), without_tags(shown._repr_html_())], NAMES) == []
