"""Every method by every measure, as dots with intervals, cost beside: lesson 10's figure."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from mas_edu.lessons.fair_comparison.experiment import Compared, Result
from mas_edu.plots import COLOURS, FAINT, GREY, INK, PERCENT, white_figure
from mas_edu.results import Interval

SIZE = (900, 520)
OWN, OTHER = COLOURS[1], COLOURS[0]
BOTTOM, HEIGHT = 0.105, 0.7
POINTS = FuncFormatter(lambda value, _: f"{100 * value:+.0f}".replace("-", "−").replace("+0", "0"))
WIDEST = 13  # letters of a method's name that fit beside its λ


def draw(now: Compared) -> Figure:
    """Draw a row for each method, the best average on top."""
    figure = white_figure(SIZE)
    _title(figure, now)
    average = figure.add_axes((0.235, BOTTOM, 0.215, HEIGHT))
    _measure(average, now, "average", "average at the end")
    _names(average, now)
    _gaps(figure.add_axes((0.53, BOTTOM, 0.165, HEIGHT)), now)
    _measure(figure.add_axes((0.725, BOTTOM, 0.095, HEIGHT)), now, "forgetting", "forgetting")
    _measure(figure.add_axes((0.845, BOTTOM, 0.085, HEIGHT)), now, "learned", "learned")
    _time(figure.add_axes((0.945, BOTTOM, 0.045, HEIGHT)), now)
    return figure


def describe(now: Compared) -> str:
    """Say what `draw` shows."""
    best = now.rivals[0]
    place = f"{now.favourite} is in place {now.rank} of {len(now.rivals)}"
    if now.way != "fair":
        place += f" (fair: {now.fair_rank})"
    others = now.rivals[1:] if now.rank == 1 else now.rivals[:1]
    lead = f"best is {best.name} with {tenths(best.average.mean())}"
    if now.rank == 1:
        lead = f"{tenths(now.own.average.mean())}, next is {others[0].name} with "
        lead += tenths(others[0].average.mean())
    return f"{_how(now)}: {place}; {lead}. {_told(now)} {_ends(now)}"


def tenths(share: float) -> str:
    """Write a share with one decimal, as methods may be near each other.

    >>> tenths(0.7514)
    '75.1 %'
    """
    return f"{100 * share:.1f} %"


def heading(now: Compared) -> str:
    """Say in a few words how the comparison was made.

    >>> from mas_edu.lessons.fair_comparison import compare
    >>> heading(compare("fair", "MAS"))
    'fair: each its own λ, by validation'
    """
    name, lam = now.favourite, f"{now.own.lam:g}"
    return {
        "fair": "fair: each its own λ, by validation",
        "one λ for all": f"unfair: λ = {lam} of {name} for all",
        "λ by test": f"unfair: λ of {name} by test",
        "one seed": "unfair: one seed alone",
        "twice the epochs": f"unfair: twice the epochs for {name}",
        "all four": f"unfair: all four at once, for {name}",
    }[now.way]


def _how(now: Compared) -> str:
    text = heading(now)
    return text[0].upper() + text[1:]


def _told(now: Compared) -> str:
    """Say what the seeds tell apart."""
    if len(now.own.average) == 1:
        return "One seed has no interval: it cannot say what is chance."
    seeds = len(now.own.average)
    if not now.undecided:
        return f"{seeds} seeds tell it from all other methods with a penalty."
    return f"{seeds} seeds do not tell it from {_list(now.undecided)}."


def _ends(now: Compared) -> str:
    """Say where the references are."""
    free, joint = (now.of(name).average.mean() for name in ("fine-tuning", "joint training"))
    return f"Fine-tuning {tenths(free)}, joint training {tenths(joint)}."


def _list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _title(figure: Figure, now: Compared) -> None:
    colour = INK if now.way == "fair" else OWN
    style: dict[str, Any] = {"va": "center", "y": 0.95}
    figure.text(0.015, s=heading(now), fontsize=18, weight="bold", color=colour, **style)
    fair = "" if now.way == "fair" else f", fair: {now.fair_rank}"
    place = f"{now.favourite}: place {now.rank} of {len(now.rivals)}{fair}"
    figure.text(0.985, s=place, fontsize=14, color=OWN, ha="right", **style)


def _names(ax: Axes, now: Compared) -> None:
    """Write the methods with their λ on the left, and the averages on the right."""
    for y, result in enumerate(now.results):
        own = result.name == now.favourite
        style: dict[str, Any] = {"va": "center", "color": _colour(result, now), "fontsize": 12.5}
        style |= {"weight": "bold" if own else "normal", "transform": ax.get_yaxis_transform()}
        lam = "" if result.lam is None else f", λ = {result.lam:g}"
        ax.text(-0.05, y, result.name + lam, ha="right", **style)
        ax.text(1.3, y, tenths(result.average.mean()), ha="right", **style)


def _measure(ax: Axes, now: Compared, measure: str, title: str) -> None:
    """Draw mean and interval of one measure; a ring where a fair comparison has it."""
    found = [result.interval(measure) for result in now.results]
    for y, (result, values) in enumerate(zip(now.results, found, strict=True)):
        _dot(ax, values, y, _colour(result, now), result.name == now.favourite, result.rival)
        if measure == "average" and now.way != "fair":
            ring: dict[str, Any] = {"markerfacecolor": "none", "markeredgecolor": GREY}
            ax.plot(now.fair[result.name], y, "o", markersize=11, label="fair", **ring)
    fair = list(now.fair.values()) if measure == "average" else []
    low, high = _range(found, fair)
    ax.set_xlim(low, high)
    ax.xaxis.set_major_formatter(PERCENT)
    ax.xaxis.set_major_locator(MaxNLocator(4 if measure == "average" else 2, steps=[1, 2, 5, 10]))
    _rows(ax, now, title)


def _gaps(ax: Axes, now: Compared) -> None:
    """Draw how far the favourite is ahead of each other method, seed by seed."""
    found = {
        y: now.gap(result.name)
        for y, result in enumerate(now.results)
        if result.rival and result is not now.own
    }
    ax.axvline(0, color=OWN, linewidth=1.5, zorder=1)
    for y, values in found.items():
        told = values.known and 0.0 not in values
        _dot(ax, values, y, INK if told else GREY, False, told)
    low, high = _range(list(found.values()), [-0.05, 0.05])
    ax.set_xlim(low, high)
    ax.xaxis.set_major_formatter(POINTS)
    ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    _rows(ax, now, f"{now.favourite} − other,\npoints, seed by seed")


def _time(ax: Axes, now: Compared) -> None:
    """Write how long a run takes."""
    for y, result in enumerate(now.results):
        own = result.name == now.favourite
        weight = "bold" if own else "normal"
        style: dict[str, Any] = {"fontsize": 12.5, "weight": weight, "color": _colour(result, now)}
        ax.text(0.5, y, f"×{result.time:.1f}", ha="center", va="center", **style)
    ax.set(xlim=(0, 1), xticks=[])
    _rows(ax, now, "time")
    ax.spines["bottom"].set_visible(False)


def _dot(ax: Axes, values: Interval, y: int, colour: str, own: bool, filled: bool) -> None:
    """Draw a mean and its interval."""
    if values.known:
        ax.plot([values.low, values.high], [y, y], color=colour, linewidth=3 if own else 2)
    style: dict[str, Any] = {"markerfacecolor": colour if filled else "white", "zorder": 4}
    size = {"marker": "D", "markersize": 9} if own else {"marker": "o", "markersize": 7}
    ax.plot(values.mean, y, color=colour, linestyle="", label="mean", **size, **style)


def _colour(result: Result, now: Compared) -> str:
    if result.name == now.favourite:
        return OWN
    return OTHER if result.rival else GREY


def _range(found: list[Interval], more: list[float]) -> tuple[float, float]:
    """Return limits that hold all dots and intervals, with room."""
    values = np.array([[v.mean, *((v.low, v.high) if v.known else ())] for v in found], object)
    flat = [float(x) for row in values for x in row] + more
    room = 0.06 * (max(flat) - min(flat)) + 0.01
    return min(flat) - room, max(flat) + room


def _rows(ax: Axes, now: Compared, title: str) -> None:
    for y in range(len(now.results)):
        ax.axhline(y, color=FAINT, linewidth=0.7, zorder=0)
    ax.set(ylim=(len(now.results) - 0.5, -0.6), yticks=[])
    ax.set_title(title, loc="left", fontsize=12.5, color=INK, pad=6)
    ax.tick_params(labelsize=11)
    ax.spines[["top", "right", "left"]].set_visible(False)

