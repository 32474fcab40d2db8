"""Lesson 02's interactive figure: slide θ along its path with λ."""

from __future__ import annotations

import ipywidgets as w

from mas_edu._common import as_float
from mas_edu.lessons.sensitivity.drawing import SIZE, describe, draw
from mas_edu.lessons.sensitivity.experiment import LAMBDAS, SPREAD_A, Valleys, job
from mas_edu.widgets import (
    Guess,
    Interactive,
    guess_argument,
    look,
    number_code,
    start_choice,
    start_number,
)

LEAST, MOST = 0.05, 1.75  # of A's reach along x₂
SIZES = (0.0, 0.25, 0.5, 0.75, 1.0)


def figure(
    spread: float = SPREAD_A, size: float = 1.0, lam: float = 0.5, *, blocking: bool = False
) -> Interactive[Valleys]:
    """Slide θ along its path with λ, L2 and MAS side by side; make it the last line of a cell.

    Args:
        spread: how far A's inputs reach along x₂; like the next two, what the controls begin at.
        size: by how much A's weights, and with them its outputs, are scaled.
        lam: how strongly both penalties hold on.
        blocking: work in the caller's thread, for front ends that ignore updates from others.

    Raises:
        ValueError: if an argument is not one that its control can show.
    """
    spread = start_number("spread", spread, LEAST, MOST)
    size = start_choice("size", size, SIZES)
    lam = as_float("lam", lam)
    controls = {
        "spread": w.FloatSlider(
            value=spread,
            min=LEAST,
            max=MOST,
            step=0.1,
            **look("reach along x₂", "How far A's inputs reach along x₂", 330, 100),
        ),
        "size": w.SelectionSlider(
            options=[(f"{value:g}", value) for value in SIZES],
            value=size,
            **look("size of A's weights", "Scales what solves A, and its outputs", 330, 130),
        ),
    }
    lams = w.SelectionSlider(
        options=[(f"{value:g}", value) for value in sorted({*LAMBDAS, lam})],
        value=lam,
        **look("λ", "How strongly both penalties hold on to A's weights", 640, 100),
    )
    return Interactive(
        controls=controls,
        looks={"lam": lams},
        job=job,
        draw=draw,
        describe=describe,
        call=_call,
        size=SIZE,
        answer=("02", _answer),
        blocking=blocking,
    )


def _answer(two: Valleys, lam: float) -> str | None:
    """Return the weight with the larger Ω while A's inputs hardly vary along x₂; else None."""
    asked = two.omega.any() and two.steep_a[1] < two.steep_a[0] / 10
    return ("θ₁", "θ₂")[int(two.omega.argmax())] if asked else None


def _call(spread: float, size: float, lam: float, guess: Guess | None = None) -> str:
    spread = round(spread, 12)  # the slider, in the browser, may stop at 0.35000000000000003
    looks = f"lam={number_code(lam)}{guess_argument(guess)}"
    return (
        f"two = sensitivity.valleys(spread={number_code(spread)}, size={number_code(size)})\n"
        f"alt = sensitivity.describe(two, {looks})\n"
        f"me.plots.show(sensitivity.draw(two, {looks}), alt=alt)"
    )
