"""The style of all pictures: figures without pyplot, colours and markers that stay apart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter

from mas_edu._common import as_choice, as_numbers, short_repr
from mas_edu.plots.wording import percent

INK, GREY, FAINT = "#222222", "#666666", "#cccccc"
COLOURS = ("#0072b2", "#c44e00", "#000000", "#9327ff", "#5e3f1f", "#7e1256")
LARGEST = 2**15  # pixels of a side: matplotlib draws twice as many
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")
STYLES = ("-", "--", "-.", (0, (1, 1.2)))
"""Six colours that stay apart for every kind of colour vision and are dark enough for text on
white, ten markers, four line styles: no two of twelve lines look alike in colour and style, no two
of ten in their markers."""

PERCENT = FuncFormatter(lambda value, _: percent(value))
PLAIN = FuncFormatter(lambda value, _: f"{value:g}")  # no formulas: threads must not share mathtext


class Picture(Axes):
    """Axes that a notebook shows when they are the last line of a cell."""

    name = "mas_edu_picture"

    def _repr_png_(self) -> tuple[bytes, dict[str, Any]]:
        from mas_edu._common import figure_png
        from mas_edu.plots.display import page_size

        figure = root_figure(self)
        return figure_png(figure), page_size(figure)


def white_figure(size: tuple[float, float], layout: Literal["constrained"] | None = None) -> Figure:
    """Return a white figure of so many pixels on the page, to be drawn from any thread."""
    numbers = as_numbers("size", size, 1, "(width, height) in pixels")
    if numbers.shape != (2,) or not all(1 <= side <= LARGEST for side in numbers):
        raise ValueError(
            f"size: expected width and height, from 1 to {LARGEST:,} pixels, got {short_repr(size)}"
        )
    if layout is not None:
        as_choice("layout", layout, ["constrained"])
    width, height = numbers.tolist()
    return Figure(figsize=(width / 100, height / 100), dpi=100, layout=layout, facecolor="white")


def as_axes(ax: Axes | None, width: float = 7.0, height: float = 4.0) -> Axes:
    """Return the axes given, or new ones in a white figure of so many hundred pixels."""
    if ax is None:
        figure = white_figure((100 * width, 100 * height), "constrained")
        return figure.add_subplot(axes_class=Picture, facecolor="white")
    if not isinstance(ax, Axes):
        raise ValueError(
            f"ax: expected matplotlib Axes or None, got {type(ax).__name__}; "
            "leave it out for a new figure"
        )
    root_figure(ax)
    return ax


def page_height(inches: float, least: float = 2.8) -> float:
    """Return a height that fits on a page, and has room for what is written beside."""
    return min(max(inches, least), 8.0)


def root_figure(ax: Axes) -> Figure:
    """Return the figure that the axes stand in, also when they stand in a part of it."""
    if not isinstance(ax, Axes):
        raise ValueError(f"ax: expected matplotlib Axes, got {type(ax).__name__}")
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError(
            "ax: expected Axes that belong to a figure, got some that were removed from theirs; "
            "make new ones"
        )
    return figure


def run_layout(ax: Axes) -> float:
    """Lay the figure out now, so that places can be asked for; return pixels per point.

    A layout takes most of the time of a plot, so it is left as it is until something changes.
    """
    figure = root_figure(ax)
    if figure.stale:
        engine = figure.get_layout_engine()
        if engine is not None:
            engine.execute(figure)
        for axes in figure.axes:
            axes.apply_aspect()
        figure.stale = False
    return figure.dpi / 72


def disable_math(texts: Iterable[Text]) -> None:
    """Show names as they are: a dollar sign in one does not begin a formula."""
    for text in texts:
        text.set_parse_math(False)


def line_look(k: int) -> dict[str, Any]:
    """Return colour and line style of the k-th line, from 0."""
    return {"color": COLOURS[k % len(COLOURS)], "linestyle": STYLES[k % len(STYLES)]}


def marker_of(k: int) -> str:
    """Return the marker of the k-th line, from 0."""
    return MARKERS[k % len(MARKERS)]


def luminance(colour: Any) -> float:
    """Return how bright a colour is to the eye, from 0 to 1 (WCAG 2.2, relative luminance).

    >>> luminance("white"), luminance("black")
    (1.0, 0.0)
    """
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ink_on(colour: Any) -> str:
    """Return black or white, whichever reads better on the colour (equal at luminance 0.179)."""
    return "black" if luminance(colour) > 0.179 else "white"
