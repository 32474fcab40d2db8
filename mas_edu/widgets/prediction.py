"""Predict first, see at the end: a guess makes the answer worth knowing.

predict("01", "How much will it still know?", unit="%")         # a number, on a slider
predict("02", "Which one holds?", options=["L2", "MAS"])        # one of a few
reveal("01", 38.2)                                             # at the end of the lesson
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets as w

from mas_edu._common import (
    Guess,
    as_choice,
    as_float,
    as_instance,
    as_list,
    as_text,
    reader_guesses,
    short_repr,
    translate,
)
from mas_edu.widgets.text import Page, set_text, text_line

CLOSE = 0.1  # of the slider's range: nearer than this counts as close
_asked: dict[str, Asked] = {}  # the questions of this session
_unwritten: dict[str, Guess] = {}  # its guesses that the disk refused


@dataclass(frozen=True)
class Asked:
    """A question: for a number between two ends, or for one of several options."""

    question: str
    options: tuple[str, ...] = ()
    low: float = 0
    high: float = 100
    step: float = 1
    unit: str = "%"

    def say(self, value: Guess) -> str:
        """Return a guess or a result as the reader sees it.

        >>> Asked("?").say(38.2)
        '38 %'
        """
        if isinstance(value, str):
            return translate(value)
        decimals = len(f"{self.step:g}".partition(".")[2])
        return f"{value:.{decimals}f} {translate(self.unit)}".strip()

    def accepts(self, guess: Guess | None) -> bool:
        """Return whether the guess answers this question, and not an older wording of it."""
        if self.options:
            return guess in self.options
        return isinstance(guess, float | int) and self.low <= guess <= self.high


class Prediction(Page):
    """The question, and what keeps the guess: `keep` does it as a reader would."""

    def __init__(self, name: str, asked: Asked) -> None:
        self.name, self.asked = name, asked
        known = _guess(name)
        start = known if asked.accepts(known) else None
        self.control = _options(asked, start) if asked.options else _slider(asked, start)
        self.button = w.Button(
            description=translate("Keep my guess"),
            tooltip=translate(
                "Write it down, on this computer only, and compare at the end of the lesson"
            ),
            layout={"width": "150px"},
        )
        self.button.on_click(lambda _: self._kept())
        self.status = text_line("", "status")
        if start is not None:
            words = translate("Your guess so far: {guess}.", guess=asked.say(start))
            set_text(self.status, words, "status")
        self.still = f"<p><strong>{html.escape(repr(self))}</strong></p>"
        question = text_line(translate(asked.question), style="font-weight: 600")
        super().__init__([question, self.control, self.button, self.status])

    def __repr__(self) -> str:
        return translate("Predict: {question}", question=translate(self.asked.question))

    def keep(self, guess: Guess) -> None:
        """Choose the guess and press the button."""
        self.control.value = guess
        self.button.click()

    def _kept(self) -> None:
        guess = self.control.value
        if guess is None:
            set_text(self.status, translate("Choose one first."), "status")
            return
        where = translate("Kept on this computer")
        try:
            reader_guesses().keep(self.name, guess)
            _unwritten.pop(self.name, None)
        except OSError:
            _unwritten[self.name] = guess
            where = translate(
                "Kept until the kernel stops (the file for guesses cannot be written)"
            )
        words = translate(
            "{where}: {guess}. Now see what happens.", where=where, guess=self.asked.say(guess)
        )
        set_text(self.status, words, "status")


@dataclass(frozen=True)
class Revealed:
    """The guess beside what happened, in words."""

    words: str

    def __str__(self) -> str:
        return self.words

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f'<p style="font-size: 110%">{html.escape(self.words)}</p>'


def predict(
    name: str,
    question: str,
    *,
    options: Sequence[str] = (),
    low: float = 0,
    high: float = 100,
    step: float = 1,
    unit: str = "%",
) -> Any:
    """Ask for a guess, and keep it in a small file on this computer; the last line of a cell.

    Args:
        name: of the question, such as "01"; `reveal` asks for it.
        question: what is to be guessed.
        options: to choose from; without them a number is asked for.
        low: the smallest number, left end of the slider.
        high: the largest.
        step: from one number to the next.
        unit: behind the number.

    Returns:
        the widget.

    Raises:
        ValueError: if there is nothing to choose from, or between.
    """
    _asked[as_text("name", name)] = _as_asked(question, options, low, high, step, unit)
    return Prediction(name, _asked[name])


def reveal(name: str, measured: Guess) -> Revealed:
    """Show the guess that `predict` kept under this name, beside what happened.

    Args:
        name: of the question.
        measured: the number that came out, in the unit of the question, or the right option.

    Raises:
        ValueError: if that is no answer to the question.

    >>> reveal("never asked", 38)
    It came to 38 %. No guess was kept; the next lesson asks for one again.
    """
    asked, guess = _asked.get(as_text("name", name), Asked("")), _guess(name)
    if asked.options:
        as_choice("measured", measured, asked.options)
    elif name in _asked or not isinstance(measured, str):
        measured = as_float("measured", measured, least=-math.inf)
    what = "What happened: {result}." if asked.options else "It came to {result}."
    result = translate(what, result=asked.say(measured))
    if guess is None or not asked.accepts(guess):
        none = translate("No guess was kept; the next lesson asks for one again.")
        return Revealed(f"{result} {none}")
    guessed = translate("You guessed {guess}.", guess=asked.say(guess))
    return Revealed(f"{guessed} {result} {_verdict(asked, guess, measured)}")


def compared(name: str, measured: Guess) -> str:
    """Return the kept guess beside what a figure shows; nothing if no guess was kept.

    >>> compared("never asked", 38)
    ''
    """
    guess = kept_guess(name)
    if guess is None:
        return ""
    return translate(
        "You guessed {guess}. Here it is {result}.",
        guess=_asked[name].say(guess),
        result=_asked[name].say(measured),
    )


def kept_guess(name: str) -> Guess | None:
    """Return the guess at a question that was asked in this session; None: there is none."""
    asked, guess = _asked.get(name), _guess(name)
    return guess if asked is not None and asked.accepts(guess) else None


def _as_asked(
    question: str, options: Sequence[str], low: float, high: float, step: float, unit: str
) -> Asked:
    """Return the question, checked: several options, or a slider that can be moved."""
    number = isinstance(options, tuple | list) and not options
    found = [] if number else as_list("options", options)
    texts = tuple(as_text("options", option) for option in found)
    if len(texts) == 1 or len(set(texts)) < len(texts):
        raise ValueError(
            "options: expected several that differ, or none to ask for a number, got "
            f"{short_repr(options)}"
        )
    low, high = (as_float(name, end, -math.inf) for name, end in (("low", low), ("high", high)))
    if high <= low:
        raise ValueError(f"high: expected more than low, {low:g}, got {high:g}")
    if as_float("step", step, above=True) > high - low:
        raise ValueError(f"step: expected at most high − low, {high - low:g}, got {step:g}")
    as_instance("unit", unit, str, "'%'")
    return Asked(as_text("question", question), texts, low, high, step, unit)


def _guess(name: str) -> Guess | None:
    return _unwritten.get(name, reader_guesses().read().get(name))


def _verdict(asked: Asked, guess: Guess, measured: Guess) -> str:
    if isinstance(guess, str) or isinstance(measured, str):
        return translate(
            "You were right." if guess == measured else "A surprise worth a second look."
        )
    distance = abs(guess - measured)
    off = asked.say(distance).replace("%", translate("points"))
    if distance <= CLOSE * (asked.high - asked.low):
        return translate("Close: {distance} apart.", distance=off)
    if measured < guess:
        return translate("It is lower than you thought, by {distance}.", distance=off)
    return translate("It is higher than you thought, by {distance}.", distance=off)


def _slider(asked: Asked, start: Any) -> Any:
    decimals = len(f"{asked.step:g}".partition(".")[2])
    return w.FloatSlider(
        value=(asked.low + asked.high) / 2 if start is None else start,
        min=asked.low,
        max=asked.high,
        step=asked.step,
        readout_format=f".{decimals}f",
        continuous_update=False,
        description=translate("guess ({unit})", unit=translate(asked.unit))
        if asked.unit
        else translate("guess"),
        tooltip=translate(asked.question),
        style={"description_width": "initial"},  # as wide as its text, in any unit
        layout={"width": "440px", "max_width": "100%"},
    )


def _options(asked: Asked, start: Any) -> Any:
    return w.RadioButtons(
        options=[(translate(option), option) for option in asked.options],
        value=start,
        description=translate("guess"),
        tooltip=translate(asked.question),
        style={"description_width": "initial"},
        layout={"width": "max-content", "max_width": "100%"},
    )
