"""The interactive figure of the notebook on how Ω is computed: what it costs here and now."""

from __future__ import annotations

from functools import partial

import ipywidgets as w

from mas_edu._common import as_int, as_ints, as_list
from mas_edu.lessons.exact_and_fast.drawing import SIZE, UNITS, describe, draw
from mas_edu.lessons.exact_and_fast.experiment import EXACT, ROUNDS, SAMPLES, WIDTHS, Costs, job
from mas_edu.widgets import Guess, Interactive, guess_argument, look, start_choice


def figure(
    width: int = WIDTHS[1],
    unit: str = UNITS[0],
    *,
    samples: tuple[int, ...] = SAMPLES,
    rounds: int = ROUNDS,
    blocking: bool = False,
) -> Interactive[Costs]:
    """Measure what Ω costs for more and more samples; make it the last line of a cell.

    Args:
        width: units in each hidden layer; like the next, what the controls begin at.
        unit: "plain passes" or "seconds".
        samples: how many there are.
        rounds: how often each is measured, at most.
        blocking: work in the caller's thread, for front ends that ignore updates from others.

    Raises:
        ValueError: if an argument is not one that its control can show.
    """
    width = start_choice("width", width, WIDTHS)
    unit = start_choice("unit", unit, UNITS)
    samples = tuple(as_ints("samples", as_list("samples", samples), least=1))
    rounds = as_int("rounds", rounds, least=1)
    controls = {
        "width": w.SelectionSlider(
            options=[(f"{count}", count) for count in WIDTHS],
            value=width,
            continuous_update=False,
            **look("width", "How many units each of the two hidden layers has", 330, 60),
        ),
        "again": w.BoundedIntText(
            value=1,
            min=1,
            max=99,
            **look("measurement", "Another number measures once more, on this computer", 190, 95),
        ),
    }
    units = w.ToggleButtons(
        options=list(UNITS),
        value=unit,
        tooltips=["Divide each time by that of a plain pass", "Show each time as it was measured"],
        **look("shown in", "In what the cost is shown: relative, or as time", 360, 60),
    )
    units.layout.display, units.layout.align_items = "flex", "center"  # beside the name
    units.style.button_width = "110px"
    return Interactive(
        controls=controls,
        looks={"unit": units},
        job=partial(job, samples=samples, rounds=rounds),
        draw=draw,
        describe=describe,
        call=partial(_call, samples, rounds),
        size=SIZE,
        answer=("A1", _answer),
        blocking=blocking,
    )


def _answer(costs: Costs, unit: str) -> float | None:
    """Return the cost of exact Ω for the most samples, if the network is the one asked about."""
    return costs.passes(EXACT)[-1] if costs.width == WIDTHS[1] else None


def _call(
    samples: tuple[int, ...],
    rounds: int,
    width: int,
    again: int,
    unit: str,
    guess: Guess | None = None,
) -> str:
    others = "" if (samples, rounds) == (SAMPLES, ROUNDS) else f", {samples}, {rounds}"
    looks = f'unit="{unit}"{guess_argument(guess)}'
    return (
        f"costs = exact_and_fast.measure({width}, {again}{others})\n"
        f"alt = exact_and_fast.describe(costs, {looks})\n"
        f"me.plots.show(exact_and_fast.draw(costs, {looks}), alt=alt)"
    )
