"""Lesson 10's interactive figure: all methods, compared fairly or in a way that helps one."""

from __future__ import annotations

import ipywidgets as w

from mas_edu.lessons.fair_comparison.drawing import SIZE, describe, draw
from mas_edu.lessons.fair_comparison.experiment import WAYS, Compared, job
from mas_edu.lessons.fair_comparison.stored import RIVALS
from mas_edu.widgets import Interactive, look


def figure(
    way: str = "fair", favourite: str = "MAS", *, blocking: bool = False
) -> Interactive[Compared]:
    """Choose your favourite method, and be unfair to the others; the last line of a cell.

    Args:
        way: how the methods are compared; like the next one, what the controls begin at.
        favourite: the method that an unfair way helps.
        blocking: work in the caller's thread, for front ends that ignore updates from others.
    """
    controls = {
        "way": w.ToggleButtons(
            options=list(WAYS),
            value=way,
            description="comparison",
            tooltip="How the methods are compared; all but the first are unfair",
            style={"description_width": "85px", "button_width": "136px"},
            layout={"max_width": "100%"},
        ),
        "favourite": w.Dropdown(
            options=list(RIVALS),
            value=favourite,
            **look("favourite", "The method that an unfair comparison helps", 260, 85),
        ),
    }
    return Interactive(
        controls=controls,
        job=job,
        draw=draw,
        describe=describe,
        call=_call,
        size=SIZE,
        blocking=blocking,
    )


def _call(way: str, favourite: str) -> str:
    return (
        f"now = fair_comparison.compare(way={way!r}, favourite={favourite!r})\n"
        "me.plots.show(fair_comparison.draw(now), alt=fair_comparison.describe(now))"
    )
