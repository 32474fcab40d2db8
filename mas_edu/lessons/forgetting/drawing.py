"""Two curves and six digits: what lesson 01 shows of a run, as a figure and in words."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from mas_edu._common import translate
from mas_edu.lessons.forgetting.experiment import Forgetting, Shares
from mas_edu.plots import COLOURS, GREY, INK, PERCENT, percent, spread, white_figure
from mas_edu.widgets import draw_guess, guess_words

SIZE = (900, 600)
EXAMPLE = 8  # place of a 2, which looks different in every direction
IN_A, IN_B = COLOURS[0], COLOURS[1]


def draw(run: Forgetting, moment: int | None = None, guess: float | None = None) -> Figure:
    """Draw both accuracies up to an update of B (None: the last), and the six digits then.

    A guess is marked: A's accuracy at the end, in %.
    """
    now = run.until(moment)
    figure = white_figure(SIZE)
    curves = figure.add_axes((0.085, 0.49, 0.735, 0.39))
    _curves(curves, now)
    _digits(figure.add_axes((0.0, 0.01, 1.0, 0.39)), now)
    if guess is not None:
        draw_guess(curves, guess, y=guess / 100)
    return figure


def describe(run: Forgetting, moment: int | None = None, guess: float | None = None) -> str:
    """Say what `draw` shows."""
    now = run.until(moment)
    said = translate(
        "Task B, the digits turned by {turn}°, trained {how}: after {done} of {total} updates the "
        "accuracy on A {moved}, that on B is {on_b}.",
        turn=run.turn,
        how=translate("together with A" if run.joint else "alone"),
        done=now.updates[-1],
        total=now.end,
        moved=_moved(percent(now.on_a[now.before]), percent(now.on_a[-1])),
        on_b=percent(now.on_b[-1]),
    )
    return f"{said} {_flips(now)}{_baseline(now)}{guess_words(guess)}"


def _flips(now: Forgetting) -> str:
    flips = [
        translate("{old} is now read as {new}", old=old, new=new)
        for old, new in zip(now.truth[list(now.six)], now.of_a[-1, list(now.six)], strict=True)
        if old != new
    ]
    if not flips:
        return translate("None of the six digits changed label.")
    return translate(
        "{count} of the six digits changed label: {flips}.",
        count=len(flips),
        flips=", ".join(flips),
    )


def _baseline(now: Forgetting) -> str:
    if now.alone is None:
        return ""
    share = percent(now.alone.on_a[-1])
    return " " + translate(
        "Pale: B trained alone, for comparison: A ended at {share}.", share=share
    )


def _moved(before: str, after: str) -> str:
    if before == after:
        return translate("is still {share}", share=after)
    return translate("went from {before} to {after}", before=before, after=after)


def _curves(ax: Axes, now: Forgetting) -> None:
    ax.axvspan(-now.end, 0, color="#f2f2f2", linewidth=0)
    ax.plot(now.updates, now.on_a, "-", color=IN_A, linewidth=3.5, clip_on=False)
    ax.plot(now.updates, now.on_b, "--", color=IN_B, linewidth=3.5, clip_on=False)
    if now.alone is not None:
        pale: dict[str, Any] = {"color": IN_A, "alpha": 0.4, "linewidth": 2.5, "zorder": 1}
        ax.plot(now.alone.updates, now.alone.on_a, **pale)
    _names(ax, now)
    _heading(ax, 0.02, translate("learning A"), [now.images])
    if now.joint:
        _heading(ax, 0.52, translate("learning B and A"), [now.turned, now.images])
    else:
        _heading(ax, 0.52, translate("learning B"), [now.turned])
    ax.set(xlim=(-now.end, now.end), ylim=(0, 1))
    ticks = [translate("{count} updates", count=count) for count in (now.end, 2 * now.end)]
    ax.set_xticks([-now.end, 0, now.end], ["0", *ticks])
    ax.set_yticks([0, 0.5, 1])
    ax.yaxis.set_major_formatter(PERCENT)
    ax.tick_params(labelsize=13)
    ax.spines[["top", "right"]].set_visible(False)


def _heading(ax: Axes, left: float, text: str, tasks: list[Shares]) -> None:
    """Write what is learned in this half, with a digit as an example."""
    for k, images in enumerate(tasks):
        example = ax.inset_axes((left + 0.075 * k, 1.03, 0.068, 0.2))
        example.imshow(images[EXAMPLE], cmap="gray_r")
        example.set(xticks=[], yticks=[])
    beside = left + 0.075 * len(tasks) + 0.01
    ax.text(beside, 1.13, text, transform=ax.transAxes, va="center", fontsize=18, color=INK)


def _names(ax: Axes, now: Forgetting) -> None:
    """Write the lines' names and present values, in their colours, none over another."""
    names = [
        (now.on_a[-1], IN_A, translate("A, upright")),
        (now.on_b[-1], IN_B, translate("B, turned")),
    ]
    if now.alone is not None:
        names.append((now.alone.on_a[-1], GREY, translate("A, if not joint")))
    heights = spread([float(value) for value, *_ in names], 0.25, 0.08, 1.0)
    for height, (value, colour, name) in zip(heights, names, strict=True):
        style: dict[str, Any] = {"color": colour, "va": "center", "clip_on": False}
        ax.text(now.end * 1.04, height + 0.03, percent(value), fontsize=22, weight="bold", **style)
        ax.text(now.end * 1.04, height - 0.09, name, fontsize=14, **style)


def _digits(ax: Axes, now: Forgetting) -> None:
    """Draw six of A's digits, what they are called now, and a mark on those that changed."""
    ax.set(xlim=(0, 6), ylim=(1.52, -0.33))
    ax.set_axis_off()
    title = translate("Six digits of A: what they were read as before B, and now")
    ax.text(0.12, -0.13, title, fontsize=16, color=INK)
    for place, k in enumerate(now.six):
        left, old, new = place + 0.12, int(now.truth[k]), int(now.of_a[-1, k])
        extent = (left, left + 0.76, 1.0, 0.0)
        ax.imshow(now.images[k], cmap="gray_r", extent=extent, aspect="auto")
        style: dict[str, Any] = {"edgecolor": IN_A, "linewidth": 1.5}
        if old != new:
            style = {"edgecolor": IN_B, "linewidth": 5, "linestyle": (0, (2, 1))}
        ax.add_patch(Rectangle((left, 0), 0.76, 1.0, fill=False, **style))
        ax.text(
            left + 0.38,
            1.3,
            f"{old} → {new} {'✓' if old == new else '✗'}",
            ha="center",
            va="center",
            fontsize=21,
            color=style["edgecolor"],
            weight="normal" if old == new else "bold",
        )
