"""Lesson 03's interactive figure: Ω by hand, step by step, for three samples."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import ipywidgets as w

from mas_edu._common import translate
from mas_edu.lessons.omega_by_hand.description import describe
from mas_edu.lessons.omega_by_hand.drawing import SIZE, draw
from mas_edu.lessons.omega_by_hand.experiment import EDGES, NETS, Net
from mas_edu.lessons.omega_by_hand.moment import Moment
from mas_edu.widgets import Guess, Interactive, guess_argument, look, start_choice, start_whole


def job(net: int) -> Generator[Net]:
    """Yield the network with that number, at once."""
    yield NETS[net]


def figure(
    net: int = 0,
    sample: int = 1,
    step: int = 1,
    abs_last: bool = False,
    *,
    blocking: bool = False,
) -> Interactive[Net]:
    """Step from the forward pass to Ω, sample by sample; make it the last line of a cell.

    Args:
        net: which of `NETS`; 0 is the lesson's. Like the next three, what the controls begin at.
        sample: 1, 2 or 3.
        step: 1 forward, 2 δ, 3 δ·a, 4 |·|, 5 mean.
        abs_last: whether the absolute value is taken after the mean, to compare.
        blocking: work in the caller's thread, for front ends that ignore updates from others.

    Raises:
        ValueError: if an argument is not one that its control can show.
    """
    net = start_whole("net", net, 0, len(NETS) - 1)
    abs_last = start_choice("abs_last", abs_last, (False, True))
    Moment(NETS[net], sample, step, abs_last)  # refuses other samples and steps
    others = range(1, len(NETS))
    names = [translate("of the lesson")]
    names += [translate("to practise, {number}", number=k) for k in others]
    nets = w.Dropdown(
        options=[(name, k) for k, name in enumerate(names)],
        value=net,
        **look(
            "network", "Other weights and samples, to work out on paper before you look", 230, 66
        ),
    )
    return Interactive(
        controls={"net": nets},
        looks={"step": _steps(step), "sample": _samples(sample), "abs_last": _order(abs_last)},
        job=job,
        draw=draw,
        describe=describe,
        call=_call,
        size=SIZE,
        answer=("03", _answer),
        blocking=blocking,
    )


def _answer(net: Net, step: int, sample: int, abs_last: bool) -> str | None:
    """Return the edge with the largest Ω once the table of the lesson's network is full."""
    asked = net is NETS[0] and step == 5 and not abs_last
    return EDGES[int(net.omega.argmax())] if asked else None


def _steps(step: int) -> Any:
    return w.IntSlider(
        value=step,
        min=1,
        max=5,
        **look(
            "step",
            "1 forward, 2 δ, 3 δ·a, 4 and 5 absolute value and mean; use the arrow keys",
            300,
            66,
        ),
    )


def _samples(sample: int) -> Any:
    """Return three buttons beside each other."""
    shape = look("sample", "Which of the three samples goes through the network", 300, 56)
    shape["style"] |= {"button_width": "48px"}
    shape["layout"] |= {"display": "flex", "flex_flow": "row nowrap", "align_items": "center"}
    return w.ToggleButtons(
        options=[(str(k), k) for k in (1, 2, 3)],
        value=sample,
        tooltips=[
            translate("Send sample {number} through the network", number=k) for k in (1, 2, 3)
        ],
        **shape,
    )


def _order(abs_last: bool) -> Any:
    return w.Checkbox(
        value=abs_last,
        indent=False,
        **look(
            "abs after the mean",
            "Take the mean before the absolute value, to compare; the result is not Ω",
            170,
        ),
    )


def _call(net: int, step: int, sample: int, abs_last: bool, guess: Guess | None = None) -> str:
    options = f"sample={sample}, step={step}, abs_last={abs_last}{guess_argument(guess)}"
    return (
        f"net = omega_by_hand.NETS[{net}]\n"
        f"alt = omega_by_hand.describe(net, {options})\n"
        f"me.plots.show(omega_by_hand.draw(net, {options}), alt=alt)"
    )
