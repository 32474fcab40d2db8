"""Cards under a cell: what a check found, a hint, a solution; in words, for eyes and ears."""

from __future__ import annotations

import html
from dataclasses import dataclass

from mas_edu.classroom.exercise import Exercise
from mas_edu.classroom.judging import Verdict

SIGNS = {"right": "✓", "unwritten": "○"}
COLOURS = {"right": "--jp-success-color0, #1b5e20", "unwritten": "--jp-border-color1, #757575"}
WRONG = "--jp-warn-color0, #b0440a"


@dataclass(frozen=True)
class Card:
    """A short text with a title, perhaps with code: HTML in a notebook, plain text elsewhere.

    Args:
        title: the first line.
        lines: what stands below.
        code: source code at the end.
        colour: a CSS variable and its fallback, for the line at the left; the words say it, too.
        status: whether it is read aloud as soon as it appears.
    """

    title: str
    lines: tuple[str, ...] = ()
    code: str = ""
    colour: str = COLOURS["unwritten"]
    status: bool = True

    def __repr__(self) -> str:
        code = ("", self.code) if self.code else ()
        return "\n".join((self.title, *self.lines, *code))

    def _repr_html_(self) -> str:
        role = ' role="status" aria-live="polite"' if self.status else ""
        lines = "".join(f"<div>{html.escape(line)}</div>" for line in self.lines)
        code = f"<pre>{html.escape(self.code)}</pre>" if self.code else ""
        return (
            f'<div{role} style="line-height: 1.4; max-width: 60em; padding: 2px 0 2px 10px; '
            f'border-left: 5px solid var({self.colour})"><strong>{html.escape(self.title)}</strong>'
            f"{lines}{code}</div>"
        )


@dataclass(frozen=True)
class CheckCard(Card):
    """The card of a check; `verdict` is what it found, as data."""

    verdict: Verdict | None = None

    @property
    def right(self) -> bool:
        """Return whether the answer is right."""
        return self.verdict is not None and self.verdict.right

    __repr__ = Card.__repr__


def verdict_card(exercise: Exercise, verdict: Verdict, hints: int) -> CheckCard:
    """Return the card of a verdict.

    Args:
        exercise: that was checked.
        verdict: what was found.
        hints: that the reader has seen already.
    """
    sign = SIGNS.get(verdict.status, "✗")
    lines = [verdict.words, verdict.detail, *_noise(verdict), _next(exercise, verdict, hints)]
    return CheckCard(
        f"{sign} {exercise.id} {exercise.name}: {_state(verdict)}",
        tuple(line for line in lines if line),
        colour=COLOURS.get(verdict.status, WRONG),
        verdict=verdict,
    )


def hint_card(exercise: Exercise, number: int) -> Card:
    """Return the card with the hints up to this number, the newest last."""
    lines = [f"Hint {k}: {hint}" for k, hint in enumerate(exercise.hints[:number], 1)]
    if number == len(exercise.hints):
        lines.append(f'That was the last one. me.solution("{exercise.id}") shows the solution.')
    return Card(f"{exercise.id} {exercise.name}: hint {number} of 3", tuple(lines))


def solution_card(exercise: Exercise) -> Card:
    """Return the card with the solution and why it is right."""
    title = f"{exercise.id} {exercise.name}: a solution"
    return Card(title, (exercise.why,), exercise.solution_code)


def _state(verdict: Verdict) -> str:
    if verdict.status == "unwritten":
        return "not written yet"
    points = f"{verdict.points:g} of {verdict.of} point{'s' if verdict.of > 1 else ''}"
    return f"{'right' if verdict.right else 'not right yet'}, {points}"


def _noise(verdict: Verdict) -> list[str]:
    printed = " ".join(verdict.printed.split())
    return [
        *([f"Your code printed: {printed[:300]}"] if printed else []),
        *(f"Your code warned: {text}" for text in verdict.warned),
    ]


def _next(exercise: Exercise, verdict: Verdict, hints: int) -> str:
    if verdict.right or verdict.status == "unwritten":
        return ""
    if hints >= len(exercise.hints):
        return f'All hints are out: me.solution("{exercise.id}") shows the solution.'
    return f'Next: me.hint("{exercise.id}") shows hint {hints + 1} of {len(exercise.hints)}.'
