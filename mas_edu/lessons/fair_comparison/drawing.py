"""Every method by every measure, as dots with intervals, cost beside: lesson 10's figure."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from mas_edu.lessons.fair_comparison.experiment import Compared, Result, gains
from mas_edu.plots import COLOURS, FAINT, GREY, INK, PERCENT, white_figure
from mas_edu.results import Interval
from mas_edu.widgets import GUESS_COLOUR, guess_words

SIZE = (900, 520)
OWN, OTHER = COLOURS[1], COLOURS[0]
BOTTOM, HEIGHT = 0.135, 0.69
# The same scale in all states, wider only where something would lie beyond: limits and ticks.
SCALES = {
    "average": ((0.44, 0.92), (0.5, 0.7, 0.9)),
    "forgetting": ((-0.05, 0.6), (0.0, 0.5)),
    "learned": ((0.4, 1.0), (0.5, 0.9)),
}
FAR = 0.08  # differences beyond are not drawn to scale
ADVANTAGE = {
    "one λ for all": "with its λ = {lam:g} for all",
    "λ by test": "with its λ chosen on the test parts",
    "one seed": "with the one seed that is best for it",
    "twice the epochs": "with twice the epochs",
    "all four": "with all four advantages at once",
}


def draw(now: Compared, guess: str | None = None) -> Figure:
    """Draw a row for each method, the best average on top.

    With all four advantages, below: what each alone gains. A guess, one of them, is framed there.
    """
    figure = white_figure(SIZE)
    _title(figure, now)
    average = figure.add_axes((0.218, BOTTOM, 0.185, HEIGHT))
    _measure(average, now, "average", "average at the end")
    _names(average, now)
    _gaps(figure.add_axes((0.5, BOTTOM, 0.175, HEIGHT)), now)
    _measure(figure.add_axes((0.705, BOTTOM, 0.095, HEIGHT)), now, "forgetting", "forgetting")
    _measure(figure.add_axes((0.83, BOTTOM, 0.085, HEIGHT)), now, "learned", "learned")
    _time(figure.add_axes((0.935, BOTTOM, 0.055, HEIGHT)), now)
    if now.way == "all four":
        _gains(average, guess)
    return figure


def describe(now: Compared, guess: str | None = None) -> str:
    """Say what `draw` shows."""
    name, place = now.favourite, f"in place {now.rank} of {len(now.rivals)}"
    begin = f"In a fair comparison, {name} is {place}."
    if now.way != "fair":
        how = ADVANTAGE[now.way].format(lam=now.own.lam)
        begin = f"{name} is {place} {how}; in a fair comparison it is in place {now.fair_rank}."
    best, second = now.rivals[:2]
    best = second if now.rank == 1 else best
    word = "next is" if now.rank == 1 else "best is"
    free, joint = (now.of(name).average.mean() for name in ("fine-tuning", "joint training"))
    return (
        f"{begin} It reaches {tenths(now.own.average.mean())}; {word} {best.name} with "
        f"{tenths(best.average.mean())}. {_told(now)} Fine-tuning {tenths(free)}, "
        f"joint training {tenths(joint)}.{_alone(now)}{guess_words(guess)}"
    )


def _alone(now: Compared) -> str:
    """Say what each single advantage gains, where all four are shown."""
    if now.way != "all four":
        return ""
    each = ", ".join(f"{way} {gain:.1f}" for way, gain in gains().items())
    return f" Lead gained by each way alone, in points, on average: {each}."


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
    return {
        "fair": "fair: each its own λ, by validation",
        "one λ for all": f"unfair: λ = {now.own.lam:g} for all",
        "λ by test": "unfair: its λ by test",
        "one seed": "unfair: one seed alone",
        "twice the epochs": "unfair: twice the epochs",
        "all four": "unfair: all four at once",
    }[now.way]


def _told(now: Compared) -> str:
    """Say what the seeds tell apart."""
    if len(now.own.average) == 1:
        return "One seed has no interval: it cannot say what is chance."
    seeds = len(now.own.average)
    if not now.undecided:
        return f"{seeds} seeds tell it from all other methods with a penalty."
    return f"{seeds} seeds do not tell it from {_list(now.undecided)}."


def _list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _title(figure: Figure, now: Compared) -> None:
    colour = INK if now.way == "fair" else OWN
    style: dict[str, Any] = {"va": "center", "y": 0.95}
    figure.text(0.015, s=heading(now), fontsize=18, weight="bold", color=colour, **style)
    fair = "" if now.way == "fair" else f" (fair: {now.fair_rank})"
    place = f"{now.favourite}: place {now.rank} of {len(now.rivals)}{fair}"
    figure.text(0.985, s=place, fontsize=14, color=OWN, ha="right", **style)


def _gains(ax: Axes, guess: str | None) -> None:
    """Write below all axes what each single advantage gains, the guess in a frame."""
    style: dict[str, Any] = {"fontsize": 10.5, "va": "center", "xycoords": "figure fraction"}
    before = ax.annotate("lead gained alone:", (0.015, 0.022), color=GREY, **style)
    for way, gain in gains().items():
        words = f"{way} {gain:+.1f}".replace("-", "−")
        look: dict[str, Any] = {"color": INK}
        if way == guess:
            words, look = f"your guess: {words}", {"color": GUESS_COLOUR, "weight": "bold"}
        look |= {"xytext": (10, 0), "textcoords": "offset points"}
        before = ax.annotate(words, (1, 0.5), **style | {"xycoords": before} | look)


def _names(ax: Axes, now: Compared) -> None:
    """Write the methods with their λ on the left, and the averages on the right."""
    for y, result in enumerate(now.results):
        own = result.name == now.favourite
        style: dict[str, Any] = {"va": "center", "color": _colour(result, now), "fontsize": 12.5}
        style |= {"weight": "bold" if own else "normal", "transform": ax.get_yaxis_transform()}
        lam = "" if result.lam is None else f", λ = {result.lam:g}"
        ax.text(-0.05, y, result.name + lam, ha="right", **style)
        ax.text(1.42, y, tenths(result.average.mean()), ha="right", **style)


def _measure(ax: Axes, now: Compared, measure: str, title: str) -> None:
    """Draw mean and interval of one measure; a ring where a fair comparison has it."""
    found = [result.interval(measure) for result in now.results]
    for y, (result, values) in enumerate(zip(now.results, found, strict=True)):
        _dot(ax, values, y, _colour(result, now), result.name == now.favourite, result.rival)
        if measure == "average" and now.way != "fair" and result.rival:
            ring: dict[str, Any] = {"markerfacecolor": "none", "markeredgecolor": GREY}
            ax.plot(now.fair[result.name], y, "o", markersize=12, label="fair", **ring)
            ax.set_xlabel("○ in a fair comparison", fontsize=11, color=GREY)
    limits, ticks = SCALES[measure]
    ax.set(xlim=_range(found, limits), xticks=ticks)
    ax.xaxis.set_major_formatter(PERCENT)
    _rows(ax, now, title)


def _gaps(ax: Axes, now: Compared) -> None:
    """Draw how far the favourite is ahead of each other method, seed by seed.

    Where that is far, an arrow and its number: else nothing could be read near 0.
    """
    found = {
        y: now.gap(result.name)
        for y, result in enumerate(now.results)
        if result.rival and result is not now.own
    }
    near = [values for values in found.values() if abs(values.mean) <= FAR]
    low, high = _range(near, (-0.055, 0.055))
    ax.axvline(0, color=OWN, linewidth=1.5, zorder=1)
    for y, values in found.items():
        told = values.known and 0.0 not in values
        colour = INK if told else GREY
        if abs(values.mean) <= FAR:
            _dot(ax, values, y, colour, False, told)
            continue
        side = 1 if values.mean > 0 else -1
        place, face = (high, low)[side < 0] - side * 0.003, colour if told else "white"
        style: dict[str, Any] = {"color": colour, "markersize": 8, "markerfacecolor": face}
        ax.plot(place, y, "<>"[side > 0], label="far", **style)
        where: dict[str, Any] = {"ha": "right" if side > 0 else "left", "va": "center"}
        ax.text(place - side * 0.007, y, _points(values.mean), fontsize=11, color=colour, **where)
    ax.set(
        xlim=(low, high), xticks=[x for x in (-0.1, -0.05, 0, 0.05, 0.1) if low < x < high - 0.004]
    )
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _points(value)))
    ax.set_xlabel("○ not told apart", fontsize=11, color=GREY)
    _rows(ax, now, f"{now.favourite} − other,\nin points, by seed")


def _points(share: float) -> str:
    """Write a difference in points, with its sign."""
    return f"{100 * share:+.0f}".replace("-", "−").replace("+0", "0")


def _time(ax: Axes, now: Compared) -> None:
    """Write how long a run takes."""
    for y, result in enumerate(now.results):
        own = result.name == now.favourite
        weight = "bold" if own else "normal"
        style: dict[str, Any] = {"fontsize": 12.5, "weight": weight, "color": _colour(result, now)}
        ax.text(0.5, y, f"×{result.time:.1f}", ha="center", va="center", **style)
    ax.set(xlim=(0, 1), xticks=[])
    _rows(ax, now, "time", lines=False)
    ax.spines["bottom"].set_visible(False)


def _dot(ax: Axes, values: Interval, y: int, colour: str, own: bool, filled: bool) -> None:
    """Draw a mean and its interval."""
    if values.known:
        ax.plot([values.low, values.high], [y, y], color=colour, linewidth=3 if own else 2)
    style: dict[str, Any] = {"markerfacecolor": colour if filled else "white", "zorder": 4}
    style |= {"marker": "D", "markersize": 9} if own else {"marker": "o", "markersize": 7}
    ax.plot(values.mean, y, color=colour, linestyle="", label="mean", **style)


def _colour(result: Result, now: Compared) -> str:
    if result.name == now.favourite:
        return OWN
    return OTHER if result.rival else GREY


def _range(found: list[Interval], usual: tuple[float, float]) -> tuple[float, float]:
    """Return the usual limits, or wider ones that hold all dots and intervals."""
    values = [x for mean, low, high in found for x in (mean, low, high) if np.isfinite(x)]
    low, high = min(values, default=0.0), max(values, default=0.0)
    return min(usual[0], low - 0.015), max(usual[1], high + 0.015)


def _rows(ax: Axes, now: Compared, title: str, lines: bool = True) -> None:
    for y in range(len(now.results) if lines else 0):
        ax.axhline(y, color=FAINT, linewidth=0.7, zorder=0)
    ax.set(ylim=(len(now.results) - 0.5, -0.6), yticks=[])
    ax.set_title(title, loc="left", fontsize=12.5, color=INK, pad=6)
    ax.tick_params(labelsize=11)
    ax.spines[["top", "right", "left"]].set_visible(False)
