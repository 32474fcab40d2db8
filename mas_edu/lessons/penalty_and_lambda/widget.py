"""Lesson 05: what each λ keeps and learns, one by one and as the whole frontier."""

from __future__ import annotations

from functools import partial
from typing import Any

import ipywidgets as w
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from mas_edu.lessons.penalty_and_lambda.experiment import (
    LAMS,
    SCHEDULE,
    SEEDS,
    Kept,
    Tradeoff,
    job,
    so_far,
    stream,
    tradeoff,
)
from mas_edu.plots import COLOURS, FAINT, GREY, INK
from mas_edu.results import Record
from mas_edu.training import Schedule
from mas_edu.widgets import Interactive, Question, canvas, look

__all__ = ["LAMS", "QUIZ", "SCHEDULE", "SEEDS", "describe", "draw", "figure", "stream", "tradeoff"]

SIZE = (900, 650)
LEARNED, FORGOTTEN, BEST = COLOURS[0], COLOURS[1], COLOURS[3]
TICKS = (0.0, 0.01, 0.1, 1.0, 10.0, 1e6)  # of the λ that are named
HALO = [withStroke(linewidth=4, foreground="white")]  # of letters on lines


def name(lam: float) -> str:
    """λ as the picture writes it.

    >>> name(0.01), name(1e6)
    ('0.01', '10⁶')
    """
    return "10⁶" if lam == 1e6 else f"{lam:g}"


def share(value: float) -> str:
    """A percentage that may be below 0, as forgetting may.

    >>> share(-0.021), share(-0.001)
    ('−2 %', '0 %')
    """
    return f"{round(100 * value)} %".replace("-", "−")


# ---- what there is to see


def draw(now: Tradeoff) -> Figure:
    """This λ task by task, where validation puts it, and where it stands on the frontier."""
    figure = canvas(SIZE)
    _tasks(figure.add_axes((0.085, 0.535, 0.35, 0.3)), now.run)
    _validation(figure.add_axes((0.085, 0.095, 0.35, 0.29)), now)
    _plane(figure.add_axes((0.575, 0.095, 0.41, 0.775)), now)
    return figure


def _tasks(ax: Axes, run: Record) -> None:
    """Each task just after learning and now, and the way it fell from its best."""
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
    _line(ax, 1.12, ("○ just after learning", LEARNED), ("● now", FORGOTTEN))
    if run.finished:
        style: dict[str, Any] = {"transform": ax.transAxes, "ha": "right", "fontsize": 15}
        ax.text(1, 1.42, f"learned {share(run.learned)}", color=LEARNED, **style)
        ax.text(1, 1.27, f"forgetting {share(run.forgetting)}", color=FORGOTTEN, **style)


def _validation(ax: Axes, now: Tradeoff) -> None:
    """The average on the validation parts against λ: where it is highest, λ is chosen."""
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
    _title(ax, "Average, validation parts", 1.1)


def _plane(ax: Axes, now: Tradeoff) -> None:
    """`learned` against `forgetting`: the frontier as far as it is known, and this λ on it."""
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
    ax.set_xlabel("forgetting", fontsize=16, color=FORGOTTEN, labelpad=3)
    ax.set_ylabel("learned", fontsize=16, color=LEARNED, labelpad=3)
    _percent(ax, "x", (0, 0.2, 0.4, 0.6))
    _percent(ax, "y", (0, 0.2, 0.4, 0.6, 0.8, 1))
    ax.spines[["top", "right"]].set_visible(False)
    _title(ax, "What is kept, what is learned", 1.105)
    _line(ax, 1.045, (_stand(now), GREY))


def _stand(now: Tradeoff) -> str:
    """Which runs the plane shows, in a few words."""
    if not now.records:
        return "seed 0; whole frontier: all λ at once"
    lams = len({record.settings["lam"] for record in now.records})
    seeds = len(now.records) // lams
    if now.tasks < 2:
        return f"{lams} λ × {seeds} seeds: learning tasks 1 and 2"
    if now.tasks < len(now.run.accuracy):
        return f"{lams} λ × {seeds} seeds, after task {now.tasks}"
    return f"{lams} λ, bars: range of {seeds} seeds, ◇ seed 0"


def _limits(ax: Axes, shown: list[tuple[float, float]]) -> None:
    """The same from run to run, wider where a point would be cut off."""
    x, y = np.array(shown or [(0.0, 1.0)]).T
    ax.set_xlim(min(-0.07, x.min() - 0.04), max(0.53, x.max() + 0.04))
    ax.set_ylim(min(0.4, y.min() - 0.06), 1.0)


def _averages(ax: Axes, tasks: int) -> None:
    """Lines of equal average: learned − (T − 1)/T · forgetting, if new tasks are known best.

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
            text = ("average " if average > 0.85 else "") + share(float(average))
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
        _name(ax, (x[-1], y[-1]), f"{name(points[-1].lam or 0)}: held", GREY)


def _runs(ax: Axes, now: Tradeoff) -> None:
    """The run on the left and the one at λ = 0; where there is a frontier, this λ's mean on it."""
    means = {p.lam: (p.forgetting, p.learned) for p in now.points}
    plain = _beside(now)
    if plain.finished > 1 and now.lam > 0:
        at = means.get(0.0, (plain.forgetting, plain.learned))
        ax.plot(*at, "o", color="white", markeredgecolor=INK, markeredgewidth=2, markersize=10)
        _name(ax, at, "0: free", GREY)
    run = so_far(now.run, now.tasks) if 1 < now.tasks < now.run.finished else now.run
    if run.finished < 2:
        return
    own = (run.forgetting, run.learned)
    if now.lam in means:
        ax.plot(*own, "D", color="none", markeredgecolor=INK, markersize=8, zorder=6)
    at = means.get(now.lam, own)
    ax.plot(*at, "o", color=INK, markeredgecolor="white", markersize=15, zorder=4)
    _name(ax, at, f"λ = {name(now.lam)}", INK, weight="bold")


def _beside(now: Tradeoff) -> Record:
    """The run at λ = 0 after as many tasks as this one has learned."""
    return so_far(now.plain, max(1, min(now.run.finished, now.plain.finished)))


def _name(ax: Axes, at: tuple[float, float], text: str, colour: str, **more: Any) -> None:
    """Beside a point: below the curve on its steep left part, above it on the flat right part."""
    flat = at[0] > 0.2
    style: dict[str, Any] = {"fontsize": 15, "color": colour, "path_effects": HALO, "zorder": 7}
    style |= {"ha": "center" if flat else "left", "textcoords": "offset points"}
    ax.annotate(text, at, (0, 13) if flat else (13, -17), **style, **more)


def _title(ax: Axes, text: str, height: float, **style: Any) -> None:
    own: dict[str, Any] = {"fontsize": 16, "color": INK, "va": "center"}
    ax.text(0, height, text, transform=ax.transAxes, **(own | style))


def _line(ax: Axes, height: float, *parts: tuple[str, str]) -> None:
    """A line of text above the axes, each part in its colour."""
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
    """Where λ is on the slider: from one step to the next is the same way."""
    return float(np.interp(lam, LAMS, np.arange(len(LAMS))))


def _lam(run: Record) -> float:
    return float(run.settings["lam"])


def describe(now: Tradeoff) -> str:
    """What `draw` shows, in words."""
    return f"{_this(now.run)} {_other(now)}{_whole(now)}"


def _this(run: Record) -> str:
    tasks, present = len(run.accuracy), run.curve[-1]
    begin = f"λ = {name(_lam(run))}, {run.finished} of {tasks} tasks learned"
    parts = [
        f"{run.names[j]} from {share(run.accuracy[j, j])} to {share(present[j])}"
        for j in range(run.finished)
    ]
    if not parts:
        return f"{begin}: the first, {run.names[0]}, is at {share(present[0])} so far."
    return f"{begin}; just after learning and now: {', '.join(parts)}. {_two(run).capitalize()}."


def _two(run: Record) -> str:
    return (
        f"learned {share(run.learned)}, forgetting {share(run.forgetting)}, "
        f"average {share(run.average)}"
    )


def _other(now: Tradeoff) -> str:
    if now.lam == 0 or not now.plain.complete:
        return "To compare with, λ = 0 is plain fine-tuning."
    return f"Plain fine-tuning, λ = 0: {_two(now.plain)}."


def _whole(now: Tradeoff) -> str:
    if not now.points:
        return " Frontier: being trained." if now.records else ""
    first, last = now.points[0], now.points[-1]
    ends = " to ".join(
        f"learned {share(p.learned)} and forgetting {share(p.forgetting)} at λ = {name(p.lam or 0)}"
        for p in (first, last)
    )
    so_far = "" if now.best is not None else f", after {now.tasks} tasks"
    best = "" if now.best is None else f" Validation chooses λ = {name(now.best)} (star)."
    return (
        f" Frontier of {len(now.points)} λ, means over {first.seeds} seeds{so_far}: {ends}.{best}"
    )


# ---- the interactive figure, and the questions


def figure(
    lam: float = 0.1,
    whole: bool = False,
    *,
    schedule: Schedule = SCHEDULE,
    blocking: bool = False,
) -> Interactive[Tradeoff]:
    """Move λ and see five tasks learned again; press a button for the whole frontier.

    Args:
        lam: λ; like the next one, what the controls begin at.
        whole: whether to train all λ with three seeds, side by side.
        schedule: how each task is trained.
        blocking: work in the caller's thread, for front ends that ignore updates from others.
    """
    controls = {
        "lam": w.SelectionSlider(
            options=[(name(value), value) for value in sorted({*LAMS, lam})],
            value=lam,
            continuous_update=False,
            **look("λ", "How strongly the penalty holds on; released, it trains again", 520, 30),
        ),
        "whole": w.ToggleButton(
            value=whole,
            description="whole frontier",
            tooltip=f"Train {len(LAMS)} λ with {len(SEEDS)} seeds each, in one batched sweep",
            layout={"width": "150px", "margin": "2px 12px"},
        ),
    }
    kept = Kept()
    return Interactive(
        controls=controls,
        job=partial(job, schedule=schedule, kept=kept),
        draw=draw,
        describe=describe,
        call=partial(_call, schedule),
        size=SIZE,
        progress=lambda now: (now.done, now.total),
        recall=kept.recall,
        blocking=blocking,
    )


def _call(schedule: Schedule, lam: float, whole: bool) -> str:
    own = schedule != SCHEDULE
    first = f"schedule = {f'me.{schedule!r}' if own else 'penalty_and_lambda.SCHEDULE'}\n"
    sweep = (
        "records = me.sweep(penalty_and_lambda.stream(), me.MAS(), penalty_and_lambda.LAMS,\n"
        "                   penalty_and_lambda.SEEDS, schedule=schedule, progress=False)\n"
    )
    more = (", records=records" if whole else "") + (", schedule=schedule" if own else "")
    return (
        f"{first if whole or own else ''}{sweep if whole else ''}"
        f"now = penalty_and_lambda.tradeoff(lam={lam:g}{more})\n"
        "me.plots.show(penalty_and_lambda.draw(now), alt=penalty_and_lambda.describe(now))"
    )


WORDS = (
    "penalty",
    "λ",
    "anchor",
    "θ*",
    "Ω",
    "stability",
    "plasticity",
    "frontier",
    "learned",
    "forgetting",
    "validation part",
    "seed",
    "band",
    "learning rate",
    "divergence",
)

QUIZ = (
    Question(
        "At a very large λ the network forgets almost nothing. What else does the frontier say?",
        (
            "It is the best setting: no other forgets less.",
            False,
            "Read the other axis. Later tasks were hardly learned: there was little to keep.",
        ),
        (
            "'Learned' is at its lowest: the network is nearly frozen.",
            True,
            "A frozen network forgets nothing. Only both numbers together say how good it is.",
        ),
        (
            "Its Ω must have been 0, or it would have learned more.",
            False,
            "The other way round: weights with Ω = 0 are the only ones it can still move.",
        ),
    ),
    Question(
        "lr = 0.1 and the largest Ω is 4. From which λ on does plain SGD on the penalty diverge?",
        (
            "From λ = 5 on.",
            True,
            "lr · λ · max Ω = 0.1 · 5 · 4 = 2: beyond, each step overshoots by more than it gains.",
        ),
        (
            "From λ = 20 on.",
            False,
            "There lr · λ is 2, but the steepest direction counts, and its slope has Ω = 4 in it.",
        ),
        (
            "Never: the penalty is a bowl, so descent always arrives.",
            False,
            "A step that is too long lands higher up on the other side, the next one higher still.",
        ),
    ),
    Question(
        "Why is λ chosen on the validation parts and not on the test parts?",
        (
            "The test parts are larger, so it would take longer.",
            False,
            "Time is not the reason. What was used for a choice can no longer measure it fairly.",
        ),
        (
            "λ chosen on the test parts would be a worse λ.",
            False,
            "It may well be the same λ. What suffers is the accuracy you then report.",
        ),
        (
            "The best of many test results is partly luck, and would be reported as skill.",
            True,
            "Choose on one part, report on another, and the luck of the choice stays out.",
        ),
    ),
)
