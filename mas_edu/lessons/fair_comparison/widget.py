"""Lesson 10's interactive figure: all methods, compared fairly or in a way that helps one."""

from __future__ import annotations

import ipywidgets as w

from mas_edu.lessons.fair_comparison.drawing import SIZE, describe, draw
from mas_edu.lessons.fair_comparison.experiment import WAYS, Compared, gains, job
from mas_edu.lessons.fair_comparison.stored import RIVALS
from mas_edu.widgets import Guess, Interactive, guess_argument, look, start_choice


def figure(
    way: str = "fair", favourite: str = "MAS", *, blocking: bool = False
) -> Interactive[Compared]:
    """Choose your favourite method, and be unfair to the others; the last line of a cell.

    Args:
        way: how the methods are compared; like the next one, what the controls begin at.
        favourite: the method that an unfair way helps.
        blocking: work in the caller's thread, for front ends that ignore updates from others.

    Raises:
        ValueError: if an argument is not one that its control can show.
    """
    way = start_choice("way", way, WAYS)
    favourite = start_choice("favourite", favourite, RIVALS)
    controls = {
        "way": w.ToggleButtons(
            options=list(WAYS),
            value=way,
            description="comparison",
            tooltip="How the methods are compared; all but the first are unfair",
            style={"description_width": "85px", "button_width": "max-content"},
            layout={  # one line with the favourite
                "display": "flex",
                "flex_flow": "row nowrap",
                "align_items": "center",
                "width": "max-content",
                "max_width": "100%",
            },
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
        answer=("10", _answer),
        blocking=blocking,
    )


def _answer(now: Compared) -> str | None:
    """Return the way that gains a favourite the most, where all four are shown; else None."""
    return max(gains(), key=lambda way: gains()[way]) if now.way == "all four" else None


def _call(way: str, favourite: str, guess: Guess | None = None) -> str:
    marked = f"now{guess_argument(guess)}"
    return (
        f"now = fair_comparison.compare(way={way!r}, favourite={favourite!r})\n"
        f"alt = fair_comparison.describe({marked})\n"
        f"me.plots.show(fair_comparison.draw({marked}), alt=alt)"
    )
