"""The sentence about the figure of lesson 05, and how it writes λ and percentages."""

from __future__ import annotations

import mas_edu as me
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
    begin = f"λ = {name(run.settings['lam'])}, {run.finished} of {tasks} tasks learned"
    parts = [
        f"{run.names[j]} from {share(run.accuracy[j, j])} to {share(present[j])}"
        for j in range(run.finished)
    ]
    if not parts:
        return f"{begin}: the first, {run.names[0]}, is at {share(present[0])} so far."
    return f"{begin}; just after learning and now: {', '.join(parts)}. {_two(run).capitalize()}."


def _two(run: me.Record) -> str:
    return (
        f"learned {share(run.learned)}, forgetting {share(run.forgetting)}, "
        f"average {share(run.average)}"
    )


def _other(now: Tradeoff) -> str:
    if now.lam == 0 or not now.plain.complete:
        return "To compare with, λ = 0 is plain fine-tuning."
    return f"Plain fine-tuning, λ = 0: {_two(now.plain)}."


def _whole(now: Tradeoff) -> str:
    if not now.points:
        return " Frontier: being trained." if now.records else ""
    first, last = now.points[0], now.points[-1]
    ends = " to ".join(
        f"learned {share(p.learned)} and forgetting {share(p.forgetting)} at λ = {name(p.lam or 0)}"
        for p in (first, last)
    )
    so_far = "" if now.best is not None else f", after {now.tasks} tasks"
    best = "" if now.best is None else f" Validation chooses λ = {name(now.best)} (star)."
    return (
        f" Frontier of {len(now.points)} λ, means over {first.seeds} seeds{so_far}: {ends}.{best}"
    )
