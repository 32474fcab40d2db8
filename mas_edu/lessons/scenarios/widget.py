"""Lesson 11's interactive figure: one λ for three scenarios, and the stream task by task."""

from __future__ import annotations

from collections.abc import Generator

import ipywidgets as w

from mas_edu.lessons.scenarios.drawing import SIZE, TASKS, describe, draw
from mas_edu.lessons.scenarios.experiment import Compared
from mas_edu.lessons.scenarios.stored import LAMS, compare
from mas_edu.widgets import (
    Guess,
    Interactive,
    guess_argument,
    look,
    number_code,
    start_choice,
    start_whole,
)


def figure(
    lam: float = 0.0, after: int = TASKS, *, blocking: bool = False
) -> Interactive[Compared]:
    """Move λ in three scenarios at once, and go through the stream task by task.

    Args:
        lam: λ, one of `LAMS`; like the next one, what the controls begin at.
        after: how many of the five tasks are learned.
        blocking: work in the caller's thread, for front ends that ignore updates from others.

    Raises:
        ValueError: if an argument is not one that its control can show.
    """
    lam = start_choice("lam", lam, LAMS)
    after = start_whole("after", after, 1, TASKS)
    controls = {
        "lam": w.SelectionSlider(
            options=[(f"{value:g}", value) for value in LAMS],
            value=lam,
            **look("λ", "How strongly MAS holds on, in all three scenarios", 380, 20),
        ),
        "after": w.SelectionSlider(
            options=range(1, TASKS + 1),
            value=after,
            **look("after task", "How many of the five tasks are learned", 300, 75),
        ),
    }
    return Interactive(
        controls=controls,
        job=_job,
        draw=draw,
        describe=describe,
        call=_call,
        size=SIZE,
        answer=("11", _answer),
        blocking=blocking,
    )


def _job(lam: float, after: int) -> Generator[Compared]:
    yield compare(lam, after)


def _answer(now: Compared) -> float | None:
    """Return the average with the pair not known, at the best of all λ; at others None."""
    runs = now.mas["class"]
    averages = {lam: float(runs.averages(lam).mean()) for lam in runs.lams}
    best = now.after == TASKS and averages[now.lam] == max(averages.values())
    return 100 * averages[now.lam] if best else None


def _call(lam: float, after: int, guess: Guess | None = None) -> str:
    marked = f"now{guess_argument(guess)}"
    return (
        f"now = scenarios.compare(lam={number_code(lam)}, after={after})\n"
        f"alt = scenarios.describe({marked})\n"
        f"me.plots.show(scenarios.draw({marked}), alt=alt)"
    )
