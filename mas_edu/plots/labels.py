"""Labels beside what they name, moved just far enough not to cover each other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox, BboxBase
from numpy.typing import ArrayLike, NDArray

from mas_edu.plots.style import GREY, run_layout

Array = NDArray[np.float64]
Point = tuple[float, float]
LEADER: dict[str, Any] = {"arrowstyle": "-", "linewidth": 0.7, "shrinkB": 4}


def spread(wanted: ArrayLike, gap: float, low: float, high: float) -> Array:
    """Return positions at least `gap` apart, in the wanted order, nearest to the wanted ones.

    Neighbours that are too close form a block around their mean (isotonic regression by pooling
    adjacent violators). If all do not fit between `low` and `high`, they are spaced evenly.

    >>> spread([0.5, 0.5, 0.9], gap=0.1, low=0, high=1).round(2)
    array([0.45, 0.55, 0.9 ])
    """
    wanted = np.asarray(wanted, dtype=float)
    count, order = len(wanted), np.argsort(wanted, kind="stable")
    gap = min(gap, (high - low) / max(count - 1, 1))
    steps = np.arange(count) * gap
    blocks: list[tuple[float, int]] = []  # mean of (wanted - step), size; the means increase
    for mean, size in ((value, 1) for value in wanted[order] - steps):
        while blocks and blocks[-1][0] >= mean:
            before, others = blocks.pop()
            mean, size = (before * others + mean * size) / (others + size), others + size
        blocks.append((mean, size))
    means = np.repeat([mean for mean, _ in blocks], [size for _, size in blocks])
    placed = np.empty(count)
    placed[order] = np.clip(means, low, high - (count - 1) * gap) + steps
    return placed


def at_ends(
    ax: Axes, ends: Sequence[Point], texts: Sequence[str], colours: Sequence[str]
) -> list[Annotation]:
    """Name lines to the right of where they end, with a thin leader to each end.

    Room for the longest name is kept right of the present x limit, so that a picture redrawn while
    its lines grow does not jump.
    """
    scale = run_layout(ax)
    box, last = ax.get_window_extent(), ax.get_xlim()[1]
    line, (low, high) = 1.35 * mpl.rcParams["font.size"], ax.get_ylim()
    share = min(1.0, box.height / scale / (line * len(texts)))  # below 1 if there are too many
    notes = [
        ax.annotate(
            text,
            end,
            va="center",
            color=colour,
            fontsize=share * mpl.rcParams["font.size"],
            annotation_clip=False,
            parse_math=False,
            bbox={"facecolor": "white", "alpha": 0.7, "pad": 0.5, "linewidth": 0},
            arrowprops=LEADER | {"color": colour, "relpos": (0, 0.5)},  # from the name's left end
        )
        for end, text, colour in zip(ends, texts, colours, strict=True)
    ]
    away = 14 * scale
    widest = away + max(note.get_window_extent().width for note in notes)
    ax.set_xlim(right=last / (1 - min(widest / box.width, 0.5)))
    gap = share * line * scale / box.height * (high - low)
    heights = spread([y for _, y in ends], gap, low + gap / 2, high - gap / 2)
    beside = away / box.width * (ax.get_xlim()[1] - ax.get_xlim()[0])
    for note, (x, _), height in zip(notes, ends, heights, strict=True):
        note.set_position((x + beside, height))
    return notes


def around(
    ax: Axes,
    points: Sequence[Point],
    texts: Sequence[str],
    colours: Sequence[str],
    obstacles: Sequence[Sequence[Point]] = (),
) -> list[Annotation]:
    """Name points, each at the nearest free place around it; far ones get a thin leader.

    Args:
        ax: with its final limits.
        points: what is named, in data coordinates.
        texts: the names.
        colours: of the names.
        obstacles: lines, as lists of points, that the names keep clear of.
    """
    scale = run_layout(ax)
    pixels = ax.transData.transform
    taken = [_box(pixels(point), 10 * scale, 10 * scale) for point in points]
    taken += [box for line in obstacles for box in _along(pixels(line), scale)]
    legend = ax.get_legend()
    taken += [legend.get_window_extent()] if legend else []
    notes = []
    for point, text, colour in zip(points, texts, colours, strict=True):
        note = ax.annotate(
            text,
            point,
            (0, 0),
            textcoords="offset points",
            ha="center",
            va="center",
            color=colour,
            parse_math=False,
            annotation_clip=False,
            arrowprops=LEADER | {"color": GREY},
        )
        box = _free(pixels(point), note.get_window_extent(), taken, ax.bbox, scale)
        middle = np.array([box.x0 + box.x1, box.y0 + box.y1]) / 2
        note.set_position(tuple((middle - pixels(point)) / scale))
        taken.append(box)
        notes.append(note)
    return notes


def _free(
    centre: Array, extent: Bbox, taken: Sequence[Bbox], frame: BboxBase, scale: float
) -> Bbox:
    """Return the nearest place in the frame where a label covers nothing, in pixels."""
    angles = np.deg2rad([135, 315, 90, 270, 45, 225, 180, 0])
    half = np.array([extent.width, extent.height]) / 2
    places = [
        _box(centre + reach * np.array([np.cos(angle), np.sin(angle)]), *(2 * half + scale))
        for reach in (half + radius * scale for radius in range(7, 120, 5))
        for angle in angles
    ]
    inside = [box for box in places if frame.contains(*box.min) and frame.contains(*box.max)]
    free = (box for box in inside if not any(box.overlaps(other) for other in taken))
    return next(free, places[0])


def _along(line: Array, scale: float) -> list[Bbox]:
    """Return a line in pixels as a chain of small boxes."""
    boxes = []
    for begin, end in pairwise(line):
        parts = int(np.hypot(*(end - begin)) / (4 * scale)) + 2
        boxes += [_box(p, 2 * scale, 2 * scale) for p in np.linspace(begin, end, parts)]
    return boxes


def _box(centre: Array, width: float, height: float) -> Bbox:
    x, y = centre
    return Bbox([[x - width / 2, y - height / 2], [x + width / 2, y + height / 2]])
