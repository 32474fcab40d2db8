"""Lesson 08's interactive figure: choose a layer and a weight, and see both Ω."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import Any

import ipywidgets as w

from mas_edu._common import as_seed
from mas_edu.lessons.hebb.drawing import SIZE, describe, draw
from mas_edu.lessons.hebb.experiment import DEPTHS, LAYERS, Networks, job
from mas_edu.widgets import Guess, Interactive, guess_argument, look, start_choice

SHARES = range(0, 101, 10)  # per cent


def figure(
    hidden: int = 1,
    trained: bool = True,
    layer: str = "output",
    unit: int = 50,
    source: int = 80,
    seed: int = 0,
    *,
    blocking: bool = False,
) -> Interactive[Networks]:
    """Choose a network, a layer and one of its weights; the last line of a cell.

    It begins at the output layer, where both Ω are equal: the other layers are for the reader to
    guess first.

    Args:
        hidden: how many hidden layers, from 1 to 3; like the next four, what the controls begin at.
        trained: whether the network is trained.
        layer: "first hidden", "last hidden" or "output".
        unit: the unit that the weight leads to, and
        source: the input that it comes from, in per cent: 0, 10, … 100.
        seed: of the initial weights and the order of the samples.
        blocking: work in the caller's thread, for front ends that ignore updates from others.

    Raises:
        ValueError: if an argument is not one that its control can show.
    """
    hidden = start_choice("hidden", hidden, DEPTHS)
    trained = start_choice("trained", trained, (False, True))
    layer = start_choice("layer", layer, LAYERS)
    unit = start_choice("unit", unit, SHARES)
    source = start_choice("source", source, SHARES)
    seed = as_seed(seed)
    controls = {
        "hidden": w.Dropdown(
            options=DEPTHS,
            value=hidden,
            **look("hidden layers", "How many hidden layers the network has", 160, 90),
        ),
    }
    looks = {
        "trained": w.Dropdown(
            options=[("trained", True), ("untrained", False)],
            value=trained,
            **look("network", "The network after training, or before", 165, 60),
        ),
        "layer": w.Dropdown(
            options=list(LAYERS),
            value=layer,
            **look("layer", "The layer whose weights are drawn", 160, 40),
        ),
        "unit": _slider("unit", "Where the weight leads to: units by global / local Ω", unit),
        "source": _slider("input", "Where the weight comes from: inputs by their mean", source),
    }
    return Interactive(
        controls=controls,
        looks=looks,
        job=partial(_job, seed),
        draw=draw,
        describe=describe,
        call=partial(_call, seed),
        size=SIZE,
        answer=("08", _answer),
        blocking=blocking,
    )


def _slider(name: str, tooltip: str, value: int) -> Any:
    """Return a slider through the ends of weights, in per cent."""
    return w.SelectionSlider(
        options=[(f"{share} %", share) for share in SHARES],
        value=value,
        continuous_update=False,
        **look(name, tooltip, 270, 40),
    )


def _job(seed: int, hidden: int) -> Generator[Networks]:
    yield from job(hidden, seed)


def _answer(now: Networks, trained: bool, layer: str, **_: object) -> float | None:
    """Return the rank correlation in a first layer after training, with one hidden; else None."""
    asked = (now.hidden, trained, layer) == (1, True, "first hidden")
    return now.layer(layer, trained).rank if asked else None


def _call(
    seed: int,
    hidden: int,
    trained: bool,
    layer: str,
    unit: int,
    source: int,
    guess: Guess | None = None,
) -> str:
    more = "" if seed == 0 else f", seed={seed}"
    looks = f'trained={trained}, layer="{layer}", unit={unit}, source={source}'
    looks += guess_argument(guess)
    return (
        f"now = hebb.networks(hidden={hidden}{more})\n"
        f"alt = hebb.describe(now, {looks})\n"
        f"me.plots.show(hebb.draw(now, {looks}), alt=alt)"
    )
