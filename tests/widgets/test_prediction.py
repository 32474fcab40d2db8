"""Questions that cannot be asked: one sentence, and no widget."""

from __future__ import annotations

import math
from typing import Any

import pytest

import mas_edu as me
from tests.support.bad_input import ids, one_error


@pytest.mark.parametrize(
    ("argument", "settings"),
    [
        ("high", {"low": 10, "high": 0}),
        ("high", {"low": 5, "high": 5}),
        ("low", {"low": math.nan}),
        ("low", {"low": "a"}),
        ("low", {"low": None}),
        ("high", {"high": math.inf}),
        ("step", {"step": 0}),
        ("step", {"step": -1}),
        ("step", {"step": 1000}),
        ("step", {"step": None}),
        ("options", {"options": "abc"}),
        ("options", {"options": ["only"]}),
        ("options", {"options": ["a", "a"]}),
        ("options", {"options": [1, 2]}),
        ("options", {"options": None}),
    ],
    ids=ids,
)
def test_a_question_that_cannot_be_answered(argument: str, settings: dict[str, Any]) -> None:
    one_error(argument, lambda: me.predict("odd", "How much?", **settings), "expected", "got")


@pytest.mark.parametrize("value", [None, 3, "", ["01"], "half a pair \ud800"], ids=ids)
def test_names_and_questions_are_texts(value: Any) -> None:
    one_error("name", lambda: me.predict(value, "How much?"), "expected a text")
    one_error("question", lambda: me.predict("odd", value), "expected a text")


@pytest.mark.parametrize("value", [None, math.nan, [1], True], ids=ids)
def test_what_came_out_is_a_number_or_a_text(value: Any) -> None:
    one_error("measured", lambda: me.reveal("never asked", value), "expected a finite number")


def test_what_came_out_answers_the_question(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAS_EDU_HOME", str(tmp_path))
    me.predict("one of two", "Which?", options=["a", "b"]).keep("a")
    me.predict("how much", "How much?").keep(3)
    for value in ("zzz", 3, None):
        one_error("measured", lambda value=value: me.reveal("one of two", value), "expected one of")
    one_error("measured", lambda: me.reveal("how much", "3"), "expected a finite number")
    assert "You were right" in str(me.reveal("one of two", "a"))


def test_a_good_question_has_a_slider(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAS_EDU_HOME", str(tmp_path))
    control = me.predict("odd", "How much?", low=-1, high=1, step=0.5, unit="").control
    assert (control.min, control.max, control.step, control.value) == (-1, 1, 0.5, 0)


def test_a_home_of_an_unknown_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAS_EDU_HOME", "~nosuchuser/guesses")
    one_error("MAS_EDU_HOME", lambda: me.predict("odd", "How much?"), "expected a path")
