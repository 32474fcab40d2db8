"""The sentence about the graph and the table of lesson 03."""

from __future__ import annotations

from mas_edu.lessons.omega_by_hand.experiment import EDGES, Array, Net
from mas_edu.lessons.omega_by_hand.moment import DELTA, FORWARD, LAST, Moment, number
from mas_edu.widgets import guess_words


def describe(
    net: Net, sample: int = 1, step: int = 1, abs_last: bool = False, guess: str | None = None
) -> str:
    """Say what `draw` shows."""
    moment = Moment(net, sample, step, abs_last)
    inputs = ", ".join(number(value) for value in net.x[moment.k])
    about = "all three samples" if moment.of_all else f"sample {sample}, inputs ({inputs})"
    return (
        f"Graph of two inputs, two hidden units and one output. Step {step} of 5, "
        f"{moment.name}, {about}: {_seen(moment)}.{guess_words(guess)}"
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
