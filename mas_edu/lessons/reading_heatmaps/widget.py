"""Lesson 07's interactive figure: one Ω, three scales, three ways to show it, two controls."""

from __future__ import annotations

import ipywidgets as w

from mas_edu.lessons.reading_heatmaps.drawing import SIZE, WHAT, describe, draw
from mas_edu.lessons.reading_heatmaps.experiment import SOURCES, Maps, job
from mas_edu.widgets import Interactive, look

SEEDS = (0, 1)


def figure(
    what: str = "pixels",
    scale: str = "linear",
    source: str = "trained",
    seed: int = 0,
    *,
    blocking: bool = False,
) -> Interactive[Maps]:
    """Switch scale, view and control of one map of Ω; the last line of a cell.

    Args:
        what: "pixels", "units" or "weights"; like the next three, what the controls begin at.
        scale: "linear", "log" or "rank".
        source: "trained", or one of the controls "untrained" and "noise".
        seed: of the initial weights, the order of the samples and the noise.
        blocking: work in the caller's thread, for front ends that ignore updates from others.
    """
    looks = {
        "what": w.Dropdown(
            options=list(WHAT), value=what, **look("show", "What one cell of the map stands for")
        ),
        "scale": w.Dropdown(
            options=["linear", "log", "rank"],
            value=scale,
            **look("scale", "How numbers become colours"),
        ),
        "source": w.Dropdown(
            options=[(name, key) for key, name in SOURCES.items()],
            value=source,
            **look("Ω of", "The trained network, or a control with one thing changed", 290, 45),
        ),
    }
    seeds = w.Dropdown(
        options=sorted({*SEEDS, seed}),
        value=seed,
        **look("seed", "Of the initial weights, sample order and noise; trains again", 160),
    )
    return Interactive(
        controls={"seed": seeds},
        looks=looks,
        job=job,
        draw=draw,
        describe=describe,
        call=_call,
        size=SIZE,
        blocking=blocking,
    )


def _call(seed: int, what: str, scale: str, source: str) -> str:
    looks = f'what="{what}", scale="{scale}", source="{source}"'
    return (
        f"run = reading_heatmaps.maps(seed={seed})\n"
        f"alt = reading_heatmaps.describe(run, {looks})\n"
        f"me.plots.show(reading_heatmaps.draw(run, {looks}), alt=alt)"
    )
