"""Methods compared: dots with intervals, cost beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import ScaledTranslation

from mas_edu._common import as_choice
from mas_edu.plots.style import (
    COLOURS,
    FAINT,
    GREY,
    INK,
    PLAIN,
    as_axes,
    disable_math,
    root_figure,
    run_layout,
)
from mas_edu.plots.text_fit import fit_labels, fit_text, fit_title, run_titles
from mas_edu.results import MEASURES, Comparison, Record, Row, as_comparison

MEANINGS = {
    "average": "average: accuracy over all tasks, at the end",
    "forgetting": "forgetting: fall of earlier tasks from their best",
    "learned": "learned: accuracy just after learning",
    "backward_transfer": "backward transfer: what later tasks did to earlier ones",
}
ABOVE = 5  # points: where the number stands, over the mean
BELOW = 9  # points: where the single seeds lie, off the line of the interval
FINE = FuncFormatter(lambda share, _: f"{100 * share:.4g} %")  # methods may differ by little
MEAN, ENDS, SEED = 7, 8, 4  # sizes of the marks, points
NAMES = 0.3  # of the figure's width, for the names of the methods
TICK = 55  # pixels that a number along the axis takes


def comparison(
    data: Comparison | Sequence[Record] | Record, ax: Axes | None = None, measure: str = "average"
) -> Axes:
    """Draw one row a method: mean, 95 % interval over seeds, each seed pale, and the cost beside.

    The best average is on top. Grey and open: a reference that sees earlier tasks' data again.

    Args:
        data: what `compare` returns, or records for it.
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
    cost = _add_cost_panel(ax)
    cost.tick_params(axis="y", length=0, labelleft=False)
    for y, row in enumerate(rows):
        _draw_measure(ax, y, row, measure)
        _draw_cost(cost, y, row)
    _frame_measure(ax, rows, measure)
    _frame_cost_panel(cost, found)
    fit_labels(ax, cost, within=True)
    fit_title(ax, _titles(found), color=GREY)
    _fit_rows(ax, cost)
    return ax


def _add_cost_panel(ax: Axes) -> Axes:
    """Return axes for the cost: two fifths of the place that the given ones had."""
    place, figure = ax.get_subplotspec(), ax.figure
    if place is None:
        left, bottom, width, height = ax.get_position().bounds
        ax.set_position((left, bottom, 0.58 * width, height))
        return figure.add_axes((left + 0.64 * width, bottom, 0.36 * width, height), sharey=ax)
    halves = place.subgridspec(1, 2, width_ratios=(3, 2))
    ax.set_subplotspec(halves[0, 0])
    return figure.add_subplot(halves[0, 1], sharey=ax)


def _draw_measure(ax: Axes, y: int, row: Row, measure: str) -> None:
    """Draw each seed, the interval if there is one, the mean in figures."""
    colour, values = _colour(row), row.values(measure)
    mean, low, high = getattr(row, measure)
    ax.axhline(y, color=FAINT, linewidth=0.6, zorder=0)
    if len(values) > 1:
        _draw_seeds(ax, values, y, colour)
        ax.plot([low, high], [y, y], color=colour, linewidth=2, marker="|", markersize=ENDS)
    _draw_mean(ax, mean, y, row, f"{100 * mean:.1f} %")


def _draw_cost(ax: Axes, y: int, row: Row) -> None:
    """Draw the seconds of each seed, their median in figures."""
    seconds = row.values("seconds")
    ax.axhline(y, color=FAINT, linewidth=0.6, zorder=0)
    if len(seconds) > 1:
        _draw_seeds(ax, seconds, y, _colour(row))
    _draw_mean(ax, row.seconds, y, row, f"{row.seconds:.2g} s")


def _draw_seeds(ax: Axes, values: Sequence[float], y: int, colour: str) -> None:
    below = ax.transData + ScaledTranslation(0, -BELOW / 72, root_figure(ax).dpi_scale_trans)
    look: dict[str, Any] = {
        "color": colour,
        "alpha": 0.35,
        "markersize": SEED,
        "markeredgewidth": 0,
    }
    ax.plot(values, np.full(len(values), y), "o", transform=below, **look)


def _draw_mean(ax: Axes, value: float, y: int, row: Row, text: str) -> None:
    colour = _colour(row)
    face = "white" if row.reference else colour
    ax.plot([value], [y], "o", color=colour, markerfacecolor=face, markersize=MEAN, zorder=3)
    above: dict[str, Any] = {
        "xytext": (0, ABOVE),
        "textcoords": "offset points",
        "ha": "center",
        "va": "bottom",
    }
    ax.annotate(text, (value, y), color=colour, parse_math=False, **above)


def _colour(row: Row) -> str:
    return GREY if row.reference else COLOURS[0]


def _frame_measure(ax: Axes, rows: Sequence[Row], measure: str) -> None:
    marks = [
        _wrap_name(ax, row.label) + ("\nsees old data again" if row.reference else "")
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
    ax.xaxis.set_major_locator(MaxNLocator(_most_ticks(ax, 5), steps=[1, 2, 5, 10]))
    ax.set_xlabel(MEANINGS[measure])
    ax.spines[["top", "right", "left"]].set_visible(False)


def _frame_cost_panel(cost: Axes, found: Comparison) -> None:
    most = max(second for row in found.rows for second in row.values("seconds"))
    cost.set_xlim(0, 1.15 * most or 1.0)
    cost.set_xlabel("seconds of one run" + ("" if found.alike else "\n(not trained alike: a hint)"))
    cost.spines[["top", "right", "left"]].set_visible(False)
    cost.xaxis.set_major_formatter(PLAIN)
    cost.xaxis.set_major_locator(MaxNLocator(_most_ticks(cost, 3), steps=[1, 2, 5, 10]))


def _titles(found: Comparison) -> list[str]:
    """Return what the title may say, the fullest first: the stream, and what the marks mean."""
    where, count = found.rows[0].records[0].stream_name, len(found.seeds)
    seeds = f"mean and 95 % interval over {count} seeds; pale: each seed"
    marks = seeds if count > 1 else "one seed, no interval"
    short = f"mean and 95 % interval, {count} seeds" if count > 1 else marks
    return [f"{where or 'one stream'}: {marks}", marks, short]


def _wrap_name(ax: Axes, name: str) -> str:
    """Return the name of a method in up to three lines, its settings left out if it is long."""
    figure = root_figure(ax)
    return fit_text(figure, run_titles(name), NAMES * figure.bbox.width, (10,))[0]


def _most_ticks(ax: Axes, most: int) -> int:
    """Return how many numbers along the axis have room, at most so many."""
    run_layout(ax)
    return max(1, min(most, int(ax.get_window_extent().width / TICK)))


def _fit_rows(ax: Axes, cost: Axes) -> None:
    """Set names and numbers smaller where the rows are low."""
    scale, low, high = run_layout(ax), *sorted(ax.get_ylim())
    row = ax.get_window_extent().height / (high - low) / scale  # points
    lines = max(text.get_text().count("\n") + 1 for text in ax.get_yticklabels())
    ax.tick_params(axis="y", labelsize=min(10.0, row / lines / 1.25))
    size = min(10.0, (row - ABOVE) / 1.1)
    for text in [*ax.texts, *cost.texts]:
        text.set_fontsize(size)
    ax.set_ylim(top=min(low, -(ABOVE + 1.1 * size) / row))  # the first number keeps off the title
