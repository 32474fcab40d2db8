"""Labels beside what they name, moved just far enough not to cover each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike, NDArray

from mas_edu.plots.canvas import GREY, INK, settle


def spread(wanted: ArrayLike, gap: float, low: float, high: float) -> NDArray[np.float64]:
    """Positions at least `gap` apart, in the wanted order, as near to the wanted ones as can be.

    Neighbours that are too close form a block around their mean. If all do not fit between `low`
    and `high`, they are spaced evenly.

    >>> spread([0.5, 0.5, 0.9], gap=0.1, low=0, high=1).round(2)
    array([0.45, 0.55, 0.9 ])
    """
    wanted = np.asarray(wanted, dtype=float)
    order, count = np.argsort(wanted, kind="stable"), len(wanted)
    gap = min(gap, (high - low) / max(count - 1, 1))
    blocks: list[list[float]] = []  # mean of (wanted - place · gap) and size; means increase
    for place, index in enumerate(order):
        mean, size = wanted[index] - place * gap, 1.0
        while blocks and blocks[-1][0] > mean:
            before, others = blocks.pop()
            mean, size = (before * others + mean * size) / (others + size), others + size
        blocks.append([mean, size])
    base = np.repeat([mean for mean, _ in blocks], [int(size) for _, size in blocks])
    placed = np.empty(count)
    placed[order] = np.clip(base, low, high - (count - 1) * gap) + np.arange(count) * gap
    return placed


def at_ends(
    ax: Axes, ends: Sequence[tuple[float, float]], texts: Sequence[str], colours: Sequence[str]
) -> list[Annotation]:
    """Name lines to the right of where they end, with a thin leader where a name had to move."""
    settle(ax)
    box, size = ax.get_window_extent(), ax.get_figure(root=True).dpi / 72  # pixels in a point
    low, high = ax.get_ylim()
    gap = 13.5 * size / box.height * (high - low)
    heights = spread([y for _, y in ends], gap, low + gap / 2, high - gap / 2)
    return [
        ax.annotate(
            text,
            end,
            (end[0] + 12 * size / box.width * (ax.get_xlim()[1] - ax.get_xlim()[0]), height),
            va="center",
            color=colour,
            annotation_clip=False,
            parse_math=False,
            bbox={"facecolor": "white", "alpha": 0.7, "pad": 0.5, "linewidth": 0},
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.7, "shrinkB": 2},
        )
        for end, text, colour, height in zip(ends, texts, colours, heights, strict=True)
    ]


def around(ax: Axes, points: Sequence[tuple[float, float]], texts: Sequence[str]) -> None:
    """Name points, each at the nearest free place around it."""
    settle(ax)
    taken = [_box(ax.transData.transform(point), 8, 8) for point in points]
    angles = np.deg2rad([0, 180, 90, 270, 45, 315, 135, 225])
    for point, text in zip(points, texts, strict=True):
        note = ax.annotate(
            text,
            point,
            (0, 0),
            textcoords="offset points",
            ha="center",
            va="center",
            color=INK,
            parse_math=False,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.7, "shrinkB": 4},
        )
        size = ax.get_figure(root=True).dpi / 72
        centre = ax.transData.transform(point)
        extent = note.get_window_extent()
        width, height = extent.width, extent.height
        for radius in range(4, 90, 6):
            places = [
                (np.cos(a) * (radius + width / size / 2), np.sin(a) * (radius + height / size / 2))
                for a in angles
            ]
            boxes = [_box(centre + np.array(p) * size, width + 2, height + 2) for p in places]
            free = [k for k, box in enumerate(boxes) if not any(box.overlaps(t) for t in taken)]
            if free:
                note.set_position(places[free[0]])
                taken.append(boxes[free[0]])
                break


def _box(centre: NDArray[np.float64], width: float, height: float) -> Bbox:
    x, y = centre
    return Bbox([[x - width / 2, y - height / 2], [x + width / 2, y + height / 2]])
