"""Labels beside what they name, moved just far enough not to cover each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox, BboxBase, ScaledTranslation
from numpy.typing import ArrayLike, NDArray

from mas_edu._common import as_float, as_numbers
from mas_edu.plots.style import GREY, disable_math, root_figure, run_layout
from mas_edu.plots.text_fit import fit_text, ruler, run_titles, shorten_names
from mas_edu.plots.wording import short_names

Array = NDArray[np.float64]
Point = tuple[float, float]
LEADER: dict[str, Any] = {"arrowstyle": "-", "linewidth": 0.7, "shrinkB": 4}
AWAY = 14  # points between the end of a line and its name
HANDLE = 50  # points: the line beside a text of a legend, and the gap between columns
WIDEST = 0.4  # of the axes, for the names of lines


def spread(wanted: ArrayLike, gap: float, low: float, high: float) -> Array:
    """Return positions at least `gap` apart, in the wanted order and as near to it as possible.

    Neighbours that are too close form a block around their mean (isotonic regression by pooling
    adjacent violators). If all do not fit between `low` and `high`, they are spaced evenly.

    >>> spread([0.5, 0.5, 0.9], gap=0.1, low=0, high=1).round(2)
    array([0.45, 0.55, 0.9 ])
    """
    wanted = as_numbers("wanted", wanted, 1, "[N]")
    gap, low, high = (
        as_float(name, value, -math.inf)
        for name, value in (("gap", gap), ("low", low), ("high", high))
    )
    if wanted.ndim > 1 or not np.isfinite(wanted).all() or gap < 0 or low > high:
        raise ValueError(
            "wanted, gap, low, high: expected finite positions [N], a gap of at least 0 and low <= "
            f"high, got positions {wanted.shape}, {gap:g}, {low:g} and {high:g}"
        )
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


def reserve_room(ax: Axes, names: Sequence[str]) -> list[str]:
    """Move the right limit to make room for names beside line ends, and return names that fit.

    The room depends on the names alone, so a picture redrawn while its lines grow does not jump.
    """
    scale, width = run_layout(ax), ruler(root_figure(ax))
    available = float(ax.get_window_extent().width)
    shown = shorten_names(names, WIDEST * available - AWAY * scale, width)
    taken = AWAY * scale + max(width(name) for name in shown) + 2
    left, right = ax.get_xlim()
    ax.set_xlim(right=left + (right - left) / (1 - min(taken / available, 1.1 * WIDEST)))
    return shown


def label_line_ends(
    ax: Axes, ends: Sequence[Point], names: Sequence[str], colours: Sequence[str]
) -> list[Annotation]:
    """Name lines to the right of where they end, with a thin leader to each end.

    Call it last, with the names that `reserve_room` returned: the heights depend on the layout.
    """
    scale, normal = run_layout(ax), mpl.rcParams["font.size"]
    box, (low, high), (left, right) = ax.get_window_extent(), ax.get_ylim(), ax.get_xlim()
    line = 1.35 * normal
    share = min(1.0, box.height / scale / (line * len(names)))  # below 1 if there are too many
    gap = share * line * scale / box.height * (high - low)
    heights = spread([y for _, y in ends], gap, low + gap / 2, high - gap / 2)
    away = AWAY * scale / box.width * (right - left)
    return [
        ax.annotate(
            name,
            end,
            (end[0] + away, height),
            va="center",
            color=colour,
            fontsize=share * normal,
            annotation_clip=False,
            parse_math=False,
            bbox={"facecolor": "white", "alpha": 0.7, "pad": 0.5, "linewidth": 0},
            arrowprops=LEADER | {"color": colour, "relpos": (0, 0.5)},  # from the name's left end
        )
        for end, height, name, colour in zip(ends, heights, names, colours, strict=True)
    ]


def legend_above(
    ax: Axes, handles: Sequence[Artist], texts: Sequence[str], title: str = "", clear: float = 18
) -> None:
    """Draw the legend above the axes, in as many columns as have room; long texts are wrapped.

    `clear`: points between the axes and it; as many as leave room for one line of headings.
    """
    scale, figure, texts = run_layout(ax), root_figure(ax), [short_names(text) for text in texts]
    room, handle = float(figure.bbox.x1 - ax.get_window_extent().x0), HANDLE * scale
    widest = max(ruler(figure)(text) for text in texts)
    columns = next((n for n in (4, 3, 2) if n * (widest + handle) <= room), 1)
    legend = ax.legend(
        handles,
        [fit_text(figure, run_titles(text), room - handle, (10,), 2)[0] for text in texts],
        title=fit_text(figure, [title], room, (10,))[0] or None,
        alignment="left",
        loc="lower left",
        bbox_to_anchor=(0, 1),
        bbox_transform=ax.transAxes + ScaledTranslation(0, clear / 72, figure.dpi_scale_trans),
        borderaxespad=0,
        borderpad=0,
        ncols=columns,
        frameon=False,
    )
    disable_math([*legend.get_texts(), legend.get_title()])


def label_points(
    ax: Axes,
    points: Sequence[Point],
    texts: Sequence[str],
    colours: Sequence[str],
    obstacles: Sequence[Sequence[Point]] = (),
) -> list[Annotation]:
    """Name points, each at the nearest free place around it; far ones get a thin leader.

    A point without a free place has no name.

    Args:
        ax: with its final limits.
        points: what is named, in data coordinates.
        texts: the names.
        colours: of the names.
        obstacles: lines, as lists of points, that the names keep clear of.
    """
    scale = run_layout(ax)
    pixels = ax.transData.transform
    taken = [_box_around(pixels(point), 10 * scale, 10 * scale) for point in points]
    taken += [box for line in obstacles for box in _boxes_along(pixels(line), scale)]
    legend = ax.get_legend()
    taken += [legend.get_window_extent()] if legend else []
    edges, notes = np.array([box.extents for box in taken]), []
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
        box = _free_place(pixels(point), note.get_window_extent(), edges, ax.bbox, scale)
        if box is None:
            note.remove()
            continue
        middle = np.array([box.x0 + box.x1, box.y0 + box.y1]) / 2
        note.set_position(tuple((middle - pixels(point)) / scale))
        edges = np.vstack([edges, box.extents])
        notes.append(note)
    return notes


def _free_place(
    centre: Array, extent: Bbox, taken: Array, frame: BboxBase, scale: float
) -> Bbox | None:
    """Return the nearest place in the frame where a label covers nothing, in pixels; or None.

    `taken`: left, lower, right and upper edge of what there is already, `[n, 4]`.
    """
    angles = np.deg2rad([135, 315, 90, 270, 45, 225, 180, 0])
    half = np.array([extent.width, extent.height]) / 2
    places = [
        _box_around(centre + reach * np.array([np.cos(angle), np.sin(angle)]), *(2 * half + scale))
        for reach in (half + radius * scale for radius in range(7, 120, 5))
        for angle in angles
    ]
    inside = [box for box in places if frame.contains(*box.min) and frame.contains(*box.max)]
    left, low, right, up = taken.T
    free = (
        box
        for box in inside
        if not np.any((box.x0 <= right) & (box.x1 >= left) & (box.y0 <= up) & (box.y1 >= low))
    )
    return next(free, None)


def _boxes_along(line: Array, scale: float) -> list[Bbox]:
    """Return a line in pixels as a chain of small boxes."""
    boxes = []
    for begin, end in pairwise(line):
        parts = int(np.hypot(*(end - begin)) / (4 * scale)) + 2
        boxes += [_box_around(p, 2 * scale, 2 * scale) for p in np.linspace(begin, end, parts)]
    return boxes


def _box_around(centre: Array, width: float, height: float) -> Bbox:
    """Return the box of this size around a point."""
    x, y = centre
    return Bbox([[x - width / 2, y - height / 2], [x + width / 2, y + height / 2]])
