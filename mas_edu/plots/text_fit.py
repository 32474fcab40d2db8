"""Text that fits its figure: wrapped, set smaller or shortened at a word, never cut."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colorbar import Colorbar
from matplotlib.figure import Figure
from matplotlib.text import Text

from mas_edu._common import translate
from mas_edu.plots.style import root_figure, run_layout
from mas_edu.plots.wording import run_on, short_names

Measure = Callable[[str], float]
MOST_LETTERS = 10_000  # more are wider than the largest figure
TITLE, LABEL = (12, 11, 10), (10, 9)  # sizes in points, the first that fits
WORD = re.compile(r"λ = \S+|\S+")  # a line never ends within "λ = 100"


def ruler(figure: Figure, size: float = 10) -> Measure:
    """Return a function that measures how wide a text is, in pixels."""
    probe = Text(fontsize=size, parse_math=False)
    probe.set_figure(figure)

    def width(text: str) -> float:
        if len(text) > MOST_LETTERS:
            return math.inf
        probe.set_text(text)
        return float(probe.get_window_extent().width)

    return width


def wrap_text(text: str, room: float, width: Measure) -> list[str] | None:
    """Return the lines of a text, or None where a single word is wider than the room.

    >>> wrap_text("EWC(gamma=0.5), λ = 100 on digits", 16, len)
    ['EWC(gamma=0.5),', 'λ = 100 on', 'digits']
    >>> wrap_text("EWC(gamma=0.5)", 10, len)
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in WORD.findall(paragraph):
            longer = f"{line} {word}".lstrip()
            if line and width(longer) > room:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines if all(width(line) <= room for line in lines) else None


def drop_words(name: str, room: float, width: Measure) -> str | None:
    """Return the name, without words in its middle if it is too wide; None if that does not do.

    >>> drop_words("permutation of the pixels 10", 18, len)
    'permutation … 10'
    """
    words = name.split()

    def shorter(kept: int) -> str:
        return " ".join([*words[: (kept + 1) // 2], "…", *words[-(kept // 2) :]])

    return name if width(name) <= room else _longest(shorter, len(words), room, width)


def shorten_name(name: str, room: float, width: Measure) -> str:
    """Return the name, without words or letters in its middle if it is too wide.

    >>> shorten_name("features.0.weight", 12, len)
    'featur…eight'
    """

    def shorter(kept: int) -> str:
        return f"{name[: (kept + 1) // 2]}…{name[-(kept // 2) :]}"

    return drop_words(name, room, width) or _longest(shorter, len(name), room, width) or name


def _longest(shorter: Callable[[int], str], parts: int, room: float, width: Measure) -> str | None:
    """Return the longest text that fits of those with 2 or more parts left, but not all."""
    fitting = bisect_right(range(2, parts), room, key=lambda kept: width(shorter(kept)))
    return shorter(fitting + 1) if fitting else None


def shorten_names(
    names: Sequence[str],
    room: float,
    width: Measure,
    numbered: str = "task {number}",
    shorten: Callable[[str, float, Measure], str | None] = drop_words,
) -> list[str]:
    """Return names that fit and differ: shortened, or numbered where that does not do.

    >>> shorten_names(["seven of nine", "seven or nine"], 11, len)
    ['task 1', 'task 2']
    """
    shown = [shorten(name, room, width) or name for name in names]
    fitting = all(width(name) <= room for name in shown)
    if fitting and len(set(shown)) == len(set(names)):
        return shown
    numbers = range(1, len(names) + 1)
    plain = [translate(numbered, number=k) for k in numbers]
    fitting = all(width(name) <= room for name in plain)
    return plain if fitting else [str(k) for k in numbers]


def run_titles(label: str, stream: str = "") -> list[str]:
    """Return titles of a run, the fullest first; the shorter ones leave out the method's settings.

    >>> run_titles("EWC(gamma=0.5), λ = 100", "rotated digits")
    ['EWC(gamma=0.5), λ = 100 on rotated digits', 'EWC(…), λ = 100 on rotated digits',
    'EWC(…), λ = 100', 'λ = 100']
    """
    label = short_names(label)
    short = re.sub(r"\(.+\)", "(…)", label)
    end = [short.rsplit(", ")[-1]] if ", λ = " in short else []
    return list(dict.fromkeys([run_on(label, stream), run_on(short, stream), short, *end]))


def fit_text(
    figure: Figure, texts: Sequence[str], room: float, sizes: Sequence[float], most: int = 3
) -> tuple[str, float]:
    """Return the first text that fits, wrapped into at most so many lines, and its size.

    Args:
        figure: where it will stand.
        texts: what it may say, the fullest first.
        room: its width in pixels.
        sizes: in points, the largest first.
        most: lines.
    """
    for text in texts:
        allowed = max(most, text.count("\n") + 1)
        for size in sizes:
            width = ruler(figure, size)
            if width(text) > (allowed + 1) * room:
                continue
            lines = wrap_text(text, room, width)
            if lines and len(lines) <= allowed:
                return "\n".join(lines), size
    return shorten_name(texts[-1], room, ruler(figure, sizes[-1])), sizes[-1]


def fit_title(ax: Axes, texts: Sequence[str], color: str | None = None, pad: float = 6) -> None:
    """Set the title at the left of the axes, no wider than the axes and what stands beside them.

    Args:
        ax: with its final labels, so that the layout is known.
        texts: what it may say, the fullest first.
        color: of the title; None: as text is.
        pad: points between the axes and it.
    """
    title = ax.set_title("", loc="left", pad=pad, parse_math=False)
    if color is not None:
        title.set_color(color)
    figure, sizes = root_figure(ax), TITLE if color is None else LABEL
    lines = 3
    if figure.get_layout_engine() is None:  # nothing moves down to make room for more lines
        above = (figure.bbox.y1 - ax.get_window_extent().y1) / figure.dpi * 72 - pad
        lines = max(1, int(above / 1.2 / sizes[-1]))
    for _ in range(2):  # a second line of the title leaves less room to axes with square cells
        text, size = fit_text(figure, texts, _title_room(ax, title), sizes, lines)
        title.set(text=text, fontsize=size)
        if "\n" not in text:
            return


def _title_room(ax: Axes, title: Text) -> float:
    """Return how wide a title may be: up to the right end of the axes, their labels and bar."""
    run_layout(ax)
    title.set_visible(False)
    left, right = ax.get_window_extent().x0, ax.get_window_extent().x1
    box = ax.get_tightbbox()
    title.set_visible(True)
    return float(min(max(right, box.x1 if box else right), root_figure(ax).bbox.x1 - 2) - left)


def fit_labels(*axes: Axes, within: bool = False) -> None:
    """Wrap long labels along both sides of the axes.

    `within`: no wider than the axes; else up to the edges of the figure.
    """
    for ax in axes:
        for axis in (ax.yaxis, ax.xaxis):  # more lines on the left move the middle
            run_layout(ax)
            if ax not in root_figure(ax).axes:  # a bar within others: as high as it was made
                ax.apply_aspect()
            box, frame = ax.get_window_extent(), root_figure(ax).bbox
            middle = (box.x0 + box.x1) / 2
            width = box.width if within else 2 * min(middle - frame.x0, frame.x1 - middle) - 4
            _fit_label(axis, box.height if axis is ax.yaxis else width)


def fit_bar(bar: Colorbar | None) -> None:
    """Wrap the label of a colour bar where it is longer than the bar."""
    if bar is not None:
        fit_labels(bar.ax)


def _fit_label(axis: Axis, room: float) -> None:
    """Wrap the label of one side."""
    text = axis.get_label_text()
    if text:
        shown, size = fit_text(root_figure(axis.axes), [text], room, LABEL, most=4)
        if (shown, size) != (text, axis.label.get_fontsize()):
            axis.set_label_text(shown, fontsize=size)
