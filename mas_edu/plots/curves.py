"""Forgetting curves: how well each task is known, from the first update to the last."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from mas_edu import reading
from mas_edu.plots import labels
from mas_edu.plots.canvas import COLOURS, GREY, INK, MARKERS, PERCENT, STYLES, axes, literal
from mas_edu.record import Record


def forgetting_curves(records: Sequence[Record] | Record, ax: Axes | None = None) -> Axes:
    """Each task's accuracy over training: thin until its turn comes, bold from then on.

    Args:
        records: the run to show, finished or not; later ones are drawn pale, to compare.
        ax: where to draw; None: a new figure, without pyplot.

    Returns:
        the axes; the lines hold `record.curve[:, j]` over `record.steps`. Without a curve: the
        columns of the accuracy matrix over the number of tasks learned.

    Raises:
        ValueError: if there is no record.

    >>> ax = forgetting_curves([Record(accuracy=[[0.9, 0.1], [0.6, 0.8]])])
    >>> ax.get_xlabel(), [text.get_text() for text in ax.texts]
    ('tasks learned', ['task 1', 'task 2'])
    """
    records = reading.checked(records)
    ax = axes(ax, 8, 4.2)
    by_task = not all(record.curve.size for record in records)
    for shade, record in enumerate(records):
        _curves(ax, record, by_task, pale=shade)
    _frame(ax, records, by_task)
    _names(ax, records[0], by_task)
    return ax


def _curves(ax: Axes, record: Record, by_task: bool, pale: int) -> None:
    x, curve = reading.measured(record, by_task)
    ends = reading.boundaries(record, by_task)
    for j in range(len(record.accuracy)):
        look = {"color": COLOURS[j % len(COLOURS)], "linestyle": STYLES[j % len(STYLES)]}
        begin = _begin(ends, j)
        learned = x >= begin
        faint = {"alpha": 0.35 / (1 + pale), "linewidth": 1.0, "zorder": 2 - pale}
        ax.plot(x, curve[:, j], **look, **faint)
        bold = {"linewidth": 2.2, "zorder": 3} if not pale else {**faint, "linewidth": 1.8}
        marks = np.flatnonzero(np.isin(x[learned], ends)).tolist()
        ax.plot(
            x[learned],
            curve[learned, j],
            marker=None if pale else MARKERS[j % len(MARKERS)],
            markevery=marks,
            markersize=6,
            **look,
            **bold,
        )


def _begin(ends: reading.Array, j: int) -> float:
    """When learning task j begins; a task whose turn is not known yet begins never."""
    if j == 0:
        return 0.0
    return float(ends[j - 1]) if j - 1 < len(ends) else np.inf


def _frame(ax: Axes, records: list[Record], by_task: bool) -> None:
    main = records[0]
    ends = reading.boundaries(main, by_task)
    last = max([*ends, *(x.max() for x, _ in _all(records, by_task) if len(x))], default=1.0)
    for end in ends:
        ax.axvline(end, color=GREY, linewidth=0.8, linestyle=":", zorder=0)
    ax.set_xlim(0, last)
    ax.set_ylim(0, 1.03)
    ax.yaxis.set_major_formatter(PERCENT)
    ax.set_ylabel("accuracy on the test part")
    ax.set_xlabel("tasks learned" if by_task else "updates")
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_title(reading.title(main), loc="left", parse_math=False)
    if len(records) > 1:
        handles = [
            Line2D([], [], color=INK, linewidth=2.2 if not i else 1.8, alpha=1 if not i else 0.3)
            for i in range(len(records))
        ]
        legend = ax.legend(handles, [record.label for record in records], loc="lower left")
        literal(legend.get_texts())


def _all(records: list[Record], by_task: bool) -> list[tuple[reading.Array, reading.Array]]:
    return [reading.measured(record, by_task) for record in records]


def _names(ax: Axes, record: Record, by_task: bool) -> None:
    x, curve = reading.measured(record, by_task)
    if not len(x):
        ax.text(0.5, 0.5, "nothing measured yet", transform=ax.transAxes, ha="center", color=GREY)
        return
    ends = reading.boundaries(record, by_task)
    starts = [_begin(ends, j) for j in range(len(record.names))]
    colours = [
        COLOURS[j % len(COLOURS)] if x[-1] > begin or j == 0 else GREY
        for j, begin in enumerate(starts)
    ]
    points = []
    for j in range(len(record.names)):
        known = np.flatnonzero(np.isfinite(curve[:, j]))
        points.append((x[known[-1]], curve[known[-1], j]) if len(known) else (x[-1], 0.0))
    labels.at_ends(ax, points, record.names, colours)


__all__ = ["forgetting_curves", "pairwise"]
