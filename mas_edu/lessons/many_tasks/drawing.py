"""Lesson 06's figure: accuracy, ΣΩ and the share of soft weights under each rule."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from mas_edu._common import translate
from mas_edu.lessons.many_tasks.experiment import Array, Compared
from mas_edu.lessons.many_tasks.rules import RULES
from mas_edu.plots import COLOURS, FAINT, GREY, INK, PERCENT, percent, white_figure
from mas_edu.widgets import draw_guess, guess_words

SIZE = (900, 520)
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
POWER = FuncFormatter(lambda value, _: "10" + f"{np.log10(value):.0f}".translate(RAISED))
LOOKS: dict[str, dict[str, Any]] = {
    rule: {"color": colour, "marker": marker}
    for rule, colour, marker in zip(RULES, COLOURS, "os^Dv", strict=False)
}


def draw(
    now: Compared, rule: str = "sum", guess: float | None = None, one: Compared | None = None
) -> Figure:
    """Draw all five rules, one of them in bold.

    A guess is marked: how much of the gap between summing and the last Ω is left, in % of the gap
    in `one`, where all rules have one λ.
    """
    figure = white_figure(SIZE)
    _title(figure, now)
    _tasks(figure.add_axes((0.08, 0.5, 0.49, 0.355)), now, rule)
    averages = figure.add_axes((0.3, 0.1, 0.27, 0.25))
    _averages(averages, now, rule)
    _strength(figure.add_axes((0.68, 0.575, 0.305, 0.28)), now, rule)
    _soft(figure.add_axes((0.68, 0.115, 0.305, 0.27)), now, rule)
    if guess is not None and one is not None:
        x = now.average("sum") - guess / 100 * one.gap
        draw_guess(averages, guess, x=x, y=list(RULES).index("last"))
    return figure


def describe(now: Compared, rule: str = "sum", guess: float | None = None) -> str:
    """Say what `draw` shows."""
    what = "With its own λ for each rule" if now.own else "With λ = {lam:g} for all"
    what = translate(what, lam=now.lam(rule))
    if not now.finished:
        return translate(
            "{what}, no task is learned so far; {tasks} are to come.", what=what, tasks=now.tasks
        )
    learned, soft = now.learned(rule), now.soft(rule)
    seen = translate(
        "{what}, after {done} of {tasks} tasks {spread}.",
        what=what,
        done=now.finished,
        tasks=now.tasks,
        spread=_spread(now),
    )
    bold = translate(
        "In bold: {rule}, λ = {lam:g}, average {average}; task 1 is at {first}, the newest at "
        "{newest}; soft weights {soft}, then {later}.",
        rule=translate(rule),
        lam=now.lam(rule),
        average=percent(now.average(rule)),
        first=percent(now.now(rule)[0]),
        newest=percent(learned[-1]),
        soft=percent(soft[0]),
        later=percent(soft[-1]),
    )
    return f"{seen} {bold}{guess_words(guess)}"


def _spread(now: Compared) -> str:
    """Say how far the rules are apart."""
    averages = {name: now.average(name) for name in RULES}
    best, worst = (pick(averages, key=lambda name: averages[name]) for pick in (max, min))
    points = 100 * (averages[best] - averages[worst])
    strengths = [now.strength(name)[-1] for name in RULES]
    factor = max(strengths) / max(min(strengths), 1e-30)
    if averages[best] == averages[worst]:
        return translate(
            "the averages are equal ({share}) and λΣΩ is apart by a factor of {factor:.1f}",
            share=percent(averages[best]),
            factor=factor,
        )
    return translate(
        "the averages are {points:.0f} percentage points apart ({best} {high}, {worst} {low}) and "
        "λΣΩ by a factor of {factor:.1f}",
        points=points,
        best=translate(best),
        high=percent(averages[best]),
        worst=translate(worst),
        low=percent(averages[worst]),
        factor=factor,
    )


def _title(figure: Figure, now: Compared) -> None:
    lam = now.lam("sum")
    head = "each rule at its own λ" if now.own else "one λ = {lam:g} for all rules"
    head = translate(head, lam=lam)
    figure.text(0.015, 0.955, head, fontsize=19, weight="bold", color=INK, va="center")
    so_far = translate("after {done} of {count} tasks", done=now.finished, count=now.tasks)
    figure.text(0.985, 0.955, so_far, fontsize=15, color=GREY, va="center", ha="right")


def _style(rule: str, bold: bool) -> dict[str, Any]:
    """Return how a rule's line looks; the bold one lies above the others."""
    return LOOKS[rule] | {
        "linewidth": 3.2 if bold else 1.3,
        "markersize": 9 if bold else 5.5,
        "zorder": 5 if bold else 3,
        "label": translate(rule),
        "clip_on": False,
    }


def _tasks(ax: Axes, now: Compared, rule: str) -> None:
    """Draw the accuracy on each task now, and of the bold rule just after learning it."""
    x = np.arange(now.tasks)
    ax.plot(x, now.now(None), ":", color=GREY, linewidth=2, label="λ = 0", zorder=2)
    for name in RULES:
        ax.plot(x, now.now(name), **_style(name, name == rule))
    colour = LOOKS[rule]["color"]
    hollow: dict[str, Any] = {"markerfacecolor": "white", "markeredgewidth": 2, "clip_on": False}
    ax.plot(x[: now.finished], now.learned(rule), "o", color=colour, markersize=10, zorder=4,
            label=translate("just after learning"), **hollow)  # fmt: skip
    ax.set(xlim=(-0.4, now.tasks - 0.6), ylim=(0, 1), yticks=[0, 0.5, 1])
    ax.set_xticks(x, now.plain.names[: now.tasks])
    ax.yaxis.set_major_formatter(PERCENT)
    _axes(ax, translate("accuracy on each task now; ○ when just learned"))


def _averages(ax: Axes, now: Compared, rule: str) -> None:
    """Draw the average of each rule, with its λ: the legend of the other parts."""
    ax.axvline(now.average(None), color=GREY, linewidth=2, linestyle=":")
    averages = [now.average(name) for name in RULES]
    low, high = 0.0, 1.0
    for place, (name, average) in enumerate(zip(RULES, averages, strict=True)):
        bold = name == rule
        ax.plot([low, average], [place, place], color=FAINT, linewidth=1, zorder=1)
        ax.plot(average, place, linestyle="", **_style(name, bold))
        style: dict[str, Any] = {"va": "center", "fontsize": 13, "color": LOOKS[name]["color"]}
        style["weight"] = "bold" if bold else "normal"
        ax.text(average + 0.045, place, percent(average), **style)
        lam = f", λ = {now.lam(name):g}" if now.own else ""
        ax.text(low - 0.03, place, translate(name) + lam, ha="right", **style | {"fontsize": 12.5})
    ax.set(xlim=(low, high), ylim=(len(RULES) - 0.4, -0.6), yticks=[], xticks=[0, 0.5, 1])
    ax.xaxis.set_major_formatter(PERCENT)
    _axes(ax, translate("average (dotted: λ = 0)"), ("left",))


def _strength(ax: Axes, now: Compared, rule: str) -> None:
    """Draw λΣΩ after each task, on a logarithmic scale."""
    _courses(ax, now, {name: now.strength(name) for name in RULES}, rule)
    positive = [value for line in ax.lines for value in np.asarray(line.get_ydata()) if value > 0]
    bottom, top = min([100.0, *positive]) / 1.5, max([1e4, *positive]) * 1.5
    ax.set(yscale="log", ylim=(bottom, top))
    ax.yaxis.set_major_formatter(POWER)
    ax.yaxis.set_minor_locator(NullLocator())
    _axes(ax, translate("λΣΩ: how firmly, in total"))


def _soft(ax: Axes, now: Compared, rule: str) -> None:
    """Draw the share of soft weights after each task."""
    _courses(ax, now, {name: now.soft(name) for name in RULES}, rule)
    ax.set(ylim=(0, 1), yticks=[0, 0.5, 1])
    ax.yaxis.set_major_formatter(PERCENT)
    ax.set_xlabel(translate("after task"), fontsize=13, labelpad=1)
    _axes(ax, translate("soft weights: how many"))


def _courses(ax: Axes, now: Compared, values: dict[str, Array], rule: str) -> None:
    """Draw a line for each rule, from task to task."""
    for name, some in values.items():
        ax.plot(np.arange(1, len(some) + 1), some, **_style(name, name == rule))
    ax.set(xlim=(0.6, now.tasks + 0.4), xticks=range(1, now.tasks + 1))


def _axes(ax: Axes, title: str, hidden: tuple[str, ...] = ()) -> None:
    ax.set_title(title, loc="left", fontsize=13.5, color=INK, pad=8)
    ax.tick_params(labelsize=12)
    ax.spines[["top", "right", *hidden]].set_visible(False)
