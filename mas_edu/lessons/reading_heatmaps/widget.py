"""Lesson 07's interactive figure: a map of Ω, and one to compare it with."""

from __future__ import annotations

from functools import partial

import ipywidgets as w

from mas_edu._common import as_seed
from mas_edu.lessons.reading_heatmaps.drawing import SCALES, SIZE, describe, draw
from mas_edu.lessons.reading_heatmaps.experiment import LIKENESS, VIEWS, Maps, job
from mas_edu.widgets import Guess, Interactive, guess_argument, look, start_choice

OFFERED = {
    "untrained network": "untrained",
    "noise as inputs": "noise",
    "another seed": "seed",
}


def figure(
    beside: str = "untrained",
    what: str = "pixels",
    scale: str = "linear",
    shared: bool = False,
    seed: int = 0,
    *,
    blocking: bool = False,
) -> Interactive[Maps]:
    """Put another map beside that of the trained network; the last line of a cell.

    Args:
        beside: "untrained", "noise" or "seed"; like the next three, what the controls begin at.
        what: "pixels", "units" or "weights".
        scale: "linear", "log" or "rank".
        shared: whether both maps have the same limits of colour.
        seed: of the initial weights, the order of the samples and the noise.
        blocking: work in the caller's thread, for front ends that ignore updates from others.

    Raises:
        ValueError: if an argument is not one that its control can show.
    """
    beside = start_choice("beside", beside, OFFERED.values())
    what = start_choice("what", what, VIEWS)
    scale = start_choice("scale", scale, SCALES)
    shared = start_choice("shared", shared, (False, True))
    seed = as_seed(seed)
    looks = {
        "beside": w.Dropdown(
            options=OFFERED.items(),
            value=beside,
            **look("beside it", "The map in the middle: one thing is changed", 235, 65),
        ),
        "what": w.Dropdown(
            options=list(VIEWS),
            value=what,
            **look("a cell is", "What one cell of a map stands for: Ω by these", 180, 60),
        ),
        "scale": w.Dropdown(
            options=list(SCALES),
            value=scale,
            **look("scale", "How numbers become colours", 150, 45),
        ),
        "shared": w.Dropdown(
            options=[("own for each map", False), ("shared by both", True)],
            value=shared,
            **look("limits", "Where the colours begin and end", 220, 45),
        ),
    }
    return Interactive(
        controls={},
        looks=looks,
        job=partial(job, seed),
        draw=draw,
        describe=describe,
        call=partial(_call, seed),
        size=SIZE,
        answer=("07", _answer),
        blocking=blocking,
    )


def _answer(maps: Maps, beside: str, what: str, scale: str, shared: bool) -> str | None:
    """Return how alike the untrained map and the ink are, in the words of the question."""
    if beside != "untrained":
        return None
    share = maps.with_ink("untrained") / maps.with_ink("trained")
    return min(LIKENESS, key=lambda words: abs(LIKENESS[words] - share))


def _call(
    seed: int, beside: str, what: str, scale: str, shared: bool, guess: Guess | None = None
) -> str:
    looks = f'beside="{beside}", what="{what}", scale="{scale}", shared={shared}'
    looks += guess_argument(guess)
    return (
        f"run = reading_heatmaps.maps(seed={seed})\n"
        f"alt = reading_heatmaps.describe(run, {looks})\n"
        f"me.plots.show(reading_heatmaps.draw(run, {looks}), alt=alt)"
    )
