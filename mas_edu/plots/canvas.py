"""What every picture stands on: a figure without pyplot, colours that all can tell apart."""

from __future__ import annotations

from collections.abc import Iterable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter

INK, GREY = "#222222", "#6b6b6b"
COLOURS = ("#0072b2", "#c44e00", "#007a5a", "#aa3f8c", "#000000", "#8a6d00", "#7a1f3d")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")
STYLES = ("-", "--", "-.", (0, (1, 1.2)))
"""Colours (after Okabe and Ito, darkened to stand out from white), markers and line styles; their
numbers share no factor with each other's, so that no two of ten tasks look alike."""

PERCENT = FuncFormatter(lambda value, _: percent(value))
PLAIN = FuncFormatter(lambda value, _: f"{value:g}")  # never mathtext, which is not thread-safe


class Picture(Axes):
    """Axes that a notebook shows when they are the last line of a cell."""

    name = "mas_edu_picture"

    def _repr_png_(self) -> bytes:
        from mas_edu.plots.display import png

        return png(self.get_figure(root=True))


def axes(ax: Axes | None, width: float = 7.0, height: float = 4.0) -> Axes:
    """The axes given, or fresh ones in a white figure of so many inches."""
    if ax is None:
        figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
        return figure.add_subplot(axes_class=Picture, facecolor="white")
    if not isinstance(ax, Axes):
        raise ValueError(f"ax: expected matplotlib Axes or None, got {type(ax).__name__}")
    return ax


def percent(value: float) -> str:
    """A share as a reader expects it.

    >>> percent(0.974)
    '97 %'
    """
    return f"{100 * value:.0f} %"


def literal(texts: Iterable[Text]) -> None:
    """Names are shown as they are: a dollar sign in one does not begin a formula."""
    for text in texts:
        text.set_parse_math(False)


def settle(ax: Axes) -> None:
    """Let the layout find its place now, so that sizes in pixels can be asked."""
    figure = ax.get_figure(root=True)
    engine = figure.get_layout_engine() if figure else None
    if figure and engine:
        engine.execute(figure)
