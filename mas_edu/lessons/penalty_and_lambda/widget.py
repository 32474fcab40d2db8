"""Lesson 05's interactive figure: what each λ keeps and learns, one by one or all at once."""

from __future__ import annotations

from functools import partial

import ipywidgets as w

import mas_edu as me
from mas_edu._common import as_float, as_instance, translate
from mas_edu.lessons.penalty_and_lambda.description import describe, name
from mas_edu.lessons.penalty_and_lambda.drawing import SIZE, draw
from mas_edu.lessons.penalty_and_lambda.experiment import (
    LAMS,
    SCHEDULE,
    SEEDS,
    Kept,
    Tradeoff,
    job,
)
from mas_edu.widgets import Guess, Interactive, guess_argument, look, number_code, start_choice


def figure(
    lam: float = 0.1,
    whole: bool = False,
    *,
    schedule: me.Schedule = SCHEDULE,
    blocking: bool = False,
) -> Interactive[Tradeoff]:
    """Move λ and see five tasks learned again; press a button for the whole frontier.

    Args:
        lam: λ; like the next one, what the controls begin at.
        whole: whether to train all λ with three seeds, side by side.
        schedule: how each task is trained.
        blocking: work in the caller's thread, for front ends that ignore updates from others.

    Raises:
        ValueError: if an argument is not one that its control can show.
    """
    lam = as_float("lam", lam)
    whole = start_choice("whole", whole, (False, True))
    schedule = as_instance("schedule", schedule, me.Schedule, "me.Schedule()")
    controls = {
        "lam": w.SelectionSlider(
            options=[(name(value), value) for value in sorted({*LAMS, lam})],
            value=lam,
            continuous_update=False,
            **look("λ", "How strongly the penalty holds on; released, it trains again", 520, 30),
        ),
        "whole": w.ToggleButton(
            value=whole,
            description=translate("whole frontier"),
            tooltip=translate(
                "Train {lams} λ with {seeds} seeds each, in one batched sweep",
                lams=len(LAMS),
                seeds=len(SEEDS),
            ),
            layout={"width": "150px", "margin": "2px 12px"},
        ),
    }
    kept = Kept()
    return Interactive(
        controls=controls,
        job=partial(job, schedule=schedule, kept=kept),
        draw=draw,
        describe=describe,
        call=partial(_call, schedule),
        size=SIZE,
        progress=lambda now: (now.done, now.total),
        recall=kept.recall,
        answer=("05", _answer),
        blocking=blocking,
    )


def _answer(now: Tradeoff) -> float | None:
    """Return 'learned' of the finished run at the largest λ; else None."""
    asked = now.lam == LAMS[-1] and now.run.complete
    return 100 * now.run.learned if asked else None


def _call(schedule: me.Schedule, lam: float, whole: bool, guess: Guess | None = None) -> str:
    own = schedule != SCHEDULE
    first = f"schedule = {f'me.{schedule!r}' if own else 'penalty_and_lambda.SCHEDULE'}\n"
    sweep = (
        "records = me.sweep(penalty_and_lambda.stream(), me.MAS(), penalty_and_lambda.LAMS,\n"
        "                   penalty_and_lambda.SEEDS, schedule=schedule, progress=False)\n"
    )
    marked = f"now{guess_argument(guess)}"
    more = (", records=records" if whole else "") + (", schedule=schedule" if own else "")
    return (
        f"{first if whole or own else ''}{sweep if whole else ''}"
        f"now = penalty_and_lambda.tradeoff(lam={number_code(lam)}{more})\n"
        f"alt = penalty_and_lambda.describe({marked})\n"
        f"me.plots.show(penalty_and_lambda.draw({marked}), alt=alt)"
    )
