"""Methods compared: dots with intervals, cost beside."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import ScaledTranslation

from mas_edu._common import as_choice
from mas_edu.plots.style import COLOURS, FAINT, GREY, INK, PLAIN, as_axes, disable_math, root_figure
from mas_edu.results import MEASURES, Comparison, Record, Row, as_comparison

MEANINGS = {
    "average": "average: accuracy over all tasks, at the end",
    "forgetting": "forgetting: fall of earlier tasks from their best",
    "learned": "learned: accuracy just after learning",
    "backward_transfer": "backward transfer: what later tasks did to earlier ones",
}
BELOW = 9  # points: where the single seeds lie, off the line of the interval
FINE = FuncFormatter(lambda share, _: f"{100 * share:.4g} %")  # methods may differ by little
MEAN, ENDS, SEED = 7, 8, 4  # sizes of the marks, points
WIDEST = 28  # letters in a line of a name


def comparison(
    data: Comparison | Sequence[Record] | Record, ax: Axes | None = None, measure: str = "average"
) -> Axes:
    """Draw one row a method: mean and 95 % interval over seeds, each seed pale, its cost beside.

    The best average is on top. Grey and open: a reference that sees earlier tasks' data again.

    Args:
        data: what `compare` gives, or records for it.
        ax: where to draw, in part: the right of its place is taken for the cost; None: a new
            figure, without pyplot.
        measure: "average", "forgetting", "learned" or "backward_transfer".

    Returns:
        the axes with the measure; the cost is drawn on axes of its own, the last of the figure.

    Raises:
        ValueError: if the records may not be compared, with what differs and the cure.
    """
    found, measure = as_comparison(data), as_choice("measure", measure, MEASURES)
    rows = found.rows
    ax = as_axes(ax, 8, max(2.8, 1.5 + 0.45 * len(rows)))  # no row too low to be read
    cost = _beside(ax)
    for y, row in enumerate(rows):
        _measured(ax, y, row, measure)
        _paid(cost, y, row)
    _frame(ax, rows, measure)
    _frame_of_cost(cost, found)
    ax.set_title(_heading(found), loc="left", color=GREY, fontsize="medium", parse_math=False)
    return ax


def _beside(ax: Axes) -> Axes:
    """Make axes for the cost: two fifths of the place that the given ones had."""
    place, figure = ax.get_subplotspec(), ax.figure
    if place is None:
        left, bottom, width, height = ax.get_position().bounds
        ax.set_position((left, bottom, 0.58 * width, height))
        return figure.add_axes((left + 0.64 * width, bottom, 0.36 * width, height), sharey=ax)
    halves = place.subgridspec(1, 2, width_ratios=(3, 2))
    ax.set_subplotspec(halves[0, 0])
    return figure.add_subplot(halves[0, 1], sharey=ax)


def _measured(ax: Axes, y: int, row: Row, measure: str) -> None:
    """Draw each seed and the interval if there is one, and write the mean."""
    colour, values = _colour(row), row.values(measure)
    mean, low, high = getattr(row, measure)
    ax.axhline(y, color=FAINT, linewidth=0.6, zorder=0)
    if len(values) > 1:
        _pale(ax, values, y, colour)
        ax.plot([low, high], [y, y], color=colour, linewidth=2, marker="|", markersize=ENDS)
    _dot(ax, mean, y, row, f"{100 * mean:.1f} %")


def _paid(ax: Axes, y: int, row: Row) -> None:
    """Draw the seconds of each seed, and write their median."""
    seconds = row.values("seconds")
    ax.axhline(y, color=FAINT, linewidth=0.6, zorder=0)
    if len(seconds) > 1:
        _pale(ax, seconds, y, _colour(row))
    _dot(ax, row.seconds, y, row, f"{row.seconds:.2g} s")


def _pale(ax: Axes, values: Sequence[float], y: int, colour: str) -> None:
    below = ax.transData + ScaledTranslation(0, -BELOW / 72, root_figure(ax).dpi_scale_trans)
    look: dict[str, Any] = {
        "color": colour,
        "alpha": 0.35,
        "markersize": SEED,
        "markeredgewidth": 0,
    }
    ax.plot(values, np.full(len(values), y), "o", transform=below, **look)


def _dot(ax: Axes, value: float, y: int, row: Row, text: str) -> None:
    colour = _colour(row)
    face = "white" if row.reference else colour
    ax.plot([value], [y], "o", color=colour, markerfacecolor=face, markersize=MEAN, zorder=3)
    above: dict[str, Any] = {
        "xytext": (0, 5),
        "textcoords": "offset points",
        "ha": "center",
        "va": "bottom",
    }
    ax.annotate(text, (value, y), color=colour, parse_math=False, **above)


def _colour(row: Row) -> str:
    return GREY if row.reference else COLOURS[0]


def _frame(ax: Axes, rows: Sequence[Row], measure: str) -> None:
    marks = [
        textwrap.fill(row.label, WIDEST) + ("\nsees old data again" if row.reference else "")
        for row in rows
    ]
    ax.set_yticks(range(len(rows)), marks)
    disable_math(ax.get_yticklabels())
    for label, row in zip(ax.get_yticklabels(), rows, strict=True):
        label.set_color(GREY if row.reference else INK)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(rows) - 0.5, -0.65)  # the best on top, room for its number
    ax.margins(x=0.12)
    least = 0.0 if measure in ("average", "learned") else -1.0
    low, high = ax.get_xlim()
    ax.set_xlim(max(low, least - 0.02), min(high, 1.02))  # a wide interval may reach beyond 100 %
    ax.xaxis.set_major_formatter(FINE)
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.set_xlabel(MEANINGS[measure])
    ax.spines[["top", "right", "left"]].set_visible(False)


def _frame_of_cost(cost: Axes, found: Comparison) -> None:
    most = max(second for row in found.rows for second in row.values("seconds"))
    cost.set_xlim(0, 1.15 * most or 1.0)
    cost.set_xlabel("seconds of one run" + ("" if found.alike else "\n(not trained alike: a hint)"))
    cost.tick_params(axis="y", length=0, labelleft=False)
    cost.spines[["top", "right", "left"]].set_visible(False)
    cost.xaxis.set_major_formatter(PLAIN)
    cost.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))


def _heading(found: Comparison) -> str:
    """Return on what it was measured, and what the marks mean."""
    where, count = found.rows[0].records[0].stream_name, len(found.seeds)
    seeds = f"mean and 95 % interval over {count} seeds; pale: each seed"
    return f"{where or 'one stream'}: {seeds if count > 1 else 'one seed, no interval'}"
