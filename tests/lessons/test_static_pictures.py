"""A picture that a lesson's figure opens with is not shown a second time below it."""

from __future__ import annotations

from typing import Any

import pytest

import mas_edu as me
from mas_edu.lessons import sensitivity
from tools.lessons import LESSONS, Lesson
from tools.lessons.form import cell_of

NUMBERS = {"01", "02", "06"}  # their calls make what the figure opens with: numbers, no picture


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.number)
def test_the_call_below_a_figure_shows_something_else(lesson: Lesson) -> None:
    source = cell_of(lesson.read(), "figure-call").source
    assert (lesson.number in NUMBERS) == ("show(" not in source)
    assert "print(" in source or "show(" in source


def test_the_numbers_of_lesson_02_are_those_of_its_figure(capsys: Any) -> None:
    (lesson,) = (lesson for lesson in LESSONS if lesson.number == "02")
    exec(cell_of(lesson.read(), "figure-call").source, {"me": me, "sensitivity": sensitivity})
    said = capsys.readouterr().out
    two = sensitivity.valleys()
    assert f"{two.omega.round(2)}" in said
    assert f"({two.end(two.omega, 0.5).round(2)[0]:.2f}" in sensitivity.describe(two, lam=0.5)
    assert f"{two.end(two.omega, 0.5).round(2)}" in said
