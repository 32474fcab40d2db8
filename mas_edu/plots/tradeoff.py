"""The λ frontier: what a method keeps against what it still learns."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from mas_edu._common import translate
from mas_edu.plots import labels
from mas_edu.plots.style import (
    COLOURS,
    GREY,
    PERCENT,
    as_axes,
    disable_math,
    line_look,
    marker_of,
    root_figure,
    run_layout,
)
from mas_edu.plots.text_fit import fit_labels, ruler
from mas_edu.plots.wording import short_names
from mas_edu.results import Point, Record, frontier_points

LARGEST = 0.45  # of the width and height of the axes, for a legend within them


def frontier(records: Sequence[Record] | Record, ax: Axes | None = None) -> Axes:
    """Draw `learned` against `forgetting`, one point for each λ.

    Runs that differ in their seed alone are one point, their mean, with bars from the lowest to
    the highest seed. Runs that have not learned all their tasks are left out.

    Args:
        records: many runs, such as a sweep returns.
        ax: where to draw; None: a new figure, without pyplot.

    Raises:
        ValueError: if no run is complete.

    >>> runs = [Record([[0.9, 0], [0.5, 0.8]], settings={"method": "MAS()", "lam": 0.1})]
    >>> [text.get_text() for text in frontier(runs).texts]
    ['λ = 0.1']
    """
    series = frontier_points(records)
    points = [point for group in series.values() for point in group]
    ax = as_axes(ax, 7, 4.8)
    for k, group in enumerate(series.values()):
        _draw_series(ax, group, k)
    ax.margins(0.12)
    ax.xaxis.set_major_formatter(PERCENT)
    ax.yaxis.set_major_formatter(PERCENT)
    ax.set_xlabel(translate("forgetting: fall of earlier tasks from their best"))
    ax.set_ylabel(translate("learned: accuracy just after learning"))
    ax.spines[["top", "right"]].set_visible(False)
    fit_labels(ax)
    _draw_titles(ax, any(point.seeds > 1 for point in points))
    if len(series) > 1:
        _draw_legend(ax)
        fit_labels(ax)  # a large legend leaves less room
    labels.label_points(
        ax,
        [(point.forgetting, point.learned) for point in points],
        [short_names(point.name) for point in points],
        [COLOURS[k % len(COLOURS)] for k, group in enumerate(series.values()) for _ in group],
        [line for group in series.values() for line in _lines_of(group)],
    )
    return ax


def _draw_titles(ax: Axes, bars: bool) -> None:
    """Say in which corner the best runs are, and what bars mean, in a second line if need be."""
    better, meaning = translate("↖ better"), translate("bars: lowest to highest seed")
    figure = root_figure(ax)
    run_layout(ax)
    wide = ruler(figure, 12)(better) + ruler(figure)(f"  {meaning}") > ax.get_window_extent().width
    ax.set_title(f"{better}\n{meaning}" if bars and wide else better, loc="left", color=GREY)
    if bars and not wide:
        ax.set_title(meaning, loc="right", color=GREY, fontsize="medium")


def _draw_legend(ax: Axes) -> None:
    """Draw the legend in the corner of the worst runs, or above the axes if it is large."""
    handles, texts = ax.get_legend_handles_labels()
    legend = ax.legend(loc="lower right")
    disable_math(legend.get_texts())
    run_layout(ax)
    box, frame = legend.get_window_extent(), ax.get_window_extent()
    if box.width > LARGEST * frame.width or box.height > LARGEST * frame.height:
        legend.remove()
        labels.legend_above(ax, handles, texts)


def _draw_series(ax: Axes, group: list[Point], k: int) -> None:
    """Draw the points of one method, the line through them and their bars."""
    x, y = [point.forgetting for point in group], [point.learned for point in group]
    ax.plot(
        x, y, label=short_names(group[0].series), marker=marker_of(k), markersize=8, **line_look(k)
    )
    for line in _lines_of(group)[1:]:
        ax.plot(*zip(*line, strict=True), color=COLOURS[k % len(COLOURS)], linewidth=1)


def _lines_of(group: list[Point]) -> list[list[tuple[float, float]]]:
    """Return the line through all points, then two bars for each point that has several seeds."""
    through = [(point.forgetting, point.learned) for point in group]
    bars = [
        line
        for point in group
        if point.seeds > 1
        for line in (
            [(low, point.learned) for low in point.forgetting_range],
            [(point.forgetting, low) for low in point.learned_range],
        )
    ]
    return [through, *bars]
