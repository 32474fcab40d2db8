"""Forgetting curves: how well each task is known, from the first update to the last."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from mas_edu._common import translate
from mas_edu.plots import labels
from mas_edu.plots.compared_runs import split_baseline
from mas_edu.plots.style import (
    COLOURS,
    GREY,
    INK,
    PERCENT,
    as_axes,
    disable_math,
    line_look,
    marker_of,
    page_height,
    root_figure,
    run_layout,
)
from mas_edu.plots.task_panels import draw_task_panels
from mas_edu.plots.text_fit import fit_labels, fit_title, ruler, run_titles
from mas_edu.plots.time_axis import draw_time_ticks, time_label, time_span
from mas_edu.plots.wording import stream_name, task_name
from mas_edu.results import Curves, Record, accuracy_curves

MAIN: dict[str, Any] = {"alpha": 1.0, "linewidth": 2.2, "zorder": 3.0}
PALE: dict[str, Any] = {"linewidth": 2.0, "zorder": 1.5}
GAP = 4  # pixels between two headings
THIN: dict[str, Any] = {"alpha": 0.4, "linewidth": 1.0}  # before a task is learned


def forgetting_curves(
    records: Sequence[Record] | Record,
    ax: Axes | None = None,
    *,
    panels: bool | None = None,
    baseline: Record | None = None,
) -> Axes:
    """Draw each task's accuracy over training: thin until it is learned, bold from then on.

    On one axes: a colour a task, dotted lines where one task ends and the next begins. In panels:
    a panel a task, its training phase shaded, a colour a run, the last accuracies beside.

    Args:
        records: the run to show, finished or not, or several. On one axes, all but the first are
            drawn pale, for comparison; in panels, the baseline alone.
        ax: where to draw; None: a new figure, without pyplot.
        panels: whether each task has its own panel; None: for several runs, or more than 6 tasks.
        baseline: one more run, drawn pale; None: in panels, FineTune if it is among the records.

    Returns:
        the axes; its lines hold `record.curve[:, j]` over `record.steps`. Without a curve: the
        columns of the accuracy matrix over the number of tasks learned.

    Raises:
        ValueError: if there is no record.

    >>> ax = forgetting_curves([Record(accuracy=[[0.9, 0.1], [0.6, 0.8]])])
    >>> ax.get_xlabel(), [text.get_text() for text in ax.texts]
    ('tasks learned', ['task 1', 'task 2'])
    """
    shown, pale, in_panels = split_baseline(records, baseline, panels)
    runs = [*shown, *pale]
    by_task = any(not record.curve.size for record in runs)
    views = [accuracy_curves(record, by_task) for record in runs]
    if in_panels:
        ax = as_axes(ax, 8, page_height(1.6 + 0.5 * len(runs[0].accuracy)))
        draw_task_panels(ax, shown, pale, views)
        return ax
    ax = as_axes(ax, 8, 4.4)
    for k, view in enumerate(views):
        _draw_run(ax, view, _run_look(k))
    first, last = _draw_frame(ax, views)
    tasks = [task_name(name) for name in runs[0].names]
    names = labels.reserve_room(ax, tasks)
    draw_time_ticks(ax, first, last)
    if not by_task:
        _name_stretches(ax, views[0], tasks)
    fit_labels(ax)
    if len(runs) == 1:
        fit_title(ax, run_titles(runs[0].label, runs[0].stream_name))
    else:
        handles = [Line2D([], [], color=INK, **_run_look(k)) for k in range(len(runs))]
        texts = [record.label for record in runs]
        labels.legend_above(ax, handles, texts, stream_name(runs[0].stream_name))
    _name_lines(ax, views[0], names)
    return ax


def _run_look(k: int) -> dict[str, Any]:
    """Return how the k-th run is drawn: each reference run is paler than the one before."""
    return PALE | {"alpha": 0.35 / k} if k else MAIN


def _draw_run(ax: Axes, view: Curves, look: dict[str, Any]) -> None:
    """Draw the thin and the bold line of each task."""
    for j in range(view.y.shape[1]):
        thin = {**THIN, "alpha": 0.4 * look["alpha"], "zorder": look["zorder"] - 0.5}
        ax.plot(view.x, view.y[:, j], **line_look(j), **thin)
        learned = view.x >= view.begin(j)
        x, y = view.x[learned], view.y[learned, j]
        marks: dict[str, Any] = {}
        if look is MAIN:
            on = np.flatnonzero(np.isin(x, view.ends)).tolist()
            marks = {"marker": marker_of(j), "markersize": 6, "markevery": on, "clip_on": False}
        ax.plot(x, y, **line_look(j), **look, **marks, in_layout=False)


def _draw_frame(ax: Axes, views: list[Curves]) -> tuple[float, float]:
    """Draw the ends of the tasks, set limits and labels; return the first and last update."""
    first, last = time_span(views)
    for end in views[0].ends:
        ax.axvline(end, color=GREY, linewidth=0.8, linestyle=":", zorder=0)
    ax.set_xlim(first, last)
    ax.set_yticks(np.linspace(0, 1, 6))
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(PERCENT)
    ax.set_ylabel(translate("accuracy on the test part"))
    ax.set_xlabel(time_label(views[0]))
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines["bottom"].set_bounds(first, last)
    return first, last


def _name_stretches(ax: Axes, view: Curves, names: Sequence[str]) -> None:
    """Write above each stretch which task is learned in it, if all the headings have room.

    Places come from the limits of the axes and widths from the text, so that they are right also
    in a figure without a layout.
    """
    run_layout(ax)
    middles = [(view.begin(j) + end) / 2 for j, end in enumerate(view.ends)]
    places = [float(ax.transData.transform((x, 0))[0]) for x in middles]
    width, frame = ruler(root_figure(ax)), root_figure(ax).bbox
    for texts in ([translate("learning {task}", task=name) for name in names], list(names)):
        halves = [width(text) / 2 for text in texts[: len(places)]]
        boxes = [(x - half, x + half) for x, half in zip(places, halves, strict=True)]
        edges = [(frame.x0, frame.x0), *boxes, (frame.x1, frame.x1)]
        if all(left[1] + GAP <= right[0] for left, right in pairwise(edges)):
            top = ax.secondary_xaxis("top")
            top.tick_params(length=0, pad=1, labelcolor=GREY)
            top.spines[:].set_visible(False)
            top.set_xticks(middles, texts[: len(middles)])
            disable_math(top.get_xticklabels())
            return


def _name_lines(ax: Axes, view: Curves, names: Sequence[str]) -> None:
    """Write each task's name beside the end of its line; grey before it is learned."""
    if not len(view.x):
        words = translate("nothing measured yet")
        ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", color=GREY)
        return
    ends, colours = [], []
    for j in range(len(names)):
        known = np.flatnonzero(np.isfinite(view.y[:, j]))
        last = known[-1] if len(known) else -1
        ends.append((float(view.x[last]), float(np.nan_to_num(view.y[last, j]))))
        begun = view.x[last] > view.begin(j) or j == 0
        colours.append(COLOURS[j % len(COLOURS)] if begun else GREY)
    labels.label_line_ends(ax, ends, names, colours)
