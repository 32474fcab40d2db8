"""The sentence about the graph and the table of lesson 03."""

from __future__ import annotations

from mas_edu._common import translate
from mas_edu.lessons.omega_by_hand.experiment import EDGES, Array, Net
from mas_edu.lessons.omega_by_hand.moment import DELTA, FORWARD, LAST, Moment, number
from mas_edu.widgets import guess_words


def describe(
    net: Net, sample: int = 1, step: int = 1, abs_last: bool = False, guess: str | None = None
) -> str:
    """Say what `draw` shows."""
    moment = Moment(net, sample, step, abs_last)
    inputs = ", ".join(number(value) for value in net.x[moment.k])
    about = "all three samples" if moment.of_all else "sample {sample}, inputs ({inputs})"
    said = translate(
        "Graph of two inputs, two hidden units and one output. Step {step} of 5, {name}, {about}: "
        "{seen}.",
        step=step,
        name=moment.name,
        about=translate(about, sample=sample, inputs=inputs),
        seen=_seen(moment),
    )
    return f"{said}{guess_words(guess)}"


def _seen(moment: Moment) -> str:
    if moment.step == FORWARD:
        return _forward(moment.net, moment.k)
    if moment.step == DELTA:
        h1, h2 = moment.net.delta_h[moment.k]
        delta = number(moment.net.delta_f[moment.k])
        return translate(
            "δ is {f} at the output, {h1} at h₁ and {h2} at h₂",
            f=delta,
            h1=number(h1),
            h2=number(h2),
        )
    values = moment.on_edges
    assert values is not None
    if moment.step < LAST:
        kind = "gradient by each weight: {values}"
        if moment.of_all:
            kind = "mean gradient by each weight: {values}"
        elif not moment.signed:
            kind = "size of the gradient by each weight: {values}"
        return translate(kind, values=_each(values))
    if moment.abs_last:
        return translate(
            "the mean without its sign is {values}; {count} of 6 are smaller than Ω",
            values=_each(values),
            count=int((values < moment.net.omega - 1e-9).sum()),
        )
    template = (
        "Ω is {values}; the largest at {edge}" if values.any() else "Ω is {values}; nothing else"
    )
    return translate(template, values=_each(values), edge=EDGES[int(values.argmax())])


def _forward(net: Net, k: int) -> str:
    units = [
        translate(
            "{unit} gives {value}" if net.z[k, i] > 0 else "{unit} gives {value} (off)",
            unit=f"h{'₁₂'[i]}",
            value=number(net.a[k, i]),
        )
        for i in range(2)
    ]
    return translate(
        "{units}, F is {f} and F² is {square}",
        units=", ".join(units),
        f=number(net.f[k]),
        square=number(net.f[k] ** 2),
    )


def _each(values: Array) -> str:
    return ", ".join(f"{name} {number(value)}" for name, value in zip(EDGES, values, strict=True))
