"""The reader's guess in a lesson's figure: a mark where the true value stands, and its name.

    draw_guess(ax, 40, y=0.4)            # a line across the axes: "your guess 40 %"
    label_guess(ax, "θ₁", (1.2, 0.3))    # the name alone, beside what the lesson has drawn

Both come last in a figure: the name goes where least is drawn and nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from mas_edu._common import Guess, translate
from mas_edu.plots import COLOURS, root_figure
from mas_edu.widgets.start_values import number_code

GUESS_COLOUR = COLOURS[5]
LINE: dict[str, Any] = {
    "color": GUESS_COLOUR,
    "linewidth": 2,
    "linestyle": (0, (4, 2)),
    "zorder": 6,
}
POINT: dict[str, Any] = {"marker": "d", "markersize": 11, "markeredgewidth": 2, "linestyle": ""}
SIZE = 11  # points, of the name
GAP = 4.0  # pixels between a mark and its name, and between the name and other texts
DARK = 200  # of 255: what is paler, such as a shaded ground, may lie below the name
STEPS = 13  # places along a line that are tried, from the right and from the top
ALONG = 0.08  # a pixel along a line counts as so many away from it
WRITTEN = 50  # a pixel with a text in it is avoided as if so many were drawn
AWAY, FARTHEST = 4.0, 200.0  # so many, too, for each pixel away from a point; at most so far
Pixels = NDArray[np.float64]  # one number for each, [height, width], from the lower left
Place = tuple[float, float]


def draw_guess(
    ax: Axes,
    guess: Guess,
    *,
    x: float | None = None,
    y: float | None = None,
    words: str = "",
) -> None:
    """Mark a guess at a place of the axes, and name it.

    Args:
        ax: the axes, in a figure in which all else is drawn.
        guess: of the reader.
        x: the place from left to right; alone: a vertical line.
        y: the place in height; alone: a horizontal line; both: a point. A place outside of the
            axes is marked at their edge, with an arrow.
        words: its name; "": as `said` has it.
    """
    busy = _busy(root_figure(ax))
    (x, right), (y, up) = _within(x, ax.get_xlim()), _within(y, ax.get_ylim())
    right, up = (-right if ax.xaxis_inverted() else right), (-up if ax.yaxis_inverted() else up)
    if x is not None and y is not None:
        (line,) = ax.plot([x], [y], color=GUESS_COLOUR, markerfacecolor="white", zorder=6, **POINT)
    elif y is not None:
        line = ax.axhline(y, **LINE)
    elif x is not None:
        line = ax.axvline(x, **LINE)
    else:
        raise ValueError("x, y: expected a place for the guess, got neither")
    line.set(label="your guess", clip_on=False)
    arrow = {(-1, 0): " ←", (1, 0): " →", (0, -1): " ↓", (0, 1): " ↑"}.get((right, up), "")
    _write(ax, (words or said(guess)) + arrow, busy, (x, y))


def label_guess(ax: Axes, guess: Guess, place: Place, words: str = "") -> None:
    """Name a guess that a lesson has drawn in its own way.

    Args:
        ax: the axes, in a figure in which all else is drawn.
        guess: of the reader.
        place: in the coordinates of the axes.
        words: its name; "": as `said` has it.
    """
    _write(ax, words or said(guess), _busy(root_figure(ax)), place)


def said(guess: Guess, unit: str = "%") -> str:
    """Return a guess as the figure names it.

    >>> said(40.0), said("both alike")
    ('your guess 40 %', 'your guess: both alike')
    """
    if isinstance(guess, str):
        return translate("your guess: {guess}", guess=translate(guess))
    return translate("your guess {guess}", guess=f"{guess:g} {translate(unit)}".rstrip())


def guess_words(guess: Guess | None, unit: str = "%") -> str:
    """Return the sentence that says the mark, to follow others; nothing without a guess.

    >>> guess_words(40), guess_words(None)
    (' Marked: your guess 40 %.', '')
    """
    return "" if guess is None else " " + translate("Marked: {guess}.", guess=said(guess, unit))


def guess_argument(guess: Guess | None) -> str:
    """Return the guess as a last argument in a line of code; nothing without a guess.

    >>> guess_argument(40.0), guess_argument("θ₁"), guess_argument(None)
    (', guess=40', ', guess="θ₁"', '')
    """
    if guess is None:
        return ""
    return f', guess="{guess}"' if isinstance(guess, str) else f", guess={number_code(guess)}"


def _within(value: float | None, limits: tuple[float, float]) -> tuple[float | None, int]:
    """Return a value moved into the limits, and to which side it lay beyond them."""
    if value is None:
        return None, 0
    low, high = sorted(limits)
    return min(max(value, low), high), int(value > high) - int(value < low)


def _busy(figure: Figure) -> Pixels:
    """Return how much each pixel of the figure is taken."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[::-1, :, :3]
    busy: Pixels = (pixels.min(axis=2) < DARK).astype(np.float64)
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip():
            rows, columns = _slices(Text.get_window_extent(text).padded(GAP / 2), busy)
            busy[rows, columns] += WRITTEN
    return busy


def _slices(box: Bbox, busy: Pixels) -> tuple[slice, slice]:
    """Return the pixels in a box."""
    (left, low), (right, high) = np.floor(box.min).astype(int), np.ceil(box.max).astype(int)
    return slice(max(low, 0), max(high, 0)), slice(max(left, 0), max(right, 0))


def _write(ax: Axes, words: str, busy: Pixels, place: tuple[float | None, float | None]) -> None:
    """Write the name beside a mark: where least is taken, and not far away."""
    figure = root_figure(ax)
    style: dict[str, Any] = {"color": GUESS_COLOUR, "fontsize": SIZE, "weight": "bold"}
    halo = [withStroke(linewidth=3, foreground="white")]
    text = figure.text(0, 0, words, va="bottom", path_effects=halo, zorder=9, **style)
    size = Text.get_window_extent(text).size
    page = Bbox.from_bounds(0, 0, *figure.bbox.size).padded(-1)

    def cost(corner: tuple[float, float, float]) -> float:
        left, low, away = corner
        box = Bbox.from_bounds(left, low, *size)
        inside = page.contains(*box.min) and page.contains(*box.max)
        return float(busy[_slices(box, busy)].sum()) + AWAY * away + (0 if inside else np.inf)

    left, low, _ = min(_corners(ax, place, size), key=cost)
    text.set_position((left / figure.bbox.width, low / figure.bbox.height))


def _corners(
    ax: Axes, place: tuple[float | None, float | None], size: tuple[float, float]
) -> Iterator[tuple[float, float, float]]:
    """Yield lower left corners for a text of a size, and how far away it is, in pixels."""
    x, y = place
    frame, (width, height) = ax.get_window_extent(), size
    at = ax.transData.transform([(0 if x is None else x, 0 if y is None else y)])[0]
    if x is None:
        for left in np.linspace(frame.x1 - GAP - width, frame.x0 + GAP, STEPS):
            for gap in (GAP, GAP + height, GAP + 2 * height):
                away = gap + ALONG * (frame.x1 - left)
                yield from ((left, at[1] + gap, away), (left, at[1] - gap - height, away))
    elif y is None:
        for low in np.linspace(frame.y1 - GAP - height, frame.y0 + GAP, STEPS):
            away = GAP + ALONG * (frame.y1 - low)
            yield from ((at[0] + GAP, low, away), (at[0] - GAP - width, low, away))
    else:
        for away in np.arange(2 * GAP, FARTHEST, 2):
            for right, up in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)):
                yield (
                    at[0] + right * away - (width / 2) * (1 - right),
                    at[1] + up * away - (height / 2) * (1 - up),
                    away,
                )
