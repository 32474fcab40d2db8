"""The sentence about the figure of lesson 05, and how it writes λ and percentages."""

from __future__ import annotations

import mas_edu as me
from mas_edu._common import translate
from mas_edu.lessons.penalty_and_lambda.experiment import Tradeoff
from mas_edu.widgets import guess_words


def name(lam: float) -> str:
    """Return λ as the picture writes it.

    >>> name(0.01), name(1e6)
    ('0.01', '10⁶')
    """
    return "10⁶" if lam == 1e6 else f"{lam:g}"


def share(value: float) -> str:
    """Return a percentage that may be below 0, as forgetting may.

    >>> share(-0.021), share(-0.001)
    ('−2 %', '0 %')
    """
    return f"{round(100 * value)} %".replace("-", "−")


def describe(now: Tradeoff, guess: float | None = None) -> str:
    """Say what `draw` shows."""
    return f"{_this(now.run)} {_other(now)}{_whole(now)}{guess_words(guess)}"


def _this(run: me.Record) -> str:
    tasks, present = len(run.accuracy), run.curve[-1]
    begin = translate(
        "λ = {lam}, {done} of {tasks} tasks learned",
        lam=name(run.settings["lam"]),
        done=run.finished,
        tasks=tasks,
    )
    parts = [
        translate(
            "{task} from {before} to {after}",
            task=run.names[j],
            before=share(run.accuracy[j, j]),
            after=share(present[j]),
        )
        for j in range(run.finished)
    ]
    if not parts:
        first = translate(
            "the first, {task}, is at {share} so far", task=run.names[0], share=share(present[0])
        )
        return f"{begin}: {first}."
    course = translate("just after learning and now: {parts}", parts=", ".join(parts))
    return f"{begin}; {course}. {_capitalized(_three(run))}."


def _three(run: me.Record) -> str:
    return translate(
        "learned {learned}, forgetting {forgetting}, average {average}",
        learned=share(run.learned),
        forgetting=share(run.forgetting),
        average=share(run.average),
    )


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def _other(now: Tradeoff) -> str:
    if now.lam == 0 or not now.plain.complete:
        return translate("To compare with, λ = 0 is plain fine-tuning.")
    return translate("Plain fine-tuning, λ = 0: {results}.", results=_three(now.plain))


def _whole(now: Tradeoff) -> str:
    if not now.points:
        return " " + translate("Frontier: being trained.") if now.records else ""
    first, last = (
        translate(
            "learned {learned} and forgetting {forgetting} at λ = {lam}",
            learned=share(p.learned),
            forgetting=share(p.forgetting),
            lam=name(p.lam or 0),
        )
        for p in (now.points[0], now.points[-1])
    )
    template = "Frontier of {count} λ, means over {seeds} seeds: {first} to {last}."
    if now.best is None:
        template = (
            "Frontier of {count} λ, means over {seeds} seeds, after {tasks} tasks: {first} to "
            "{last}."
        )
    said = translate(
        template,
        count=len(now.points),
        seeds=now.points[0].seeds,
        tasks=now.tasks,
        first=first,
        last=last,
    )
    if now.best is None:
        return f" {said}"
    return f" {said} {translate('Validation chooses λ = {lam} (star).', lam=name(now.best))}"
