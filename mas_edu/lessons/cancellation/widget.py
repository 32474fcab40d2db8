"""Lesson 04's interactive figure: what is left of Ω when gradients are averaged first."""

from __future__ import annotations

import ipywidgets as w

from mas_edu.lessons.cancellation.drawing import SIZE, describe, draw
from mas_edu.lessons.cancellation.experiment import BATCHES, UPDATES, Cancelling, job
from mas_edu.widgets import (
    MOST_SEED,
    Guess,
    Interactive,
    guess_argument,
    look,
    start_choice,
    start_whole,
)


def figure(
    batch: int = 1, update: int = 0, seed: int = 0, *, blocking: bool = False
) -> Interactive[Cancelling]:
    """Slide through batch sizes and training, and see what cancels; the last line of a cell.

    It begins where nothing cancels: how much does is for the reader to guess first.

    Args:
        batch: samples averaged before the absolute value; like the next two, what the controls
            begin at.
        update: how many updates the network has had.
        seed: of the initial weights and the order of the samples.
        blocking: work in the caller's thread, for front ends that ignore updates from others.

    Raises:
        ValueError: if an argument is not one that its control can show.
    """
    batch = start_choice("batch", batch, BATCHES)
    update = start_choice("update", update, UPDATES)
    seed = start_whole("seed", seed, 0, MOST_SEED)
    looks = {
        "batch": w.SelectionSlider(
            options=[(f"{size}", size) for size in BATCHES],
            value=batch,
            **look("batch size", "How many samples are averaged before the absolute value", 430),
        ),
        "update": w.SelectionSlider(
            options=[(f"{count}", count) for count in UPDATES],
            value=update,
            **look("updates", "How long the network has been trained when Ω is made", 430),
        ),
    }
    seeds = w.BoundedIntText(
        value=seed,
        min=0,
        max=MOST_SEED,
        **look("seed", "Of the initial weights and the order of the samples; trains again", 160),
    )
    return Interactive(
        controls={"seed": seeds},
        looks=looks,
        job=job,
        draw=draw,
        describe=describe,
        call=_call,
        size=SIZE,
        answer=("04", _answer),
        blocking=blocking,
    )


def _answer(run: Cancelling, batch: int, update: int) -> float | None:
    """Return the share of Ω kept in batches of 128 after training; else None."""
    asked = (batch, update) == (128, UPDATES[-1])
    return 100 * run.moments[update].kept(batch) if asked else None


def _call(seed: int, batch: int, update: int, guess: Guess | None = None) -> str:
    looks = f"batch={batch}, update={update}{guess_argument(guess)}"
    return (
        f"run = cancellation.cancel(seed={seed})\n"
        f"alt = cancellation.describe(run, {looks})\n"
        f"me.plots.show(cancellation.draw(run, {looks}), alt=alt)"
    )
