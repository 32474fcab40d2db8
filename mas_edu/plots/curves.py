"""Forgetting curves: how well each task is known, from the first update to the last."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation

from mas_edu.plots import labels
from mas_edu.plots.style import (
    COLOURS,
    GREY,
    INK,
    PERCENT,
    as_axes,
    disable_math,
    line_look,
    marker_of,
    root_figure,
    run_layout,
)
from mas_edu.results import Curves, Record, accuracy_curves, as_records

MAIN: dict[str, Any] = {"alpha": 1.0, "linewidth": 2.2, "zorder": 3.0}
PALE: dict[str, Any] = {"linewidth": 2.0, "zorder": 1.5}
THIN: dict[str, Any] = {"alpha": 0.4, "linewidth": 1.0}  # before a task's turn has come


def forgetting_curves(records: Sequence[Record] | Record, ax: Axes | None = None) -> Axes:
    """Draw each task's accuracy over training: thin until it is learned, bold from then on.

    Dotted lines mark where one task ends and the next begins; markers stand on them.

    Args:
        records: the run to show, finished or not; later ones are drawn pale, to compare.
        ax: where to draw; None: a new figure, without pyplot.

    Returns:
        the axes; a line for each task holds `record.curve[:, j]` over `record.steps`. Without a
        curve: the columns of the accuracy matrix over the number of tasks learned.

    Raises:
        ValueError: if there is no record.

    >>> ax = forgetting_curves([Record(accuracy=[[0.9, 0.1], [0.6, 0.8]])])
    >>> ax.get_xlabel(), [text.get_text() for text in ax.texts]
    ('tasks learned', ['task 1', 'task 2'])
    """
    records = as_records(records)
    by_task = any(not record.curve.size for record in records)
    views = [accuracy_curves(record, by_task) for record in records]
    ax = as_axes(ax, 8, 4.4)
    for k, view in enumerate(views):
        _lines(ax, view, _weight(k))
    _frame(ax, views)
    _headings(ax, records)
    _names(ax, views[0], records[0].names)
    _turns(ax, views[0], records[0].names)
    return ax


def _weight(k: int) -> dict[str, Any]:
    """Return the line style of the k-th run: each run to compare is paler than the one before."""
    return PALE | {"alpha": 0.35 / k} if k else MAIN


def _lines(ax: Axes, view: Curves, weight: dict[str, Any]) -> None:
    for j in range(view.y.shape[1]):
        thin = {**THIN, "alpha": 0.4 * weight["alpha"], "zorder": weight["zorder"] - 0.5}
        ax.plot(view.x, view.y[:, j], **line_look(j), **thin)
        learned = view.x >= view.begin(j)
        x, y = view.x[learned], view.y[learned, j]
        marks: dict[str, Any] = {}
        if weight is MAIN:
            on = np.flatnonzero(np.isin(x, view.ends)).tolist()
            marks = {"marker": marker_of(j), "markersize": 6, "markevery": on, "clip_on": False}
        ax.plot(x, y, **line_look(j), **weight, **marks, in_layout=False)


def _frame(ax: Axes, views: list[Curves]) -> None:
    last = max(float(np.max([*view.ends, *view.x], initial=0)) for view in views) or 1.0
    first = 0.0
    if views[0].by_task:
        first = float(np.min([*views[0].x, 0.8]))  # nothing is known before the first task
    for end in views[0].ends:
        ax.axvline(end, color=GREY, linewidth=0.8, linestyle=":", zorder=0)
    ticks = MaxNLocator("auto", integer=True).tick_values(first, last)
    ax.set_xticks([tick for tick in ticks if first <= tick <= last])
    ax.set_xlim(first, last)
    ax.set_yticks(np.linspace(0, 1, 6))
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(PERCENT)
    ax.set_ylabel("accuracy on the test part")
    ax.set_xlabel("tasks learned" if views[0].by_task else "updates")
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines["bottom"].set_bounds(first, last)


def _headings(ax: Axes, records: list[Record]) -> None:
    """Write the run as title; with runs to compare, a legend in its place."""
    if len(records) == 1:
        ax.set_title(records[0].title, loc="left", parse_math=False)
        return
    handles = [Line2D([], [], color=INK, **_weight(k)) for k in range(len(records))]
    above = ScaledTranslation(0, 18 / 72, root_figure(ax).dpi_scale_trans)
    legend = ax.legend(
        handles,
        [record.label for record in records],
        title=records[0].stream_name or None,
        alignment="left",
        loc="lower left",
        bbox_to_anchor=(0, 1),
        bbox_transform=ax.transAxes + above,
        borderaxespad=0,
        borderpad=0,
        ncols=3,
        frameon=False,
    )
    disable_math([*legend.get_texts(), legend.get_title()])


def _turns(ax: Axes, view: Curves, names: Sequence[str]) -> None:
    """Write above each stretch which task is learned in it, where there is room."""
    if view.by_task:
        return
    top = ax.secondary_xaxis("top")
    top.tick_params(length=0, pad=1, labelcolor=GREY)
    top.spines[:].set_visible(False)
    middles = [(view.begin(j) + end) / 2 for j, end in enumerate(view.ends)]
    for texts in ([f"learning {name}" for name in names], names):
        top.set_xticks(middles, texts[: len(middles)])
        disable_math(top.get_xticklabels())
        run_layout(ax)
        extents = [text.get_window_extent() for text in top.get_xticklabels()]
        if all(left.x1 < right.x0 for left, right in pairwise(extents)):
            return
    top.remove()


def _names(ax: Axes, view: Curves, names: Sequence[str]) -> None:
    if not len(view.x):
        ax.text(0.5, 0.5, "nothing measured yet", transform=ax.transAxes, ha="center", color=GREY)
        return
    ends, colours = [], []
    for j in range(len(names)):
        known = np.flatnonzero(np.isfinite(view.y[:, j]))
        row = known[-1] if len(known) else -1
        ends.append((float(view.x[row]), float(np.nan_to_num(view.y[row, j]))))
        begun = view.x[row] > view.begin(j) or j == 0
        colours.append(COLOURS[j % len(COLOURS)] if begun else GREY)
    labels.at_ends(ax, ends, names, colours)
