"""Lesson 08's figure: local against global Ω of a layer, and what one weight's Ω is made of."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from mas_edu.lessons.hebb.experiment import Layer, Networks, rank_correlation
from mas_edu.plots import COLOURS, GREY, INK, white_figure
from mas_edu.widgets import guess_words, label_guess

SIZE = (900, 480)
UNIT, SOURCE, GLOBAL = COLOURS[0], COLOURS[1], COLOURS[3]
DECADES = 5  # shown below the largest Ω
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
POWER = FuncFormatter(lambda value, _: "10" + f"{np.log10(value):.0f}".translate(RAISED))
LEFT, WIDTH = 0.565, 0.42  # of the right part
HEIGHT = 0.12  # of the largest activation in a row


def draw(
    now: Networks,
    trained: bool = True,
    layer: str = "output",
    unit: int = 50,
    source: int = 80,
    guess: float | None = None,
) -> Figure:
    """Draw local against global Ω of a layer, and one of its weights sample by sample.

    Args:
        now: the networks.
        trained: whether to draw the trained network or the untrained one.
        layer: "first hidden", "last hidden" or "output".
        unit: the unit that the weight leads to, and
        source: the input that it comes from, both in per cent as in `Layer.place`.
        guess: of the rank correlation; written beside it.
    """
    figure, one = white_figure(SIZE), now.layer(layer, trained)
    i, j = one.place(unit, source)
    figure.text(0.015, 0.93, number(one.rank), fontsize=26, weight="bold", color=INK, va="center")
    for height, text, colour in (
        (0.955, "rank correlation of local and global Ω", INK),
        (0.9, title(now, trained, one), GREY),
    ):
        figure.text(0.13, height, text, fontsize=13, color=colour, va="center")
    _cloud(figure.add_axes((0.075, 0.115, 0.41, 0.725)), now, one, i, j)
    _layers(figure.add_axes((LEFT, 0.79, WIDTH, 0.195)), now, trained, one)
    _samples(figure.add_axes((LEFT, 0.105, WIDTH, 0.625)), now, one, i, j)
    if guess is not None:
        page = figure.add_axes((0, 0, 1, 1))
        page.set_axis_off()
        label_guess(page, guess, (0.13, 0.85), f"your guess {number(guess)}")
    return figure


def describe(
    now: Networks,
    trained: bool = True,
    layer: str = "output",
    unit: int = 50,
    source: int = 80,
    guess: float | None = None,
) -> str:
    """Say what `draw` shows."""
    one = now.layer(layer, trained)
    i, j = one.place(unit, source)
    into, outof = alike(one, i, j)
    point = (
        "are equal, weight by weight"
        if np.allclose(one.local_omega, one.global_omega, rtol=1e-3)
        else "rank the weights much alike"
        if one.rank > 0.8
        else "rank the weights alike in part"
    )
    local, whole = one.local_omega[i, j], one.global_omega[i, j]
    return (
        f"Local and global Ω {point}: rank correlation {number(one.rank)} ({number(into)} into "
        f"{unit_name(one, i)}, {number(outof)} from {source_name(now, one, j)}). "
        f"ΣΩ local is {factor(one.ratio)} times ΣΩ global. The weight between these two has Ω "
        f"local {size(local)}, global {size(whole)}. Layer: {title(now, trained, one)}."
        f"{guess_words(guess, '')}"
    )


def alike(layer: Layer, i: int, j: int) -> tuple[float, float]:
    """Return the rank correlation over the weights into unit i, and over those from input j."""
    local, whole, units = layer.local_omega, layer.global_omega, layer.active_units
    return (
        rank_correlation(local[i], whole[i]),
        rank_correlation(local[units, j], whole[units, j]),
    )


def title(now: Networks, trained: bool, layer: Layer) -> str:
    """Say which layer of which network it is."""
    layers = f"{now.hidden} hidden layer{'s' * (now.hidden > 1)}"
    return f"{layer.name}, {layers}, {'trained' if trained else 'untrained'}"


def source_name(now: Networks, layer: Layer, j: int) -> str:
    """Return where the weight comes from, such as "pixel 27" or "unit 3 of hidden1"."""
    place = [one.name for one in now.trained].index(layer.name)
    return f"unit {j} of {now.trained[place - 1].name}" if place else f"pixel {j}"


def unit_name(layer: Layer, i: int) -> str:
    """Return where the weight leads to, such as "unit 12" or "output 7"."""
    return f"{'output' if layer.name == 'output' else 'unit'} {i}"


def number(correlation: float) -> str:
    """Write a correlation.

    >>> number(0.952), number(-0.2), number(-0.001)
    ('0.95', '−0.20', '0.00')
    """
    return f"{round(correlation, 2) + 0.0:.2f}".replace("-", "−")


def size(omega: float) -> str:
    """Write an Ω with three digits.

    >>> size(12.345), size(0.04567), size(0.00001), size(0)
    ('12.3', '0.0457', 'below 0.0001', '0')
    """
    return "below 0.0001" if 0 < omega < 0.0001 else f"{omega:.3g}"


def factor(ratio: float) -> str:
    """Write how many times as large something is, with two digits.

    >>> factor(0.2853), factor(97.6), factor(1.0)
    ('0.29', '98', '1')
    """
    return f"{ratio:.2g}" if ratio < 99.5 else f"{ratio:.0f}"


# ---- all weights of the layer


def _cloud(ax: Axes, now: Networks, layer: Layer, i: int, j: int) -> None:
    """Draw global against local Ω, a dot for each weight; those of one unit and input in colour."""
    local, whole = layer.local_omega, layer.global_omega
    high = 2 * float(max(local.max(), whole.max()))
    low = high / 10**DECADES
    ax.plot([low, high], [low, high], color=INK, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    for x, y, look in (
        (local, whole, {"color": "#9a9a9a", "marker": ".", "markersize": 2.5}),
        (local[:, j], whole[:, j], {"color": SOURCE, "marker": "x", "markersize": 5.5}),
        (local[i], whole[i], {"color": UNIT, "marker": "o", "markersize": 4.5}),
    ):
        some = (x > 0) & (y > 0)  # what is 0 has no place on a logarithmic scale
        ax.plot(x[some], y[some], linestyle="", **look)  # type: ignore[arg-type]
    ring: dict[str, Any] = {"markerfacecolor": "none", "markeredgewidth": 2, "markersize": 14}
    place = (max(local[i, j], low), max(whole[i, j], low))
    ax.plot(*place, "o", color=INK, clip_on=False, **ring)
    ax.set(xscale="log", yscale="log", xlim=(low, high), ylim=(low, high))
    for axis, label in ((ax.xaxis, "Ω local"), (ax.yaxis, "Ω global")):
        axis.set_major_formatter(POWER)
        axis.set_minor_locator(NullLocator())
        axis.set_label_text(label, fontsize=12.5, color=INK)
    ax.tick_params(labelsize=11)
    ax.spines[["top", "right"]].set_visible(False)
    _legend(ax, now, layer, i, j)


def _legend(ax: Axes, now: Networks, layer: Layer, i: int, j: int) -> None:
    """Say what the colours mean, in the corner that the cloud leaves free."""
    into, outof = alike(layer, i, j)
    above = layer.ratio > 1  # the cloud is below the line
    lines = (
        (INK, "– –  equal"),
        (UNIT, f"●  into {unit_name(layer, i)}: {number(into)}"),
        (SOURCE, f"✕  from {source_name(now, layer, j).partition(' of ')[0]}: {number(outof)}"),
    )
    for k, (colour, text) in enumerate(lines):
        x, y = (0.03, 0.97 - 0.06 * k) if above else (0.44, 0.17 - 0.06 * k)
        style: dict[str, Any] = {"transform": ax.transAxes, "fontsize": 12, "va": "center"}
        ax.text(x, y, text, color=colour, **style)


# ---- the network


def _layers(ax: Axes, now: Networks, trained: bool, chosen: Layer) -> None:
    """Draw the layers as boxes, and between them ΣΩ local / ΣΩ global; the chosen one in bold."""
    layers = now.layers(trained)
    names = ["pixels", *(layer.name for layer in layers)]
    centres = np.linspace(0.065, 0.935, len(names))
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.set_axis_off()
    ax.text(0, 0.93, "ΣΩ local / ΣΩ global, layer by layer", fontsize=12, color=INK, va="center")
    for k, layer in enumerate(layers):
        bold = layer.name == chosen.name
        style: dict[str, Any] = {"color": INK, "weight": "bold"} if bold else {"color": GREY}
        middle, ends = float(centres[k : k + 2].mean()), centres[k : k + 2]
        ax.plot(ends, [0.2, 0.2], color=style["color"], linewidth=4 if bold else 1.2, zorder=1)
        said = factor(layer.ratio)
        ax.text(middle, 0.58, said, fontsize=13, ha="center", va="center", **style)
    for name, centre in zip(names, centres, strict=True):
        box = {"boxstyle": "square,pad=0.25", "facecolor": "white", "edgecolor": GREY}
        ax.text(centre, 0.2, name, fontsize=10, color=INK, ha="center", va="center", bbox=box)


# ---- one weight


def _samples(ax: Axes, now: Networks, layer: Layer, i: int, j: int) -> None:
    """Draw the ends of one weight, sample by sample, and the products whose mean is its Ω."""
    x, y, delta = layer.inputs[:, j], 2 * abs(layer.outputs[:, i]), abs(layer.delta[:, i])
    unit = unit_name(layer, i)
    local, whole = layer.local_omega[i, j], layer.global_omega[i, j]
    rows = (
        (0.88, SOURCE, f"x: activation of {source_name(now, layer, j)}", x),
        (0.64, UNIT, f"2|y|: twice the activation of {unit}", y),
        (0.44, UNIT, f"x · 2|y|; the mean is Ω local: {size(local)}", abs(x) * y),
        (0.2, GLOBAL, f"|δ|: how much ‖F‖² depends on {unit}", delta),
        (0.0, GLOBAL, f"x · |δ|; the mean is Ω global: {size(whole)}", abs(x) * delta),
    )
    places = np.arange(len(now.examples))
    for bottom, colour, text, values in rows:
        shown = values[now.examples] / (float(values[now.examples].max()) or 1.0)  # its own scale
        ax.vlines(places, bottom, bottom + HEIGHT * shown, color=colour, linewidth=5)
        ax.axhline(bottom, color=INK, linewidth=0.8, clip_on=False)
        ax.text(-1, bottom + HEIGHT + 0.01, text, fontsize=11.5, color=colour, va="bottom")
    each = len(places) // 10
    ax.set(xlim=(-1, len(places)), ylim=(0, 1), yticks=[])
    ax.set_xticks(each * np.arange(10) + (each - 1) / 2, [f"{digit}" for digit in range(10)])
    ax.tick_params(labelsize=11, length=0, pad=3)
    ax.spines[:].set_visible(False)
    said = f"{each} samples of each digit; means: over all samples"
    ax.text(-1, -0.135, said, fontsize=11, color=GREY, va="center")
