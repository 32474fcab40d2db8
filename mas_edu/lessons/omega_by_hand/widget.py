"""Lesson 03: Ω by hand in a network of six weights, step by step, for three samples."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import ipywidgets as w

from mas_edu.lessons.omega_by_hand.drawing import SIZE, draw
from mas_edu.lessons.omega_by_hand.experiment import EDGES, NETS, Array, Net
from mas_edu.lessons.omega_by_hand.moment import DELTA, FORWARD, LAST, Moment, number
from mas_edu.widgets import Interactive, Question, look

__all__ = ["EDGES", "NETS", "QUIZ", "Net", "describe", "draw", "figure"]


def job(net: int) -> Generator[Net]:
    """The network with that number, at once."""
    yield NETS[net]


# ---- what there is to see, in words


def describe(net: Net, sample: int = 1, step: int = 1, abs_last: bool = False) -> str:
    """What `draw` shows, in words."""
    moment = Moment(net, sample, step, abs_last)
    inputs = ", ".join(number(value) for value in net.x[moment.k])
    about = "all three samples" if moment.of_all else f"sample {sample}, inputs ({inputs})"
    return (
        f"Graph of two inputs, two hidden units and one output. Step {step} of 5, "
        f"{moment.name}, {about}: {_seen(moment)}."
    )


def _seen(moment: Moment) -> str:
    if moment.step == FORWARD:
        return _forward(moment.net, moment.k)
    if moment.step == DELTA:
        h1, h2 = moment.net.delta_h[moment.k]
        delta = number(moment.net.delta_f[moment.k])
        return f"δ is {delta} at the output, {number(h1)} at h₁ and {number(h2)} at h₂"
    values = moment.on_edges
    assert values is not None
    if moment.step < LAST:
        kind = "gradient" if moment.signed else "size of the gradient"
        mean = "mean " if moment.of_all else ""
        return f"{mean}{kind} by each weight: {_each(values)}"
    largest = f"the largest at {EDGES[int(values.argmax())]}" if values.any() else "nothing else"
    if not moment.abs_last:
        return f"Ω is {_each(values)}; {largest}"
    less = int((values < moment.net.omega - 1e-9).sum())
    return f"the mean without its sign is {_each(values)}; {less} of 6 are smaller than Ω"


def _forward(net: Net, k: int) -> str:
    units = [
        f"h{'₁₂'[i]} gives {number(net.a[k, i])}{'' if net.z[k, i] > 0 else ' (off)'}"
        for i in range(2)
    ]
    return f"{units[0]}, {units[1]}, F is {number(net.f[k])} and F² is {number(net.f[k] ** 2)}"


def _each(values: Array) -> str:
    return ", ".join(f"{name} {number(value)}" for name, value in zip(EDGES, values, strict=True))


# ---- the interactive figure, and the questions


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
    """
    Moment(NETS[0], sample, step, abs_last)  # complains now about what cannot be shown
    names = ["of the lesson", *(f"to practise, {k}" for k in range(1, len(NETS)))]
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
        blocking=blocking,
    )


def _steps(step: int) -> Any:
    tooltip = "1 forward, 2 δ, 3 δ·a, 4 and 5 absolute value and mean; use the arrow keys"
    return w.IntSlider(value=step, min=1, max=5, **look("step", tooltip, 300, 66))


def _samples(sample: int) -> Any:
    """Three buttons beside each other."""
    shape = look("sample", "Which of the three samples goes through the network", 300, 56)
    shape["style"] |= {"button_width": "48px"}
    shape["layout"] |= {"display": "flex", "flex_flow": "row nowrap", "align_items": "center"}
    return w.ToggleButtons(
        options=[(str(k), k) for k in (1, 2, 3)],
        value=sample,
        tooltips=[f"Send sample {k} through the network" for k in (1, 2, 3)],
        **shape,
    )


def _order(abs_last: bool) -> Any:
    tooltip = "Take the mean before the absolute value, to compare; the result is not Ω"
    return w.Checkbox(value=abs_last, indent=False, **look("abs after the mean", tooltip, 170))


def _call(net: int, step: int, sample: int, abs_last: bool) -> str:
    options = f"sample={sample}, step={step}, abs_last={abs_last}"
    return (
        f"net = omega_by_hand.NETS[{net}]\n"
        f"alt = omega_by_hand.describe(net, {options})\n"
        f"me.plots.show(omega_by_hand.draw(net, {options}), alt=alt)"
    )


QUIZ = (
    Question(
        "For some sample F = 3. What is δ at the output, and why?",
        (
            "3, the output itself.",
            False,
            "The factor 2 is missing: the derivative of F² by F is 2F.",
        ),
        (
            "6: the derivative of F² by F is 2F.",
            True,
            "The square is what is differentiated. Its sign is that of F, its size twice F.",
        ),
        (
            "It cannot be said without the label.",
            False,
            "A loss would need a label. F² is made of the output alone.",
        ),
    ),
    Question(
        "For one sample h₁ is off. Which gradients are 0 because of that?",
        (
            "Those of its incoming edges only.",
            False,
            "They are, for δ is 0 at h₁. But the edge that leaves h₁ begins at 0, too.",
        ),
        (
            "Those of all edges that end or begin at h₁.",
            True,
            "Incoming edges end at δ = 0, the outgoing one begins at a = 0: each product is 0.",
        ),
        (
            "All six: the signal is cut.",
            False,
            "It still flows through h₂, and so does δ on its way back.",
        ),
    ),
    Question(
        "You show the network every sample twice. What happens to Ω?",
        (
            "It doubles: twice as many gradients are added.",
            False,
            "They are, but N is twice as large, too: Ω is a mean over samples.",
        ),
        (
            "Nothing: sum and number of samples both double.",
            True,
            "That is what dividing by N is for: Ω does not grow with the size of the data.",
        ),
        (
            "It halves: the same sum is shared by twice as many samples.",
            False,
            "The sum is not the same: each sample adds its gradients again.",
        ),
    ),
)
