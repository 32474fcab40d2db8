"""What a figure begins at: shown as it was given, or refused in a sentence."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import mas_edu as me
from mas_edu.lessons import (
    forgetting,
    many_tasks,
    penalty_and_lambda,
    reproduce,
    scenarios,
    sensitivity,
    what_not_to_forget,
)
from mas_edu.widgets import number_code
from mas_edu.widgets.worker import Worker
from tools.lessons import BESIDE, LESSONS

FIGURES = {lesson.path.stem[3:]: lesson.module.figure for lesson in [*LESSONS, *BESIDE]}
ARGUMENTS = [
    (name, argument)
    for name, figure in FIGURES.items()
    for argument in inspect.signature(figure).parameters
]
ODD = [None, "x", float("nan"), -1, 10**9, 2.9, [], object()]


@pytest.fixture(autouse=True)
def _nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Build the figures alone: what they begin at is known before anything is trained or drawn."""
    monkeypatch.setattr(Worker, "start", lambda *_, **__: None)


def made(figure: Any, argument: str, value: object) -> tuple[Any, str]:
    """Return the figure that begins so, or None and why there is none."""
    try:
        return figure(**{argument: value}), ""
    except ValueError as error:
        return None, str(error)


def shown(figure: Any) -> tuple[dict[str, Any], str]:
    """Return the values of a figure's controls and its code, and close it."""
    values = {name: one.value for name, one in {**figure.controls, **figure.looks}.items()}
    call = figure.call
    figure.close()
    return values, call


def test_there_are_thirteen_figures() -> None:
    assert len(FIGURES) == 13


@pytest.mark.parametrize(("lesson", "argument"), ARGUMENTS)
def test_a_start_value_is_shown_as_it_is_or_refused_by_name(lesson: str, argument: str) -> None:
    for value in ODD:
        figure, refusal = made(FIGURES[lesson], argument, value)
        if figure is None:
            assert refusal.startswith(f"{argument}: expected "), value
            assert ", got " in refusal, value
        else:
            values, call = shown(figure)
            assert "me.plots.show" in call
            assert argument not in values or value is None or values[argument] == value


@pytest.mark.parametrize(
    ("figure", "wrong", "message"),
    [
        (forgetting.figure, {"seed": 20000}, "seed: expected a whole number from 0 to 9999, got "),
        (forgetting.figure, {"seed": -1}, "seed: expected a whole number from 0 to 9999, got -1"),
        (forgetting.figure, {"seed": 2.9}, "seed: expected a whole number from 0 to 9999, got 2.9"),
        (forgetting.figure, {"turn": 50}, "turn: expected one of 30, 60, 90, 120, 150, 180, got "),
        (forgetting.figure, {"joint": 61}, "joint: expected one of False, True, got 61"),
        (forgetting.figure, {"schedule": None}, "schedule: expected a Schedule, such as "),
        (sensitivity.figure, {"spread": -1}, "spread: expected a number from 0.05 to 1.75, got -1"),
        (sensitivity.figure, {"lam": "x"}, "lam: expected a finite number of at least 0, got 'x'"),
        (scenarios.figure, {"lam": None}, "lam: expected one of 0.0, 0.03, "),
        (many_tasks.figure, {"lam": "on"}, "lam: expected a finite number of at least 0, got 'on'"),
        (what_not_to_forget.figure, {"chosen": []}, "chosen: expected at least one, got none"),
        (what_not_to_forget.figure, {"chosen": (0, 2)}, "chosen: expected one of (0, 1), (3, 8), "),
        (reproduce.figure, {"claim": 999}, "claim: expected a whole number from 1 to "),
        (reproduce.figure, {"verdict": "withn"}, "verdict: expected one of all, within, "),
    ],
)
def test_the_sentence_says_what_the_control_can_show(
    figure: Any, wrong: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError) as caught:
        figure(**wrong)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("figure", "given"),
    [
        (forgetting.figure, {"turn": np.int64(90), "joint": True, "seed": 9999}),
        (sensitivity.figure, {"spread": 0.83, "size": 0, "lam": 0.3}),
        (penalty_and_lambda.figure, {"lam": 0.07, "whole": np.True_}),
        (many_tasks.figure, {"lam": 0.07, "tasks": 3}),
        (many_tasks.figure, {"lam": "own", "schedule": me.Schedule(steps=2)}),
        (scenarios.figure, {"lam": 1, "after": 2}),
        (what_not_to_forget.figure, {"chosen": [3, 8], "seed": 10**9}),
    ],
)
def test_what_the_controls_can_show_is_taken(figure: Any, given: dict[str, Any]) -> None:
    values, _ = shown(figure(**given))
    for name in values.keys() & given.keys():
        wanted = given[name]
        assert values[name] == (tuple(wanted) if isinstance(wanted, list) else wanted)


@pytest.mark.parametrize("figure", [sensitivity.figure, penalty_and_lambda.figure])
def test_the_code_names_all_digits_of_a_number(figure: Any) -> None:
    _, call = shown(figure(lam=0.123456789))
    assert "lam=0.123456789" in call


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0, 1e6, 1 / 3, 123456789.0, 5e-324])
def test_the_same_number_comes_back_from_its_code(value: float) -> None:
    assert float(number_code(value)) == value


def test_the_code_does_not_name_what_the_browser_adds_in_rounding() -> None:
    figure = sensitivity.figure(spread=0.1234567)
    assert "spread=0.1234567," in figure.call
    figure.controls["spread"].value = 0.35000000000000003
    assert "spread=0.35," in shown(figure)[1]
