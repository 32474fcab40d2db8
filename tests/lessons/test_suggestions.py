"""The buttons beside "try this", and the reader's guess below a figure that answers it."""

from __future__ import annotations

import re
from typing import Any

import pytest

import mas_edu as me
from mas_edu.lessons import cancellation, omega_by_hand, penalty_and_lambda, sensitivity
from mas_edu.widgets import suggestion, try_this
from tools.lessons import LESSONS

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("home", "small_pictures")]
BY_NUMBER = {lesson.number: lesson for lesson in LESSONS}


# ---- the buttons


def test_a_pressed_button_shows_the_figure_once_below() -> None:
    figure = sensitivity.figure(blocking=True)
    row = try_this(figure, {"far": {"spread": 1.15}, "λ = 0, at 0": {"size": 0.0, "lam": 0.0}})
    assert figure not in row.below.children
    before = figure.card.image.value
    row.press("far")
    row.press("λ = 0, at 0")
    assert row.below.children == (figure,)
    assert figure.card.image.value != before
    assert (figure.controls["spread"].value, figure.looks["lam"].value) == (1.15, 0.0)
    assert "size of A&#x27;s weights: 0; λ: 0." in row.status.value
    assert 'role="status"' in row.status.value


def test_a_button_says_what_it_will_do_and_is_readable_without_a_kernel() -> None:
    figure = BY_NUMBER["01"].figure()
    row = try_this(figure, {"both": {"turn": 90, "joint": True, "seed": 3}})
    tooltip = row.buttons["both"].tooltip
    assert tooltip == "Set the figure: B turned by: 90°; train on A too (joint): on; seed: 3"
    assert "<em>both</em>" in row._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"turns": 90}, "far: the figure has no control 'turns'; it has spread, size, lam"),
        ({"lam": 0.3}, "far: lam cannot be 0.3; take a value that the control can show"),
        ({"spread": 9.0}, "far: spread cannot be 9.0"),
    ],
)
def test_a_button_that_could_not_work_is_refused(values: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        try_this(sensitivity.figure(blocking=True), {"far": values})


def test_a_box_to_tick_takes_true_and_false_alone() -> None:
    figure = omega_by_hand.figure(blocking=True)
    assert suggestion._takes(figure.looks["abs_last"], True)
    assert not suggestion._takes(figure.looks["abs_last"], 1)


# ---- the guess below the figure


def below(figure: Any) -> str:
    """Return the words on the guess below the picture; none while they are hidden."""
    assert figure.wait(60)
    return figure.guess.value if figure.guess.layout.display != "none" else ""


def test_the_guess_stands_below_the_figure_that_answers_it() -> None:
    me.predict("04", "What share?").keep(30)
    figure = cancellation.figure(blocking=True)
    assert below(figure) == ""
    figure.looks["batch"].value = 128
    assert below(figure) == ""
    figure.looks["update"].value = 512
    kept = 100 * figure.state.moments[512].kept(128)
    assert f"You guessed 30&nbsp;%. Here it is {kept:.0f}&nbsp;%." in below(figure)
    figure.looks["batch"].value = 8
    assert below(figure) == ""


def test_without_a_guess_nothing_stands_below_the_figure() -> None:
    me.predict("04", "What share?")
    assert below(cancellation.figure(batch=128, update=512, blocking=True)) == ""


def test_lesson_04_opens_where_nothing_has_cancelled() -> None:
    figure = cancellation.figure(blocking=True)
    assert "100 % of the sum of Ω over all weights is kept" in figure.words
    assert "Along training" not in figure.words


def test_lesson_01_answers_when_b_alone_is_learned() -> None:
    me.predict("01", "What share?").keep(30)
    figure = BY_NUMBER["01"].figure()
    assert "You guessed 30&nbsp;%. Here it is" in below(figure)
    figure.looks["moment"].value = 0
    assert below(figure) == ""
    figure = BY_NUMBER["01"].figure(joint=True)
    assert below(figure) == ""


def test_lesson_02_answers_while_a_hardly_varies_along_x2() -> None:
    me.predict("02", "Which?", options=["θ₁", "θ₂", "both alike"]).keep("θ₂")
    figure = sensitivity.figure(blocking=True)
    assert "You guessed θ₂. Here it is θ₁." in below(figure)
    figure.controls["size"].value = 0.0
    assert below(figure) == ""
    figure.controls["size"].value = 1.0
    figure.controls["spread"].value = 1.55
    assert below(figure) == ""


def test_lesson_03_answers_when_the_table_is_full() -> None:
    edges = omega_by_hand.EDGES
    me.predict("03", "Which weight?", options=edges).keep(edges[0])
    figure = omega_by_hand.figure(blocking=True)
    assert below(figure) == ""
    figure.looks["step"].value = 5
    assert f"You guessed {edges[0]}. Here it is {edges[5]}." in below(figure)
    figure.looks["abs_last"].value = True
    assert below(figure) == ""


def test_lesson_05_answers_at_the_largest_lambda() -> None:
    me.predict("05", "What will it be?").keep(30)
    figure = BY_NUMBER["05"].figure()
    assert below(figure) == ""
    figure.controls["lam"].value = penalty_and_lambda.LAMS[-1]
    assert f"Here it is {100 * figure.state.run.learned:.0f}&nbsp;%" in below(figure)


def test_lesson_06_answers_when_both_comparisons_are_made() -> None:
    me.predict("06", "What share?").keep(30)
    figure = BY_NUMBER["06"].figure()
    one = figure.state
    figure.controls["lam"].value = "own"
    own = figure.state
    gaps = [now.average("sum") - now.average("last") for now in (own, one)]
    if gaps[1] > 0:
        assert f"Here it is {100 * gaps[0] / gaps[1]:.0f}&nbsp;%" in below(figure)
    else:
        assert below(figure) == ""


def test_a_slider_whose_end_follows_another_control_is_set_after_it() -> None:
    """As in lesson 12, where a reader may have chosen another experiment before the cell runs."""
    figure = BY_NUMBER["12"].figure()
    figure.controls["experiment"].value = "Rotated MNIST"
    place = figure.controls["claim"]
    assert place.max < 4
    row = try_this(figure, {"MAS": {"experiment": "Permuted MNIST", "claim": 4}})
    row.press("MAS")
    assert place.value == 4
    with pytest.raises(ValueError, match="claim cannot be 99"):
        try_this(figure, {"far": {"claim": 99}})
