"""Lesson 09's figure: the accuracy that one network keeps on each digit, and over eight seeds."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import mas_edu as me
from mas_edu.lessons.what_not_to_forget.experiment import SOURCES, Digits, Kept
from mas_edu.lessons.what_not_to_forget.stored import NOTHING, Points, Study, study
from mas_edu.plots import COLOURS, FAINT, GREY, INK, percent, white_figure
from mas_edu.results import Interval
from mas_edu.widgets import draw_guess, guess_words

SIZE = (900, 500)
CHOSEN, OTHERS, NEW = COLOURS[0], COLOURS[1], COLOURS[2]
MARKS = {CHOSEN: "o", OTHERS: "s", NEW: "D"}
ALL = SOURCES[0]


def draw(now: Kept, over: Study | None = None, guess: float | None = None) -> Figure:
    """Draw what this network keeps, and beside it what eight seeds keep with every Ω.

    Args:
        now: one network.
        over: the eight seeds; None: those that are stored.
        guess: by how many points more than with the Ω compared with the chosen digits lie above
            the others; marked where their mean would be.
    """
    figure = white_figure(SIZE)
    over = over or study()
    _network(figure.add_axes((0.076, 0.1, 0.465, 0.56)), now)
    seeds = figure.add_axes((0.745, 0.19, 0.225, 0.6))
    _seeds(seeds, now, over)
    _titles(figure, now, len(over.gap(NOTHING, now.chosen)))
    if guess is not None:
        others = over.on_others(now.source, now.chosen) + over.gap(rival_of(now.source), now.chosen)
        row = [NOTHING, *SOURCES].index(now.source)
        words = f"your guess {guess:+g}"
        draw_guess(seeds, guess, x=float(others.mean()) + guess, y=row - 0.1, words=words)
    return figure


def describe(now: Kept, over: Study | None = None, guess: float | None = None) -> str:
    """Say what `draw` shows."""
    over, chosen = over or study(), words(now.chosen)
    network = "This network" if now.done == now.total else f"Update {now.done} of {now.total}: it"
    held, plain = (
        [percent(one.on(now.chosen)), percent(one.on(now.others)), percent(one.new)]
        for one in (now.held, now.plain)
    )
    return (
        f"{verdict(now, over)} {network} reads {held[0]} of {chosen} and {held[1]} of the others "
        f"(nothing protected: {plain[0]} and {plain[1]}), and {held[2]} of the turned digits "
        f"({plain[2]}).{guess_words(guess, 'points')}"
    )


def verdict(now: Kept, over: Study) -> str:
    """Say how this Ω changes the gap between chosen and other digits, and whether that is sure."""
    rival = rival_of(now.source)
    mean, low, high = difference(over, now.chosen, now.source, rival)
    plus_minus = f"± {high - mean:.1f} points"
    if low > 0:
        change = f"is larger by {mean:.1f} {plus_minus}"
    elif high < 0:
        change = f"is smaller by {-mean:.1f} {plus_minus}"
    else:
        change = f"changes by {signed(mean)} {plus_minus}: no difference seen"
    source = now.source.replace(", ", " and ")
    seeds = len(over.gap(rival, now.chosen))
    return (
        f"Mean over {seeds} seeds: with Ω from {source} instead of {rival}, the gap "
        f"({words(now.chosen)} minus the others) {change}."
    )


def difference(over: Study, chosen: Digits, source: str, rival: str) -> Interval:
    """Return the paired interval: by how many points more the chosen lie above the others."""
    return me.interval(over.gap(source, chosen) - over.gap(rival, chosen))


def rival_of(source: str) -> str:
    """Return what an Ω is compared with: Ω from all digits, which itself is with nothing."""
    return NOTHING if source == ALL else ALL


def words(digits: Digits) -> str:
    """Return the digits as one says them.

    >>> words((2, 5, 6)), words((0, 2, 4, 6, 8))
    ('2, 5 and 6', '0, 2, 4, 6 and 8')
    """
    *first, last = map(str, digits)
    return f"{', '.join(first)} and {last}"


def signed(points: float) -> str:
    """Return a difference with its sign.

    >>> signed(2.14), signed(-0.3)
    ('+2.1', '−0.3')
    """
    return f"{points:+.1f}".replace("-", "−")


def _titles(figure: Figure, now: Kept, seeds: int) -> None:
    """Write above each part what it shows, and what its marks mean."""
    finished = now.done == now.total
    moment = "after task B" if finished else f"update {now.done} of {now.total} of B"
    for x, y, text, size, colour in (
        (0.02, 0.93, f"One network, {moment}", 15, INK),
        (0.02, 0.87, f"hollow: nothing protected    full: this Ω, λ = {now.lam:g}", 12, GREY),
        (0.575, 0.93, f"Mean of {seeds} networks, Ω from …", 15, INK),
        (0.575, 0.87, "● chosen", 13, CHOSEN),
        (0.685, 0.87, "■ others", 13, OTHERS),
        (0.79, 0.87, "bars: 95 % intervals", 12, GREY),
    ):
        figure.text(x, y, text, fontsize=size, color=colour, va="center")


# ---- one network


def _network(ax: Axes, now: Kept) -> None:
    """Draw each digit after B: hollow with nothing protected, full with this Ω."""
    order, few = [*now.chosen, *now.others], len(now.chosen)
    places = np.array([*range(few), *np.arange(few, 10) + 0.6, 11.4])
    free, held = (
        np.array([*(one.on([digit]) for digit in order), one.new]) for one in (now.plain, now.held)
    )
    for group, colour in zip((slice(few), slice(few, 10), slice(10, 11)), MARKS, strict=True):
        x, before, after = places[group], free[group], held[group]
        ax.vlines(x, before, after, color=colour, linewidth=3, alpha=0.45, zorder=1)
        shape: dict[str, Any] = {"marker": MARKS[colour], "color": colour, "clip_on": False}
        shape["linestyle"] = ""
        ax.plot(x, before, markersize=12, markerfacecolor="white", markeredgewidth=1.6, **shape)
        ax.plot(x, after, markersize=7, **shape)  # seen within the hollow one if both are equal
    ax.set(xlim=(-0.7, 12.1), ylim=(-0.02, 1.02))
    ax.set_xticks(places, [*map(str, order), "turned"])
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    ax.grid(axis="y", color="#e6e6e6", linewidth=0.8)
    ax.set_axisbelow(True)
    ax.tick_params(labelsize=12, length=0)
    ax.spines[["top", "right"]].set_visible(False)
    _groups(ax, now, places)


def _groups(ax: Axes, now: Kept, places: Points) -> None:
    """Write above each group what became of it: without Ω → with it."""
    few = len(now.chosen)
    groups = (
        ("chosen", CHOSEN, places[:few], now.plain.on(now.chosen), now.held.on(now.chosen)),
        ("others", OTHERS, places[few:10], now.plain.on(now.others), now.held.on(now.others)),
        ("new", NEW, places[10:], now.plain.new, now.held.new),
    )
    for name, colour, some, free, held in groups:
        middle = max(float(np.mean(some)), 0.55)
        style: dict[str, Any] = {"color": colour, "ha": "center", "va": "center"}
        ax.text(middle, 1.25, name, fontsize=13, **style)
        arrow = f"{100 * free:.0f} → {100 * held:.0f} %"
        ax.text(middle, 1.14, arrow, fontsize=13, weight="bold", **style)


# ---- eight seeds


def _seeds(ax: Axes, now: Kept, over: Study) -> None:
    """Draw what is kept with every Ω, in the mean over seeds, with 95 % intervals."""
    names = [NOTHING, *SOURCES]
    rows = np.arange(len(names))
    ends = []
    for question, colour, shift in ((over.on_chosen, CHOSEN, -0.1), (over.on_others, OTHERS, 0.1)):
        found = [me.interval(question(source, now.chosen)) for source in names]
        mean, low, high = np.array(found).T
        ax.hlines(rows + shift, low, high, color=colour, linewidth=1.8, zorder=2)
        ax.plot(mean, rows + shift, MARKS[colour], color=colour, markersize=8, zorder=3)
        ends.append(mean)
    ax.hlines(rows, *ends, color=FAINT, linewidth=3, zorder=1)
    row = names.index(now.source)
    ax.axhspan(row - 0.45, row + 0.45, color="#fff0b3", linewidth=0, zorder=0)
    ax.set(xlim=(20, 101), ylim=(len(names) - 0.45, -0.55))
    ax.set_yticks(range(len(names)), [name.replace(", ", ",\n") for name in names])
    for label, name in zip(ax.get_yticklabels(), names, strict=True):
        label.set_fontweight("bold" if name == now.source else "normal")
    ax.set_xticks([40, 60, 80, 100], ["40 %", "60 %", "80 %", "100 %"])
    ax.tick_params(labelsize=11, length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)
    rival = rival_of(now.source)
    mean, _, high = difference(over, now.chosen, now.source, rival)
    said = f"chosen − others: {signed(mean)} ± {high - mean:.1f} points\n"
    said += f"compared with “{rival}”, seed by seed"
    style: dict[str, Any] = {"transform": ax.transAxes, "ha": "right", "va": "center"}
    ax.text(1.08, -0.2, said, fontsize=11.5, color=INK, **style)
