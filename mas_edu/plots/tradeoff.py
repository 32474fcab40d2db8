"""The λ frontier: what a method keeps against what it still learns."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from mas_edu import reading
from mas_edu.plots import labels
from mas_edu.plots.canvas import COLOURS, GREY, MARKERS, PERCENT, STYLES, axes, literal
from mas_edu.record import Record


def frontier(records: Sequence[Record] | Record, ax: Axes | None = None) -> Axes:
    """`learned` against `forgetting`, one point for each λ: the more is held, the less is learned.

    Runs that differ in their seed alone are one point, their mean, with bars from the lowest to
    the highest seed. Runs that have not learned all tasks are left out.

    Args:
        records: many runs, such as a sweep gives.
        ax: where to draw; None: a new figure, without pyplot.

    Raises:
        ValueError: if no run is complete.

    >>> runs = [Record([[0.9, 0], [0.5, 0.8]], settings={"method": "MAS()", "lam": 0.1})]
    >>> [text.get_text() for text in frontier(runs).texts]
    ['λ = 0.1']
    """
    points = reading.frontier_points(records)
    ax = axes(ax, 7, 4.6)
    methods = list(dict.fromkeys(point.method for point in points))
    for k, method in enumerate(methods):
        _method(ax, [p for p in points if p.method == method], k)
    ax.margins(0.12)
    ax.xaxis.set_major_formatter(PERCENT)
    ax.yaxis.set_major_formatter(PERCENT)
    ax.set_xlabel("forgetting: fall of earlier tasks from their best")
    ax.set_ylabel("learned: accuracy just after learning")
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_title("↖ better", loc="left", color=GREY)
    if len(methods) > 1:
        literal(ax.legend(loc="best").get_texts())
    texts = [f"λ = {p.lam:g}" if p.lam is not None else p.method for p in points]
    labels.around(ax, [(p.forgetting, p.learned) for p in points], texts)
    return ax


def _method(ax: Axes, points: list[reading.Point], k: int) -> None:
    x, y = [p.forgetting for p in points], [p.learned for p in points]
    ax.errorbar(
        x,
        y,
        xerr=_bars(x, [p.forgetting_range for p in points]),
        yerr=_bars(y, [p.learned_range for p in points]),
        label=points[0].method,
        color=COLOURS[k % len(COLOURS)],
        marker=MARKERS[k % len(MARKERS)],
        linestyle=STYLES[k % len(STYLES)],
        markersize=8,
        capsize=2,
        elinewidth=1,
    )


def _bars(means: list[float], ranges: list[tuple[float, float]]) -> list[list[float]]:
    """Lengths of the bars below and above the mean; rounding must not make them negative."""
    pairs = list(zip(means, ranges, strict=True))
    return [[max(m - low, 0) for m, (low, _) in pairs], [max(h - m, 0) for m, (_, h) in pairs]]
