"""Two maps, weight against weight, one weight's pulls, the share kept: lesson 04's figure."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator, NullLocator

from mas_edu._common import translate
from mas_edu.lessons.cancellation.experiment import BATCHES, OUTPUT, UPDATES, Cancelling, Moment
from mas_edu.plots import (
    COLOURS,
    GREY,
    INK,
    OMEGA_COLOURS,
    PERCENT,
    PLAIN,
    percent,
    root_figure,
    white_figure,
)
from mas_edu.widgets import draw_guess, guess_words

SIZE = (900, 700)
UP, DOWN = COLOURS[0], COLOURS[1]  # pulls of either sign
OTHERS: dict[str, Any] = {"marker": "o", "color": UP}  # in the scatter
LAST: dict[str, Any] = {"marker": "^", "color": DOWN}
MARKED = "#ff4d6d"  # the frame of the weight looked at closely
KEPT = COLOURS[3]
DECADES = 5  # of the scatter's axes


def draw(
    run: Cancelling, batch: int = 128, update: int = 512, guess: float | None = None
) -> Figure:
    """Draw both Ω of the output layer, weight against weight, one weight's pulls, the share kept.

    A guess is marked: the share kept, in %.
    """
    now, figure = run.moments[update], white_figure(SIZE)
    _title(figure, now, batch, update)
    left = 0.085
    top = figure.add_axes((left, 0.72, 0.385, 0.165))
    below = figure.add_axes((left, 0.485, 0.385, 0.165))
    bar = figure.add_axes((left + 0.395, 0.485, 0.014, 0.4))
    _maps((top, below), bar, run, now, batch)
    _scatter(figure.add_axes((0.645, 0.485, 0.335, 0.4)), run, now, batch)
    _pulls(figure.add_axes((left, 0.095, 0.355, 0.235)), run, now, batch)
    share = figure.add_axes((0.575, 0.095, 0.405, 0.235))
    _share(share, run, batch, update)
    if guess is not None:
        draw_guess(share, guess, y=guess / 100)
    return figure


def describe(
    run: Cancelling, batch: int = 128, update: int = 512, guess: float | None = None
) -> str:
    """Say what `draw` shows."""
    now, along = run.moments[update], run.kept(batch)[: UPDATES.index(update) + 1]
    alive = now.exact > 0
    half = float((now.batched[batch][alive] < now.exact[alive] / 2).mean())
    mean, size = _means(now, batch)
    digit, unit = run.mark
    kept = translate(
        "After {update} updates the network reads {accuracy} of the test digits. In batches of "
        "{batch}, {kept} of the sum of Ω over all weights is kept; {half} of the weights keep less "
        "than half of theirs, and none has more than its exact Ω.",
        update=update,
        accuracy=percent(now.accuracy),
        batch=batch,
        kept=percent(now.kept(batch)),
        half=percent(half),
    )
    framed = translate(
        "The framed weight, from hidden unit {unit} to digit {digit}, in the first batch: mean of "
        "|g| {size:.3g}, |mean of g| {mean:.3g}.",
        unit=unit,
        digit=digit,
        size=size,
        mean=mean,
    )
    return f"{kept}{_course(along)} {framed}{guess_words(guess)}"


def _course(along: list[float]) -> str:
    """Say how the share kept has changed so far along training."""
    if len(along) == 1:
        return ""
    if min(along) == 1:
        return " " + translate("Batches of 1 keep all of it throughout training.")
    return " " + translate(
        "Along training the share kept began at {first}, was least after {update} updates with "
        "{least}, and is now {last}.",
        first=percent(along[0]),
        update=UPDATES[int(np.argmin(along))],
        least=percent(min(along)),
        last=percent(along[-1]),
    )


def _means(now: Moment, batch: int) -> tuple[float, float]:
    """Return |mean of g| and mean of |g| of the framed weight in the first batch."""
    pulls = now.pulls[:batch]
    return float(abs(pulls.mean())), float(np.abs(pulls).mean())


def _title(figure: Figure, now: Moment, batch: int, update: int) -> None:
    style: dict[str, Any] = {"va": "center", "color": INK}
    kept = translate("{share} of Ω is kept", share=percent(now.kept(batch)))
    figure.text(0.02, 0.957, kept, fontsize=23, weight="bold", **style)
    where = translate(
        "averaged in batches of {batch}, after {update} updates", batch=batch, update=update
    )
    figure.text(0.41, 0.953, where, fontsize=16, **style)


def _maps(axes: tuple[Axes, Axes], bar: Axes, run: Cancelling, now: Moment, batch: int) -> None:
    """Draw exact Ω above batched Ω, with the same colours."""
    scale = Normalize(0, float(run.map(now.exact).max()) or 1.0)
    names = (
        translate("exact: mean of |g|"),
        translate("batches of {batch}: |mean of g|", batch=batch),
    )
    for ax, name, omega in zip(axes, names, (now.exact, now.batched[batch]), strict=True):
        picture = ax.imshow(run.map(omega), cmap=OMEGA_COLOURS, norm=scale, aspect="auto")
        digit, unit = run.mark
        frame = Rectangle((unit - 0.5, digit - 0.5), 1, 1, fill=False)
        frame.set(edgecolor=MARKED, linewidth=2.5, clip_on=False)
        ax.add_patch(frame)
        ax.set_title(name, loc="left", fontsize=14, color=INK, pad=5)
        ax.set_yticks([0, 3, 6, 9])
        ax.tick_params(labelsize=12, length=0)
        ax.set_xticks([])
        ax.set_ylabel(translate("digit"), fontsize=13)
    axes[1].set_xlabel(translate("hidden unit"), fontsize=13)
    colours = root_figure(bar).colorbar(picture, cax=bar, format=PLAIN)
    colours.ax.tick_params(labelsize=11)
    colours.ax.locator_params(nbins=4)


def _scatter(ax: Axes, run: Cancelling, now: Moment, batch: int) -> None:
    """Draw each weight as a point; above the diagonal there is none."""
    top = float(now.exact.max()) * 2
    low = top / 10**DECADES
    ax.fill_between([low, top], [low, top], [top, top], color="#eeeeee", linewidth=0)
    ax.plot([low, top], [low, top], color=INK, linewidth=1.5)
    ax.text(low * 1.5, top / 1.7, translate("impossible"), fontsize=13, color=GREY, va="top")
    last = np.zeros(len(now.exact), dtype=bool)
    last[run.names[OUTPUT]] = True
    style: dict[str, Any] = {"markersize": 3.2, "alpha": 0.55, "markeredgewidth": 0}
    others, output = translate("other weights"), translate("output layer")
    for chosen, mark, name in ((~last, OTHERS, others), (last, LAST, output)):
        x, y = (omega[chosen & (now.exact > 0)] for omega in (now.exact, now.batched[batch]))
        ax.plot(x, y.clip(low), linestyle="", label=name, **style, **mark)
    ax.set_title(translate("one point for each weight"), loc="left", fontsize=14, color=INK, pad=5)
    ax.set_xlabel(translate("exact Ω"), fontsize=13, labelpad=1)
    ax.set_ylabel(translate("batch form"), fontsize=13, labelpad=0)
    where: dict[str, Any] = {"loc": "lower right", "edgecolor": "white", "handletextpad": 0.1}
    ax.legend(fontsize=12, framealpha=0.85, markerscale=2.2, **where)
    ax.set(xscale="log", yscale="log", xlim=(low, top), ylim=(low, top))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(numticks=5))
        axis.set_major_formatter(PLAIN)
        axis.set_minor_locator(NullLocator())
    ax.tick_params(labelsize=11)


def _pulls(ax: Axes, run: Cancelling, now: Moment, batch: int) -> None:
    """Draw the framed weight's g for each sample of the first batch, sorted, and the two means."""
    pulls = np.sort(now.pulls[:batch])[::-1]
    edges = np.arange(batch + 1)
    ax.stairs(pulls.clip(0), edges, fill=True, color=UP)
    ax.stairs(pulls.clip(None, 0), edges, fill=True, color=DOWN)
    ax.axhline(0, color=INK, linewidth=1)
    if batch <= 32:
        ax.vlines(edges, *ax.get_ylim(), color="white", linewidth=1.5)
    mean, size = _means(now, batch)
    of_sizes = translate("mean of |g|: {value:.3g}", value=size)
    of_signed = translate("|mean of g|: {value:.3g}", value=mean)
    ax.axhline(size, color=INK, linewidth=2, linestyle="--", label=of_sizes)
    ax.axhline(mean, color=INK, linewidth=2.5, label=of_signed)
    highest = max(float(np.abs(pulls).max()), 1e-9)
    ax.set(xlim=(0, batch), ylim=(-1.1 * highest, 1.1 * highest), xticks=[])
    ax.locator_params(axis="y", nbins=4)
    ax.yaxis.set_major_formatter(PLAIN)
    ax.tick_params(labelsize=12)
    ax.spines[["top", "right", "bottom"]].set_visible(False)
    name = translate("framed weight: g in the first batch")
    ax.set_title(name, loc="left", fontsize=14, color=INK, pad=7)
    _legend(ax, 2, loc="upper left", bbox_to_anchor=(-0.02, -0.06))


def _share(ax: Axes, run: Cancelling, batch: int, update: int) -> None:
    """Draw the share kept up to now, pale for the other batch sizes, and the accuracy.

    What comes later stays hidden: it is the answer to the lesson's question.
    """
    here = UPDATES.index(update)
    places = np.arange(here + 1)
    pale: dict[str, Any] = {"color": "#cdbde3", "linewidth": 1.2, "zorder": 1}
    others = np.transpose([run.kept(b)[: here + 1] for b in BATCHES if b != batch])
    ax.plot(places, others, **pale)
    ax.lines[0].set_label(translate("other sizes"))
    kept = run.kept(batch)[: here + 1]
    accuracy = [moment.accuracy for moment in run.moments.values()][: here + 1]
    ax.plot(places, kept, "o-", color=KEPT, linewidth=3.5, label=translate("Ω kept"), zorder=4)
    ax.plot(places, accuracy, ":", color=GREY, linewidth=2.5, label=translate("accuracy"))
    ax.plot(here, kept[here], "o", color=INK, markersize=13, markeredgecolor="white", zorder=5)
    ax.set(xlim=(-0.3, len(UPDATES) - 0.7), ylim=(0, 1.04), yticks=[0, 0.5, 1])
    ax.set_xticks(range(len(UPDATES)), [str(count) for count in UPDATES])
    ax.yaxis.set_major_formatter(PERCENT)
    ax.set_xlabel(translate("updates of training"), fontsize=13, labelpad=1)
    ax.tick_params(labelsize=12)
    ax.spines[["top", "right"]].set_visible(False)
    _legend(ax, 3, loc="lower left", bbox_to_anchor=(-0.03, 1.02))


def _legend(ax: Axes, columns: int, **where: Any) -> None:
    """Draw the legend in one line, outside the axes."""
    style: dict[str, Any] = {"fontsize": 12.5, "frameon": False, "borderaxespad": 0}
    style |= {"borderpad": 0, "handlelength": 1.5, "handletextpad": 0.5, "columnspacing": 1}
    ax.legend(ncols=columns, **style, **where)
