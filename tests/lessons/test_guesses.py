"""The reader's guess in the figure that answers it: drawn, said, and in the call."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

import mas_edu as me
from mas_edu.lessons import (
    fair_comparison,
    many_tasks,
    omega_by_hand,
    penalty_and_lambda,
    scenarios,
    what_not_to_forget,
)
from mas_edu.widgets import GUESS_COLOUR, guess_mark, prediction
from mas_edu.widgets.guess_mark import said
from tests.support.texts import outside, overlapping, texts_of
from tools.lessons import BESIDE, LESSONS, Lesson

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("home", "small_pictures")]

# Where the figure of a lesson answers its question: the controls that are not as they begin.
ANSWERED: dict[str, dict[str, Any]] = {
    "01": {},
    "02": {},
    "03": {"step": 5},
    "04": {"batch": 128, "update": 512},
    "05": {"lam": penalty_and_lambda.LAMS[-1]},
    "06": {"lam": "own"},
    "07": {},
    "08": {"layer": "first hidden"},
    "09": {"source": "chosen digits"},
    "10": {"way": "all four"},
    "11": {"lam": 1.0},
    "12": {"experiment": "all"},
    "A1": {},
}
each_lesson = pytest.mark.parametrize(
    "lesson", [*LESSONS, *BESIDE], ids=lambda lesson: lesson.number
)


FIGURES: dict[str, Any] = {}  # those of this module, with what their controls were at first


@pytest.fixture(autouse=True, scope="module")
def figures():
    yield
    while FIGURES:
        FIGURES.popitem()[1][0].close()


@pytest.fixture
def answering(monkeypatch):
    """Let the rules of lesson 06 differ: trained for a test, they need not."""
    gap = property(lambda now: 0.06 if now.own else 0.12)
    monkeypatch.setattr(many_tasks.experiment.Compared, "gap", gap)


@pytest.fixture
def rendered_once(monkeypatch):
    """Let all guesses of a lesson share one render: without the marks it is the same picture."""
    busy, found = guess_mark._busy, []

    def once(figure: Figure) -> Any:
        found.extend([] if found else [busy(figure)])
        return found[0]

    monkeypatch.setattr(guess_mark, "_busy", once)


def asked(lesson: Lesson) -> Any:
    """Ask the question of the notebook."""
    names = {"me": me, lesson.path.stem[3:]: lesson.module}
    (cell,) = (cell for cell in lesson.read().cells if cell.id == "predict")
    lines = [line for line in cell.source.splitlines() if "show(" not in line]
    exec("\n".join(lines), names)
    return prediction.Prediction(lesson.number, prediction._asked[lesson.number])


def guesses(question: Any) -> list[Any]:
    """Return all options; of a number the ends and some between."""
    asked = question.asked
    if asked.options:
        return list(asked.options)
    return [round(asked.low + k * (asked.high - asked.low) / 4) for k in range(5)]


def answered(lesson: Lesson) -> Any:
    """Return the lesson's figure where it answers the question, drawn with the guess of now."""
    if lesson.number not in FIGURES:
        figure = lesson.figure()
        assert figure.wait(60)
        controls = {**figure.controls, **figure.looks}
        FIGURES[lesson.number] = figure, {name: one.value for name, one in controls.items()}
    figure, first = FIGURES[lesson.number]
    for name, value in {**first, **ANSWERED[lesson.number]}.items():
        {**figure.controls, **figure.looks}[name].value = value
        assert figure.wait(60)
    figure._looked()
    assert figure.wait(60)
    return figure


def below(figure: Any) -> str:
    return figure.guess.value if figure.guess.layout.display != "none" else ""


def drawn_again(figure: Any, guess: Any) -> Figure:
    looks = {name: look.value for name, look in figure.looks.items()}
    return figure.draw(figure.state, **looks, guess=guess)


@each_lesson
@pytest.mark.usefixtures("answering", "rendered_once")
def test_every_guess_is_marked_and_no_text_covers_another(lesson: Lesson) -> None:
    question, figure = asked(lesson), answered(lesson)
    assert below(figure) == ""  # none is kept
    assert "your guess" not in figure.words
    assert "guess=" not in figure.call
    for guess in guesses(question):
        drawn = drawn_again(figure, guess)
        texts = texts_of(drawn)
        assert outside(drawn, texts, margin=0) == []
        assert [pair for pair in overlapping(texts) if "your guess" in "".join(pair)] == []
        marked = [text for text in texts if text.get_text().startswith("your guess")]
        assert [text.get_color() for text in marked] == [GUESS_COLOUR], guess


@each_lesson
@pytest.mark.usefixtures("answering")
def test_the_guess_is_below_the_figure_in_its_sentence_and_in_its_call(
    lesson: Lesson, capsys: Any
) -> None:
    question = asked(lesson)
    guess = guesses(question)[1]
    question.keep(guess)
    figure = answered(lesson)
    name = question.asked.say(guess).replace(" %", "&nbsp;%").replace("'", "&#x27;")
    assert f"You guessed {name}. Here it is " in below(figure)
    assert said(guess, "") in figure.words
    if lesson.number != "06":  # it would train again: the call is tried in the next test
        assert figure.call in figure.code.value.replace("&quot;", '"').replace("&#x27;", "'")
        exec(figure.call, {"me": me, lesson.path.stem[3:]: lesson.module})
        assert capsys.readouterr().out.strip() == figure.words


@pytest.mark.usefixtures("answering")
def test_the_call_of_lesson_06_compares_with_one_lambda_for_all() -> None:
    (lesson,) = (lesson for lesson in LESSONS if lesson.number == "06")
    asked(lesson).keep(40)
    call = answered(lesson).call
    assert call.startswith("one = many_tasks.compare(lam=0.1, schedule=")
    assert "many_tasks.draw(now, rule='sum', guess=40, one=one)" in call


def test_the_mark_goes_when_the_figure_answers_no_more() -> None:
    (lesson,) = (lesson for lesson in LESSONS if lesson.number == "11")
    asked(lesson).keep(40)
    figure = answered(lesson)
    assert "guess=40" in figure.call
    assert "guess=40" in figure.code.value
    figure.controls["lam"].value = 0.0
    assert figure.wait(60)
    assert below(figure) == ""
    assert "guess" not in figure.words
    assert "guess" not in figure.call
    assert "guess" not in figure.code.value


# ---- where the mark stands


def your_guess(figure: Figure) -> Any:
    (line,) = (line for ax in figure.axes for line in ax.lines if line.get_label() == "your guess")
    return line


@pytest.mark.parametrize(
    ("number", "along"), [("01", "y"), ("04", "y"), ("05", "y"), ("09", "x"), ("11", "y")]
)
def test_a_right_guess_is_marked_where_the_figure_has_the_answer(number: str, along: str) -> None:
    (lesson,) = (lesson for lesson in LESSONS if lesson.number == number)
    figure = answered(lesson)
    looks = {name: look.value for name, look in figure.looks.items()}
    right = figure.answer_of[1](figure.state, **looks)
    line = your_guess(drawn_again(figure, right))
    place = getattr(line, f"get_{along}data")()[0]
    shown = [getattr(one, f"get_{along}data")() for one in line.axes.lines if one is not line]
    assert any(np.isclose(place, values).any() for values in shown)


def test_lesson_06_marks_where_the_last_omega_would_be(monkeypatch) -> None:
    now, one = (
        many_tasks.compare(lam, schedule=me.Schedule(steps=2, lr=0.02, evaluations=1))
        for lam in ("own", 0.1)
    )
    gap = property(lambda now: 0.06 if now.own else 0.12)
    monkeypatch.setattr(many_tasks.experiment.Compared, "gap", gap)
    line = your_guess(many_tasks.draw(now, guess=50, one=one))
    assert line.get_xdata()[0] == pytest.approx(now.average("sum") - 0.06)
    assert list(many_tasks.RULES)[int(line.get_ydata()[0])] == "last"


def test_lesson_09_marks_where_the_chosen_digits_would_be() -> None:
    (lesson,) = (lesson for lesson in LESSONS if lesson.number == "09")
    asked(lesson).keep(10)
    figure = answered(lesson)
    over, chosen = what_not_to_forget.study(), (0, 1)
    gained = over.gap("chosen digits", chosen) - over.gap("all digits", chosen)
    assert f"Here it is {gained.mean():.0f} points." in below(figure)
    at = your_guess(drawn_again(figure, 10)).get_xdata()[0]
    truly = over.on_chosen("chosen digits", chosen).mean()
    assert at - truly == pytest.approx(10 - gained.mean())
    figure.controls["chosen"].value = (3, 8)
    assert figure.wait(60)
    assert below(figure) == ""


def test_lesson_07_compares_the_untrained_map_alone() -> None:
    (lesson,) = (lesson for lesson in LESSONS if lesson.number == "07")
    question = asked(lesson)
    question.keep("about half as much")
    figure = answered(lesson)
    assert "You guessed about half as much. Here it is as much as" in below(figure)
    at = your_guess(drawn_again(figure, "about half as much")).get_xdata()[0]
    assert at == pytest.approx(figure.state.with_ink("trained") / 2)
    figure.looks["beside"].value = "noise"
    assert figure.wait(60)
    assert below(figure) == ""


def test_lesson_10_answers_by_the_mean_gain_over_all_favourites() -> None:
    gains = fair_comparison.gains()
    for way, gain in gains.items():
        each = [
            fair_comparison.compare(way, name).lead - fair_comparison.compare("fair", name).lead
            for name in fair_comparison.RIVALS
        ]
        assert gain == pytest.approx(100 * sum(each) / len(each))
    (lesson,) = (lesson for lesson in LESSONS if lesson.number == "10")
    asked(lesson).keep("one seed")
    figure = answered(lesson)
    assert f"Here it is {max(gains, key=lambda way: gains[way])}." in below(figure)
    figure.controls["way"].value = "one seed"
    assert figure.wait(60)
    assert below(figure) == ""


def test_lesson_11_answers_at_the_best_lambda_after_all_tasks() -> None:
    (lesson,) = (lesson for lesson in LESSONS if lesson.number == "11")
    asked(lesson).keep(60)
    figure = answered(lesson)
    runs = scenarios.runs("MAS", "class")
    best = max(runs.averages(lam).mean() for lam in scenarios.LAMS)
    assert f"Here it is {100 * best:.0f}&nbsp;%" in below(figure)
    figure.controls["after"].value = 4
    assert figure.wait(60)
    assert below(figure) == ""


def test_lesson_03_frames_the_chosen_edge() -> None:
    for k, edge in enumerate(omega_by_hand.EDGES):
        figure = omega_by_hand.draw(omega_by_hand.NETS[0], step=5, guess=edge)
        (frame,) = (
            patch
            for patch in figure.axes[0].patches
            if patch.get_edgecolor()[:3] == pytest.approx((0x7E / 255, 0x12 / 255, 0x56 / 255))
        )
        (header,) = (text for text in figure.axes[0].texts if text.get_text() == edge)
        assert frame.get_x() < header.get_position()[0] < frame.get_x() + frame.get_width(), k
