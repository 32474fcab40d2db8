"""One λ task by task, its validation, and its place on the frontier: lesson 05's figure."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

import mas_edu as me
from mas_edu._common import translate
from mas_edu.lessons.penalty_and_lambda.description import name, share
from mas_edu.lessons.penalty_and_lambda.experiment import LAMS, Tradeoff, so_far
from mas_edu.plots import COLOURS, FAINT, GREY, INK, white_figure
from mas_edu.widgets import draw_guess

SIZE = (900, 650)
LEARNED, FORGOTTEN, BEST = COLOURS[0], COLOURS[1], COLOURS[3]
TICKS = (0.0, 0.01, 0.1, 1.0, 10.0, 1e6)  # of the λ that are named
HALO = [withStroke(linewidth=4, foreground="white")]  # of letters on lines


def draw(now: Tradeoff, guess: float | None = None) -> Figure:
    """Draw this λ task by task, where validation puts it, and where it stands on the frontier.

    A guess is marked: 'learned', in %.
    """
    figure = white_figure(SIZE)
    _tasks(figure.add_axes((0.085, 0.535, 0.35, 0.3)), now.run)
    _validation(figure.add_axes((0.085, 0.095, 0.35, 0.29)), now)
    plane = figure.add_axes((0.575, 0.095, 0.41, 0.775))
    _plane(plane, now)
    if guess is not None:
        draw_guess(plane, guess, y=guess / 100)
    return figure


def _tasks(ax: Axes, run: me.Record) -> None:
    """Draw each task just after learning and now, and the way it fell from its best."""
    present = run.curve[-1]
    for j, accuracy in enumerate(present):
        if j >= run.finished:
            ax.plot(j, accuracy, "_", color=GREY, markersize=16, markeredgewidth=2)
            continue
        seen = [*run.accuracy[j : run.finished, j], accuracy]
        ax.plot([j, j], [max(seen), accuracy], color=FORGOTTEN, linewidth=5, alpha=0.75)
        ax.plot(j, accuracy, "o", color=FORGOTTEN, markersize=9, clip_on=False)
        ax.plot(j, run.accuracy[j, j], "o", markersize=13, markeredgewidth=2.5, clip_on=False,
                markeredgecolor=LEARNED, markerfacecolor="none")  # fmt: skip
    ax.set(xlim=(-0.5, len(present) - 0.5), ylim=(0, 1))
    ax.set_xticks(range(len(present)), run.names)
    _percent(ax, "y", (0, 0.5, 1))
    _title(ax, f"λ = {name(_lam(run))}", 1.36, fontsize=21, weight="bold")
    fresh, later = translate("○ just after learning"), translate("● now")
    _line(ax, 1.12, (fresh, LEARNED), (later, FORGOTTEN))
    if run.finished:
        style: dict[str, Any] = {"transform": ax.transAxes, "ha": "right", "fontsize": 15}
        learned = translate("learned {share}", share=share(run.learned))
        forgetting = translate("forgetting {share}", share=share(run.forgetting))
        ax.text(1, 1.42, learned, color=LEARNED, **style)
        ax.text(1, 1.27, forgetting, color=FORGOTTEN, **style)


def _validation(ax: Axes, now: Tradeoff) -> None:
    """Draw the average on the validation parts against λ: where it is highest, λ is chosen."""
    scores = now.validated if now.points else {}
    scores = scores or {_lam(run): [run.validated] for run in (now.plain, now.run) if run.complete}
    x, means = [_place(lam) for lam in scores], [float(np.mean(v)) for v in scores.values()]
    low, high = [min(v) for v in scores.values()], [max(v) for v in scores.values()]
    if now.points:
        ax.fill_between(x, low, high, color=FAINT, linewidth=0)
    ax.plot(x, means, "-o" if now.points else "o", color=INK, markersize=6, linewidth=2)
    if now.best is not None:
        top = means[list(scores).index(now.best)]
        ax.plot(_place(now.best), top, "*", color=BEST, markersize=20, zorder=5)
    ax.axvline(_place(now.lam), color=INK, linewidth=1.5, linestyle=":")
    ax.set_xlim(-0.6, len(LAMS) - 0.4)
    ax.set_ylim(min([0.4, *low]), max([0.9, *high]))
    ax.set_xticks([_place(lam) for lam in TICKS], [name(lam) for lam in TICKS])
    ax.set_xlabel("λ", fontsize=16, labelpad=0)
    _percent(ax, "y", (0, 0.2, 0.4, 0.6, 0.8, 1))
    _title(ax, translate("Average, validation parts"), 1.1)


def _plane(ax: Axes, now: Tradeoff) -> None:
    """Draw `learned` against `forgetting`: the frontier as far as it is known, this λ on it."""
    points = now.points
    tasks = now.tasks if points else len(now.run.accuracy)
    shown = [(p.forgetting, p.learned) for p in points]
    shown += [(run.forgetting, run.learned) for run in (_beside(now), now.run) if run.finished > 1]
    _limits(ax, shown)
    _averages(ax, tasks)
    if points:
        _curve(ax, now)
    elif now.plain.complete and now.run.complete and now.lam > 0:
        (x0, y0), (x1, y1) = shown
        arrow = {"arrowstyle": "->", "color": GREY, "linewidth": 1.5, "shrinkA": 8, "shrinkB": 10}
        ax.annotate("", (x1, y1), (x0, y0), arrowprops=arrow)
    _runs(ax, now)
    ax.set_xlabel(translate("forgetting"), fontsize=16, color=FORGOTTEN, labelpad=3)
    ax.set_ylabel(translate("learned"), fontsize=16, color=LEARNED, labelpad=3)
    _percent(ax, "x", (0, 0.2, 0.4, 0.6))
    _percent(ax, "y", (0, 0.2, 0.4, 0.6, 0.8, 1))
    ax.spines[["top", "right"]].set_visible(False)
    _title(ax, translate("What is kept, what is learned"), 1.105)
    _line(ax, 1.045, (_stand(now), GREY))


def _stand(now: Tradeoff) -> str:
    """Return which runs the plane shows, in a few words."""
    if not now.records:
        return translate("seed 0; “whole frontier” adds all λ")
    lams = len({record.settings["lam"] for record in now.records})
    seeds = len(now.records) // lams
    template = "{lams} λ, bars: range of {seeds} seeds, ◇ seed 0"
    if now.tasks < 2:
        template = "{lams} λ × {seeds} seeds: learning tasks 1 and 2"
    elif now.tasks < len(now.run.accuracy):
        template = "{lams} λ × {seeds} seeds, after task {task}"
    return translate(template, lams=lams, seeds=seeds, task=now.tasks)


def _limits(ax: Axes, shown: list[tuple[float, float]]) -> None:
    """Set the same limits for every run, wider where a point would be cut off."""
    x, y = np.array(shown or [(0.0, 1.0)]).T
    ax.set_xlim(min(-0.07, x.min() - 0.04), max(0.53, x.max() + 0.04))
    ax.set_ylim(min(0.4, y.min() - 0.06), 1.0)


def _averages(ax: Axes, tasks: int) -> None:
    """Draw lines of equal average: learned − (T − 1)/T · forgetting, if new tasks are known best.

    The higher the line that the frontier touches, the better its best λ.
    """
    (low, high), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    slope = (tasks - 1) / tasks
    for average in np.arange(0.1, 1.0, 0.1):
        begin, end = average + slope * low, average + slope * high
        ax.plot([low, high], [begin, end], color=FAINT, linewidth=1, zorder=0, scalex=False,
                scaley=False)  # fmt: skip
        x = min(high, (top - average) / slope)
        y = average + slope * x
        if bottom + 0.03 < y:
            where: dict[str, Any] = {"ha": "right", "va": "top", "fontsize": 11, "color": GREY}
            text = share(float(average))
            text = translate("average {share}", share=text) if average > 0.85 else text
            ax.text(x - 0.012, y - 0.012, text, **where, path_effects=HALO)


def _curve(ax: Axes, now: Tradeoff) -> None:
    points = now.points
    x, y = [p.forgetting for p in points], [p.learned for p in points]
    bars: dict[str, Any] = {"color": GREY, "linewidth": 1.2}
    ax.hlines(y, *zip(*(p.forgetting_range for p in points), strict=True), **bars)
    ax.vlines(x, *zip(*(p.learned_range for p in points), strict=True), **bars)
    ax.plot(x, y, "-o", color=INK, linewidth=2, markersize=6)
    for p in points:
        if p.lam is not None and p.lam == now.best:
            star: dict[str, Any] = {"markersize": 26, "markeredgecolor": "white", "zorder": 5}
            ax.plot(p.forgetting, p.learned, "*", color=BEST, **star)
            if p.lam != now.lam:
                _name(ax, (p.forgetting, p.learned), f"★ {name(p.lam)}", BEST)
    if now.lam != points[-1].lam:
        _name(ax, (x[-1], y[-1]), translate("{lam}: held", lam=name(points[-1].lam or 0)), GREY)


def _runs(ax: Axes, now: Tradeoff) -> None:
    """Mark the run on the left and the one at λ = 0; on a frontier, this λ's mean."""
    means = {p.lam: (p.forgetting, p.learned) for p in now.points}
    plain = _beside(now)
    if plain.finished > 1 and now.lam > 0:
        at = means.get(0.0, (plain.forgetting, plain.learned))
        ax.plot(*at, "o", color="white", markeredgecolor=INK, markeredgewidth=2, markersize=10)
        _name(ax, at, translate("0: free"), GREY)
    run = so_far(now.run, now.tasks) if 1 < now.tasks < now.run.finished else now.run
    if run.finished < 2:
        return
    own = (run.forgetting, run.learned)
    if now.lam in means:
        ax.plot(*own, "D", color="none", markeredgecolor=INK, markersize=8, zorder=6)
    at = means.get(now.lam, own)
    ax.plot(*at, "o", color=INK, markeredgecolor="white", markersize=15, zorder=4)
    _name(ax, at, f"λ = {name(now.lam)}", INK, weight="bold")


def _beside(now: Tradeoff) -> me.Record:
    """Return the run at λ = 0 after as many tasks as this one has learned."""
    return so_far(now.plain, max(1, min(now.run.finished, now.plain.finished)))


def _name(ax: Axes, at: tuple[float, float], text: str, colour: str, **more: Any) -> None:
    """Name a point: below the curve on its steep left part, above it on the flat right part."""
    flat = at[0] > 0.2
    style: dict[str, Any] = {"fontsize": 15, "color": colour, "path_effects": HALO, "zorder": 7}
    style |= {"ha": "center" if flat else "left", "textcoords": "offset points"}
    ax.annotate(text, at, (0, 13) if flat else (13, -17), **style, **more)


def _title(ax: Axes, text: str, height: float, **style: Any) -> None:
    own: dict[str, Any] = {"fontsize": 16, "color": INK, "va": "center"}
    ax.text(0, height, text, transform=ax.transAxes, **(own | style))


def _line(ax: Axes, height: float, *parts: tuple[str, str]) -> None:
    """Write a line of text above the axes, each part in its colour."""
    for k, (text, colour) in enumerate(parts):
        ax.text(0.6 * k, height, text, transform=ax.transAxes, va="center", fontsize=13,
                color=colour)  # fmt: skip


def _percent(ax: Axes, axis: str, values: tuple[float, ...]) -> None:
    low, high = getattr(ax, f"get_{axis}lim")()
    inside = [value for value in values if low <= value <= high]
    getattr(ax, f"set_{axis}ticks")(inside, [share(value) for value in inside])
    ax.tick_params(labelsize=13)
    ax.spines[["top", "right"]].set_visible(False)


def _place(lam: float) -> float:
    """Return where λ is on the slider, whose steps are equally wide."""
    return float(np.interp(lam, LAMS, np.arange(len(LAMS))))


def _lam(run: me.Record) -> float:
    return float(run.settings["lam"])
