"""Forgetting curves as small multiples: a panel a task, a colour a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.transforms import Affine2D

from mas_edu._common import translate
from mas_edu.plots.labels import legend_above
from mas_edu.plots.style import FAINT, GREY, INK, line_look, root_figure, run_layout
from mas_edu.plots.text_fit import fit_labels, fit_title, ruler, run_titles, shorten_names
from mas_edu.plots.time_axis import draw_time_ticks, time_label, time_span
from mas_edu.plots.wording import percent, stream_name, task_name
from mas_edu.results import Curves, Record

HEIGHT = 0.82  # of a row, for its panel; the rest is the gap to the next
SHADE = "#e3e9f0"  # behind the updates in which a panel's task is learned
PALE = "#a6a6a6"
NAMES, VALUES = 0.25, 0.4  # of the width, at most, for the names and for the numbers
LOWEST = 26  # points: a panel as high as this has room for both ends of its scale
GAP = 5  # points, between names, panels and numbers
SMALL = 6  # points: the smallest numbers


@dataclass(frozen=True)
class Run:
    """A run in all panels: its curves, the look of its lines, the colour of its numbers."""

    view: Curves
    look: dict[str, Any]
    ink: str

    def last(self, j: int) -> float | None:
        """Return the last accuracy on task j; None before it is learned."""
        known = np.flatnonzero(np.isfinite(self.view.y[:, j]))
        if not len(known) or (j and self.view.x[known[-1]] <= self.view.begin(j)):
            return None
        return float(self.view.y[known[-1], j])


def draw_task_panels(
    ax: Axes, records: Sequence[Record], pale: Sequence[Record], views: Sequence[Curves]
) -> None:
    """Draw a panel for each task, one below the other, on common axes.

    Args:
        ax: all panels, their names and numbers are drawn within it.
        records: the runs in colour, the one that decides on names and phases first.
        pale: further runs, drawn in grey.
        views: the curves of all of them.
    """
    runs = [Run(view, *_look(k, len(records))) for k, view in enumerate(views)]
    tasks, (first, last), scale = len(records[0].accuracy), time_span(views), run_layout(ax)
    ax.set_ylim(0, tasks)
    ax.set_yticks([])
    ax.spines[["top", "right", "left"]].set_visible(False)
    panel = HEIGHT * ax.get_window_extent().height / tasks / scale
    high = panel >= LOWEST
    ax.set_ylabel(translate("accuracy on the test part" if high else "accuracy, 0 to 100 % each"))
    ax.set_xlabel(time_label(views[0]))
    fit_labels(ax)
    _draw_heading(ax, [*records, *pale], runs)
    names = [task_name(name) for name in records[0].names]
    _reserve_room(ax, runs, names, (first, last))
    draw_time_ticks(ax, first, last)
    for j in range(tasks):
        _draw_panel(ax, runs, j, (first, last))


def _look(k: int, coloured: int) -> tuple[dict[str, Any], str]:
    """Return how the k-th run is drawn, the first so many in colour, and its ink."""
    if k < coloured:
        look = line_look(k)
        return look | {"linewidth": 2.0, "zorder": 4 - k / 10}, look["color"]
    return line_look(k - coloured) | {"color": PALE, "linewidth": 2.0, "zorder": 2}, GREY


def _draw_heading(ax: Axes, records: Sequence[Record], runs: Sequence[Run]) -> None:
    """Name the run above the panels, or all of them in a legend."""
    if len(records) == 1:
        fit_title(ax, run_titles(records[0].label, records[0].stream_name))
        return
    handles = [Line2D([], [], **run.look) for run in runs]
    names = [record.label for record in records]
    legend_above(ax, handles, names, stream_name(records[0].stream_name), clear=GAP)


def _reserve_room(
    ax: Axes, runs: Sequence[Run], names: Sequence[str], span: tuple[float, float]
) -> None:
    """Write names to the left of the panels and numbers to the right, and leave room for them.

    The room depends on the names and on how many runs there are, so that nothing jumps while the
    curves grow.
    """
    scale, width = run_layout(ax), ruler(root_figure(ax))
    box = ax.get_window_extent()
    panel = HEIGHT * box.height / len(names)  # pixels
    shown = shorten_names(names, NAMES * box.width, width)
    size = max(SMALL, min(10.0, panel / scale / 1.2))
    ends = width("100 %") + GAP * scale if panel / scale >= LOWEST else 0.0
    left = max(width(name) for name in shown) + ends + 2 * GAP * scale
    column = width("100 %") * size / 10 + GAP * scale
    unit = " %" if column * len(runs) <= VALUES * box.width else ""
    column = width(f"100{unit}") * size / 10 + GAP * scale
    right = column * len(runs) + GAP * scale
    first, last = span
    pixel = (last - first) / (box.width - left - right)
    ax.set_xlim(first - left * pixel, last + right * pixel)
    ax.spines["bottom"].set_bounds(first, last)
    ax.xaxis.label.set_x((left + (last - first) / pixel / 2) / box.width)
    for j, name in enumerate(shown):
        middle = _bottom(ax, j) + HEIGHT / 2
        _write(ax, first, middle, name, (-(ends / scale + GAP), 0), "right", INK, size)
        for height, place, text in ((0, "bottom", "0 %"), (HEIGHT, "top", "100 %")) if ends else ():
            _write(ax, first, _bottom(ax, j) + height, text, (-GAP, 0), "right", GREY, 10, place)
        for k, run in enumerate(runs):
            value = run.last(j) if j < run.view.y.shape[1] else None
            text = "" if value is None else percent(value).removesuffix("" if unit else " %")
            _write(ax, last, middle, text, ((k + 1) * column / scale, 0), "right", run.ink, size)


def _write(
    ax: Axes,
    x: float,
    y: float,
    text: str,
    offset: tuple[float, float],
    side: str,
    color: str,
    size: float,
    place: str = "center",
) -> None:
    """Write beside a point of the axes, so many points away."""
    ax.annotate(
        text, (x, y), offset, textcoords="offset points", ha=side, va=place, color=color,
        fontsize=size, parse_math=False, annotation_clip=False,
    )  # fmt: skip


def _bottom(ax: Axes, j: int) -> float:
    """Return where the panel of task j begins, from below."""
    return float(ax.get_ylim()[1]) - 1 - j + (1 - HEIGHT) / 2


def _draw_panel(ax: Axes, runs: Sequence[Run], j: int, span: tuple[float, float]) -> None:
    """Draw the curves on task j; their points hold the accuracies, the transform moves them."""
    (first, last), bottom, view = span, _bottom(ax, j), runs[0].view
    place = Affine2D().scale(1, HEIGHT).translate(0, bottom) + ax.transData
    begin, end = view.begin(j), float(view.ends[j]) if j < len(view.ends) else last
    if begin < end:
        phase = (max(begin, first), bottom), end - max(begin, first), HEIGHT
        ax.add_patch(Rectangle(*phase, facecolor=SHADE, linewidth=0, zorder=0))
    for height in (0, 1):
        ax.plot(span, (height, height), color=FAINT, linewidth=0.6, zorder=1, transform=place)
    for run in runs:
        if j >= run.view.y.shape[1]:
            continue
        x, y, learned = run.view.x, run.view.y[:, j], run.view.x >= run.view.begin(j)
        before = x <= run.view.begin(j)
        thin = run.look | {"linewidth": 1.0, "alpha": 0.5}
        style: dict[str, Any] = {"transform": place, "clip_on": False, "in_layout": False}
        ax.plot(x[before], y[before], **thin, **style)
        ax.plot(x[learned], y[learned], **run.look, **style)
