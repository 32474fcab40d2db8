"""The cost of Ω against the number of samples: the figure of the notebook on how it is computed."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator

from mas_edu._common import as_choice, translate
from mas_edu.lessons.exact_and_fast.experiment import EXACT, LOOP, LOOPED, PLAIN, WAYS, Costs
from mas_edu.plots import COLOURS, GREY, INK, white_figure
from mas_edu.widgets import draw_guess, guess_words

SIZE = (900, 560)
UNITS = ("plain passes", "seconds")  # translated
LOOKS: dict[str, dict[str, Any]] = {
    PLAIN: {"color": GREY, "marker": "s", "linestyle": ":"},
    EXACT: {"color": COLOURS[0], "marker": "o", "linestyle": "-"},
    LOOP: {"color": COLOURS[1], "marker": "^", "linestyle": "--"},
}
GUESS = "{count:g} plain passes"  # translated


def draw(costs: Costs, unit: str = UNITS[0], guess: float | None = None) -> Figure:
    """Draw what each way costs for each number of samples, in plain passes or in seconds.

    A guess is marked: the cost of exact Ω for the most samples, in plain passes.
    """
    figure = white_figure(SIZE)
    ax = figure.add_axes((0.105, 0.125, 0.66, 0.68))
    samples, shown = costs.samples, _shown(costs, unit)
    for way in WAYS:
        ax.plot(samples, shown[way], linewidth=3, markersize=9, label=way, **LOOKS[way])
    _axes(ax, costs, shown, unit)
    _names(ax, shown, unit)
    _title(figure, costs)
    if guess is not None:
        y = guess * (shown[PLAIN][-1])
        words = translate("your guess {guess}", guess=translate(GUESS, count=guess))
        draw_guess(ax, guess, x=samples[-1], y=y, words=words)
    return figure


def describe(costs: Costs, unit: str = UNITS[0], guess: float | None = None) -> str:
    """Say what `draw` shows."""
    first, last = (costs.passes(EXACT)[k] for k in (0, -1))
    said = translate(
        "For {count:,} samples exact Ω costs {exact} plain passes, and one sample at a time "
        "{loop}.",
        count=costs.samples[-1],
        exact=rounded(last),
        loop=rounded(costs.passes(LOOP)[-1]),
    )
    times = translate(
        "A plain pass takes {plain}, exact Ω {exact}, the loop {loop}, measured on this computer "
        "with {threads} threads and two hidden layers of {width} units (medians; the loop with "
        "{looped} samples, times as many as there are). For {few} samples exact Ω costs {first} "
        "plain passes.",
        plain=seconds(costs.seconds[PLAIN][-1]),
        exact=seconds(costs.seconds[EXACT][-1]),
        loop=seconds(costs.seconds[LOOP][-1]),
        threads=costs.threads,
        width=costs.width,
        looped=min(LOOPED, costs.samples[-1]),
        few=costs.samples[0],
        first=rounded(first),
    )
    shown = translate("Shown in {unit}.", unit=translate(unit))
    return f"{said} {times} {shown}{guess_words(guess, 'plain passes')}"


def seconds(value: float) -> str:
    """Return a time with two digits, in a unit that fits.

    >>> seconds(0.0123), seconds(4.56), seconds(123.4)
    ('12 ms', '4.6 s', '120 s')
    """
    number, unit = (1000 * value, "ms") if value < 1 else (value, "s")
    return f"{float(f'{number:.2g}'):g} {unit}"


def rounded(value: float) -> str:
    """Return a number with two digits.

    >>> rounded(1.04), rounded(1234.5)
    ('1.0', '1,200')
    """
    digits = float(f"{value:.2g}")
    return f"{digits:,.0f}" if digits >= 10 else f"{digits:.1f}"


def _shown(costs: Costs, unit: str) -> dict[str, tuple[float, ...]]:
    plain = as_choice("unit", unit, UNITS) == UNITS[0]
    return {way: costs.passes(way) if plain else costs.seconds[way] for way in WAYS}


def _axes(ax: Axes, costs: Costs, shown: dict[str, tuple[float, ...]], unit: str) -> None:
    everything = [value for values in shown.values() for value in values]
    low, high = min(everything), max(everything)
    ax.set(xscale="log", yscale="log", ylim=(low / 2, high * 3))
    ax.set_xlim(costs.samples[0] / 1.4, costs.samples[-1] * 1.4)
    ax.set_xticks(costs.samples, [f"{count:,}" for count in costs.samples])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_minor_formatter(NullFormatter())
    plain = unit == UNITS[0]
    ax.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:g}" if plain else seconds(value))
    )
    ax.tick_params(labelsize=13)
    ax.grid(axis="y", color="#e4e4e4", linewidth=1)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_xlabel(translate("samples"), fontsize=15)
    name = translate("cost in plain passes") if plain else translate("time")
    ax.set_title(name, loc="left", fontsize=14, color=INK, pad=8)


def _names(ax: Axes, shown: dict[str, tuple[float, ...]], unit: str) -> None:
    """Write name and last value beside each line, one above the other where they come close."""
    ends = sorted(WAYS, key=lambda way: shown[way][-1])
    places = ax.transData.transform([(1, shown[way][-1]) for way in ends])[:, 1]
    lowest = float("-inf")
    for way, y in zip(ends, places, strict=True):
        lowest = max(float(y), lowest + 24)
        value = shown[way][-1]
        number = f"{rounded(value)}×" if unit == UNITS[0] else seconds(value)
        words = f"{translate(way)} {number}"
        at = ax.transAxes.inverted().transform((0, lowest))[1]
        style: dict[str, Any] = {"color": LOOKS[way]["color"], "fontsize": 14, "weight": "bold"}
        ax.text(1.02, at, words, va="center", transform=ax.transAxes, **style)


def _title(figure: Figure, costs: Costs) -> None:
    style: dict[str, Any] = {"va": "center", "color": INK}
    most = f"{costs.samples[-1]:,}"
    cost = rounded(costs.passes(EXACT)[-1])
    words = translate("{count} samples: exact Ω costs {cost} plain passes", count=most, cost=cost)
    figure.text(0.02, 0.945, words, fontsize=21, weight="bold", **style)
    where = translate(
        "two hidden layers of {width} units, {threads} threads, this computer",
        width=costs.width,
        threads=costs.threads,
    )
    figure.text(0.02, 0.885, where, fontsize=14, **style)
