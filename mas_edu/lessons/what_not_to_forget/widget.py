"""Lesson 09's interactive figure: choose the digits you will need, and where Ω comes from."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial

import ipywidgets as w

import mas_edu as me
from mas_edu._common import as_instance, as_list, as_seed
from mas_edu.lessons.what_not_to_forget.drawing import (
    ALL,
    SIZE,
    describe,
    difference,
    draw,
    words,
)
from mas_edu.lessons.what_not_to_forget.experiment import (
    CHOICES,
    SCHEDULE,
    SOURCES,
    Digits,
    Kept,
    job,
)
from mas_edu.lessons.what_not_to_forget.stored import study
from mas_edu.widgets import (
    Guess,
    Interactive,
    guess_argument,
    look,
    number_code,
    start_choice,
    start_number,
)


def figure(
    chosen: Digits = CHOICES[0],
    source: str = SOURCES[0],
    *,
    seed: int = 0,
    schedule: me.Schedule = SCHEDULE,
    seconds: float = 3.0,
    blocking: bool = False,
) -> Interactive[Kept]:
    """Choose digits and where Ω comes from, and see what is kept while task B is learned.

    Args:
        chosen: the digits that will be needed, one of `CHOICES`; like the next one, what the
            controls begin at.
        source: what Ω is computed from, one of `SOURCES`.
        seed: of the network that is trained.
        schedule: how each task is trained.
        seconds: how long learning B is stretched, to be watched.
        blocking: work in the caller's thread, for front ends that ignore updates from others.

    Raises:
        ValueError: if an argument is not one that its control can show.
    """
    chosen = start_choice("chosen", tuple(as_list("chosen", chosen)), CHOICES)
    source = start_choice("source", source, SOURCES)
    seed = as_seed(seed)
    schedule = as_instance("schedule", schedule, me.Schedule, "me.Schedule()")
    seconds = start_number("seconds", seconds, 0, 3600)
    controls = {
        "chosen": w.Dropdown(
            options=[(words(digits), digits) for digits in CHOICES],
            value=chosen,
            **look("you will need", "The digits that are to be kept above all", 250, 95),
        ),
        "source": w.Dropdown(
            options=SOURCES,
            value=source,
            **look("Ω from", "Which inputs Ω is computed from, and over which logits", 310, 60),
        ),
    }
    return Interactive(
        controls=controls,
        job=partial(_job, seed=seed, schedule=schedule, seconds=seconds),
        draw=draw,
        describe=describe,
        call=partial(_call, seed, schedule),
        size=SIZE,
        progress=lambda now: (now.done, now.total),
        answer=("09", _answer),
        blocking=blocking,
    )


def _job(
    chosen: Digits, source: str, *, seed: int, schedule: me.Schedule, seconds: float
) -> Generator[Kept | None]:
    return job(chosen, source, study().lam(source, chosen), seed, schedule, seconds)


def _answer(now: Kept) -> float | None:
    """Return by how many points 0 and 1 gain on the others with Ω from them; else None."""
    asked = now.source == "chosen digits" and now.chosen == (0, 1) and now.done == now.total
    return difference(study(), now.chosen, now.source, ALL).mean if asked else None


def _call(
    seed: int, schedule: me.Schedule, chosen: Digits, source: str, guess: Guess | None = None
) -> str:
    more = "" if seed == 0 else f", seed={seed}"
    more += "" if schedule == SCHEDULE else f", schedule=me.{schedule!r}"
    lam = study().lam(source, chosen)
    marked = f"now{guess_argument(guess)}"
    return (
        f"now = what_not_to_forget.keep({chosen}, {source!r}, lam={number_code(lam)}{more})\n"
        f"alt = what_not_to_forget.describe({marked})\n"
        f"me.plots.show(what_not_to_forget.draw({marked}), alt=alt)"
    ).replace("'", '"')
