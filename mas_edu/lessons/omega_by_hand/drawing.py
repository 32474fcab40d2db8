"""A network of six weights as a graph, with the sheet of paper below it: one picture per step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from mas_edu._common import translate
from mas_edu.lessons.omega_by_hand.experiment import EDGES, Array, Net
from mas_edu.lessons.omega_by_hand.moment import (
    DELTA,
    FORWARD,
    LAST,
    PRODUCT,
    STEPS,
    Moment,
    factor,
    number,
)
from mas_edu.plots import COLOURS, GREY, INK, white_figure
from mas_edu.widgets import GUESS_COLOUR, label_guess

SIZE = (900, 690)
RISES, FALLS, OF_OMEGA = COLOURS[0], COLOURS[1], COLOURS[3]
PALE, DIM = "#d9d9d9", "#707070"
PLACES = {"x₁": (150, 207), "x₂": (150, 403), "h₁": (450, 207), "h₂": (450, 403), "F": (745, 305)}
RADIUS = 41
WIDEST = 22.0  # points, of the line with the largest value
ALONG = (0.5, 0.29, 0.29, 0.5, 0.5, 0.5)  # where on its edge each value stands
COLUMNS = np.linspace(327, 842, 6)
TOP, ROW = 505, 33  # of the table, in pixels of the page


def draw(
    net: Net, sample: int = 1, step: int = 1, abs_last: bool = False, guess: str | None = None
) -> Figure:
    """Draw the network as a graph at one step, and the table as far as it is filled.

    A guess, one of `EDGES`, is framed in the table.
    """
    moment = Moment(net, sample, step, abs_last)
    figure = white_figure(SIZE)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, SIZE[0]), ylim=(SIZE[1], 0))  # pixels of the page, from its upper left corner
    ax.set_axis_off()
    _heading(ax, moment)
    _edges(ax, moment)
    _nodes(ax, moment)
    _worked(ax, moment)
    _table(ax, moment)
    if guess is not None:
        _guess(ax, guess)
    return figure


def _heading(ax: Axes, moment: Moment) -> None:
    """Write which of the five steps this is, and what it does."""
    lefts = (34, 220, 330, 490, 635)
    for k, (left, name) in enumerate(zip(lefts, STEPS[moment.abs_last], strict=True), 1):
        style: dict[str, Any] = {"ha": "left"}
        if k == moment.step:
            style |= {"weight": "bold", "bbox": {"facecolor": "#e4ddf7", "linewidth": 0, "pad": 7}}
        _text(
            ax, left, 30, f"{k}  {translate(name)}", 19, INK if k == moment.step else GREY, **style
        )
    rule = RULES[moment.abs_last][moment.step - 1]
    _text(ax, 30, 64, translate(rule), 16, INK, ha="left", va="top", linespacing=1.35)


RULES = {  # translated
    False: (
        "Each unit adds up weight × input.\nReLU makes 0 of a sum below 0: the unit is off.",
        "δ says how F² changes with a unit's sum. It is 2F at the output,\n"
        "and goes back from there: times the weight, and 0 where a unit is off.",
        "The gradient of F² by a weight: the δ that its edge ends at,\n"
        "times the value that it begins at. Dashed: a larger weight makes F² smaller.",
        "The sign goes: whether F² rises or falls, the weight matters.",
        "Add the three rows, divide by three: this is Ω, and the width of the edge.",
    ),
}
RULES[True] = (  # translated
    *RULES[False][:3],
    "The other order: first the mean, and opposite signs of two samples meet.",
    "The sign goes last. Pale: the true Ω. Where signs have met, a part is missing.",
)


def _edges(ax: Axes, moment: Moment) -> None:
    values, largest = moment.on_edges, np.abs(moment.net.gradients).max() or 1.0
    for e, name in enumerate(EDGES):
        begin, end = (np.array(PLACES[node]) for node in name.split("→"))
        line = np.array([begin, end]).T
        if moment.step == LAST and moment.abs_last:
            _line(ax, line, moment.net.omega[e] / largest, color=OF_OMEGA, alpha=0.3)
        value = 0.0 if values is None else values[e]
        _line(ax, line, abs(value) / largest, **_look(moment, value))
        x, y = begin + ALONG[e] * (end - begin)
        text, size, colour = _on_edge(moment, e)
        label = _text(ax, x, y, text, size, colour, weight="bold", zorder=5)
        label.set_bbox({"facecolor": "white", "linewidth": 0, "pad": 3})


def _look(moment: Moment, value: float) -> dict[str, Any]:
    """Return the style of a line; where F² would fall it is dashed, too."""
    if moment.step < PRODUCT:
        return {"color": DIM}
    if value == 0:
        return {"color": PALE, "linestyle": (0, (1, 2))}
    if moment.signed:
        return {"color": RISES} if value > 0 else {"color": FALLS, "linestyle": (0, (1.6, 0.5))}
    return {"color": OF_OMEGA}


def _line(ax: Axes, line: Array, share: float, **style: Any) -> None:
    width = max(2.0, WIDEST * share)
    ax.plot(*line, linewidth=width, solid_capstyle="butt", zorder=1, **style)


def _on_edge(moment: Moment, e: int) -> tuple[str, float, str]:
    """Return the words on an edge, their size and colour."""
    net, values = moment.net, moment.on_edges
    if values is None:
        return number(net.weights[e]), 17, INK
    value = values[e]
    colour = GREY if value == 0 else _look(moment, value)["color"]
    if moment.step == PRODUCT:
        delta, a = net.ends[moment.k, e], net.begins[moment.k, e]
        return f"{number(delta)}·{factor(a)} = {number(value)}", 16, colour
    return number(value), 21, colour


def _nodes(ax: Axes, moment: Moment) -> None:
    """Draw circles with what each unit has at this step; the new number is the dark one."""
    for name, (x, y) in PLACES.items():
        off = name[0] == "h" and not moment.of_all and _of(moment, moment.net.a, name) == 0
        look: dict[str, Any] = {"facecolor": "white", "edgecolor": INK, "linewidth": 2}
        if off:
            look |= {"facecolor": "#eeeeee", "edgecolor": DIM, "linestyle": "--"}
        ax.add_patch(Circle((x, y), RADIUS, zorder=3, **look))
        if moment.of_all:
            _text(ax, x, y, name, 22, INK, zorder=4)
            continue
        _inside(ax, moment, name)
        if name[0] != "h":
            _text(ax, x + (-62 if name[0] == "x" else 60), y, name, 20, INK)


def _inside(ax: Axes, moment: Moment, name: str) -> None:
    x, y = PLACES[name]
    value, delta = number(_value(moment, name)), _delta(moment, name)
    if delta is None:
        colour = DIM if moment.step == DELTA else INK
        _text(ax, x, y, value, 21, colour, weight="bold", zorder=4)
        return
    colour = INK if moment.step == PRODUCT and name != "F" else DIM
    _text(ax, x, y - 15, f"δ {number(delta)}", 16, INK, weight="bold", zorder=4)
    _text(ax, x, y + 16, f"{'F' if name == 'F' else 'a'} {value}", 16, colour, zorder=4)


def _of(moment: Moment, values: Array, name: str) -> float:
    """Return the entry of this sample and unit: of "h₁" the first."""
    return float(values[moment.k]["₁₂".index(name[1])])


def _value(moment: Moment, name: str) -> float:
    """Return the output of the unit."""
    if name == "F":
        return float(moment.net.f[moment.k])
    return _of(moment, moment.net.x if name[0] == "x" else moment.net.a, name)


def _delta(moment: Moment, name: str) -> float | None:
    """Return the unit's δ, once it is known; inputs need none."""
    if moment.step < DELTA or name[0] == "x":
        return None
    if name == "F":
        return float(moment.net.delta_f[moment.k])
    return _of(moment, moment.net.delta_h, name)


def _worked(ax: Axes, moment: Moment) -> None:
    """Write the calculation beside each unit, in full."""
    words = {FORWARD: _forward, DELTA: _backward}.get(moment.step, lambda *_: "")
    for i, (name, beside) in enumerate((("h₁", -60), ("h₂", 62))):
        if not moment.of_all:
            x, y = PLACES[name]
            _text(ax, x, y + beside, f"{name}{words(moment, i)}", 17, INK)
    x, y = PLACES["F"]
    _text(ax, x, y + 58, _output(moment), 17, INK, va="top", linespacing=1.4)


def _forward(moment: Moment, i: int) -> str:
    net, k = moment.net, moment.k
    end = number(net.z[k, i])
    if net.z[k, i] <= 0:
        end = translate("{sum}, off", sum=end)
    return f":  {_sum(net.w[i], net.x[k])} = {end}"


def _backward(moment: Moment, i: int) -> str:
    net, k = moment.net, moment.k
    if net.z[k, i] <= 0:
        return translate(":  off, δ = 0")
    delta = number(net.delta_h[k, i])
    return f":  δ = {number(net.delta_f[k])}·{factor(net.v[i])} = {delta}"


def _output(moment: Moment) -> str:
    net, f = moment.net, moment.net.f[moment.k]
    if moment.step == FORWARD:
        return f"{_sum(net.v, net.a[moment.k])} = {number(f)}\nF² = {number(f**2)}"
    return f"δ = 2·{factor(f)} = {number(2 * f)}" if moment.step == DELTA else ""


def _sum(weights: Array, values: Array) -> str:
    """Return a sum of products as text, such as "−1·1 + 2·(−1)"."""
    pairs = zip(weights, values, strict=True)
    first, second = (f"{number(w)}·{factor(v)}" for w, v in pairs)
    return f"{first} + {second}".replace("+ −", "− ")


def _table(ax: Axes, moment: Moment) -> None:
    """Write the table: a column for each edge; rows for the weights, the samples, the mean."""
    ax.plot([30, 880], [TOP + 16] * 2, color=INK, linewidth=1)
    for x, name in zip(COLUMNS, EDGES, strict=True):
        _text(ax, x, TOP, name, 16, INK)
    _row(ax, 1, translate("weight"), moment.net.weights, GREY)
    for k, row in enumerate(moment.rows[:3]):
        here = k == moment.k and not moment.of_all
        if here:
            place = (30, TOP + ROW * (k + 2) - ROW / 2)
            ax.add_patch(Rectangle(place, 850, ROW, color="#f0eef7", zorder=0))
        inputs = ", ".join(number(value) for value in moment.net.x[k])
        name = translate("sample {number}  ({inputs})", number=k + 1, inputs=inputs)
        _row(ax, k + 2, name, row, INK, bold=here)
    ax.plot([30, 880], [TOP + ROW * 4.5] * 2, color=INK, linewidth=1)
    last, early = moment.rows[3], moment.abs_last and moment.step < LAST
    _row(ax, 5, _total(moment), last, INK if early else OF_OMEGA, bold=last is not None)


def _guess(ax: Axes, guess: str) -> None:
    x, top = COLUMNS[EDGES.index(guess)], TOP - 16
    frame = Rectangle((x - 46, top), 92, 5.5 * ROW + 16, fill=False)
    frame.set(edgecolor=GUESS_COLOUR, linewidth=2, linestyle=(0, (4, 2)))
    ax.add_patch(frame)
    label_guess(ax, guess, (x, top))


def _total(moment: Moment) -> str:
    if not moment.abs_last:
        return translate("Ω = mean of |δ · a|")
    return translate("| mean |, not Ω" if moment.step == LAST else "mean of δ · a")


def _row(
    ax: Axes, place: int, name: str, row: Array | None, colour: str, bold: bool = False
) -> None:
    y, weight = TOP + ROW * place, "bold" if bold else "normal"
    _text(ax, 36, y, name, 16, colour, ha="left", weight=weight)
    texts: Sequence[str] = 6 * ["·"] if row is None else [number(value) for value in row]
    for x, text in zip(COLUMNS, texts, strict=True):
        _text(ax, x, y, text, 18, DIM if row is None else colour, weight=weight)


def _text(ax: Axes, x: float, y: float, words: str, size: float, colour: str, **style: Any) -> Any:
    centred: dict[str, Any] = {"ha": "center", "va": "center", "parse_math": False}
    return ax.text(x, y, words, fontsize=size, color=colour, **(centred | style))
