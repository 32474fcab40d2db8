"""Two maps of Ω, the mean image, and how alike they are: lesson 07's figure."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure

from mas_edu.lessons.reading_heatmaps.experiment import (
    BESIDE,
    LIKENESS,
    SIDE,
    VIEWS,
    Array,
    Maps,
)
from mas_edu.plots import COLOURS, FAINT, GREY, INK, OMEGA_COLOURS, PLAIN, percent, white_figure
from mas_edu.widgets import draw_guess, guess_words

SIZE = (900, 470)
DEPTH = 1e-4  # a log scale reaches at most this far down from the maximum
TITLES = {  # network, inputs, and which of the two is changed
    "trained": ("trained network", "inputs: digits", None),
    "untrained": ("untrained network", "inputs: digits", 0),
    "noise": ("trained network", "inputs: noise", 1),
    "seed": ("trained, another seed", "inputs: digits", 0),
}
CELLS = {
    "pixels": "a cell: one pixel, mean over units",
    "units": "a cell: one unit, mean over pixels",
    "weights": "a small image: weights of one unit",
}
SCALES = {
    "linear": "linear scale, from 0",
    "log": "log scale, grey: 0",
    "rank": "rank: share below",
}


def draw(
    maps: Maps,
    beside: str = "untrained",
    what: str = "pixels",
    scale: str = "linear",
    shared: bool = False,
    guess: str | None = None,
) -> Figure:
    """Draw the map of the trained network, another beside it, the ink, and the correlations.

    A guess, one of `LIKENESS`, is marked on the correlation of the map in the middle with the ink.
    """
    figure = white_figure(SIZE)
    style: dict[str, Any] = {"va": "center", "color": INK}
    figure.text(0.02, 0.93, number(maps.alike(what, beside)), fontsize=26, weight="bold", **style)
    how = f"correlation of the two maps, {what[:-1]} by {what[:-1]}"
    figure.text(0.165, 0.93, how, fontsize=15, **style)
    sources = ("trained", beside)
    pictures = [picture(maps.view(what, source)) for source in sources]
    found = coloured(pictures, scale, shared)
    deep = [bool(((shown > 0) & (shown < (norm.vmin or 0))).any()) for shown, norm in found]
    for k, (left, source) in enumerate(zip((0.02, 0.385), sources, strict=True)):
        _map(figure, left, *found[k], below=any(deep) if shared else deep[k])
        _title(figure, left, source)
        total = f"ΣΩ of the layer: {size(maps.omegas[source].sum())}"
        figure.text(left, 0.15, total, fontsize=12.5, **style)
    legend = f"{CELLS[what]}; {SCALES[scale]}; limits: {'shared' if shared else 'own'}"
    figure.text(0.02, 0.075, legend, fontsize=12.5, **style)
    ink = figure.add_axes((0.795, 0.5, 0.19, 0.19 * SIZE[0] / SIZE[1]))
    ink.imshow(maps.ink.reshape(SIDE, SIDE), cmap="gray_r")
    ink.set(xticks=[], yticks=[])
    ink.set_title("the ink: mean image", fontsize=12.5, color=INK, pad=6)
    likeness = figure.add_axes((0.845, 0.04, 0.075, 0.42))
    _likeness(likeness, maps, beside, what)
    if guess is not None:
        x = LIKENESS[guess] * maps.with_ink("trained")
        draw_guess(likeness, guess, x=x, y=2.0, words="your guess")
    return figure


def describe(
    maps: Maps,
    beside: str = "untrained",
    what: str = "pixels",
    scale: str = "linear",
    shared: bool = False,
    guess: str | None = None,
) -> str:
    """Say what `draw` shows."""
    likeness = maps.alike(what, beside)
    point = (
        "are nearly the same picture"
        if likeness > 0.9
        else "are alike in part"
        if likeness > 0.5
        else "have little in common"
    )
    trained, other = maps.omegas["trained"], maps.omegas[beside]
    left = maps.view(what)
    dark = percent(float((left < left.max() / 10).mean()))
    return (
        f"By {what}, the map of the trained network and that of {BESIDE[beside]} {point} "
        f"(correlation {number(likeness)}). With the ink, the mean image, the pixel maps correlate "
        f"{number(maps.with_ink('trained'))} and {number(maps.with_ink(beside))}. ΣΩ is "
        f"{size(trained.sum())} and {size(other.sum())}. Colours: {scale} scale, "
        f"{'shared' if shared else 'own'} limits; on the left {dark} of the cells lie below a "
        f"tenth of the largest.{guess_words(guess)}"
    )


def number(correlation: float) -> str:
    """Write a correlation.

    >>> number(0.087), number(-0.2), number(-0.001)
    ('0.09', '−0.20', '0.00')
    """
    return f"{round(correlation, 2) + 0.0:.2f}".replace("-", "−")


def size(total: float) -> str:
    """Write a sum with three digits, or to the nearest whole number.

    >>> size(7606.6), size(23.64)
    ('7607', '23.6')
    """
    return f"{total:.0f}" if total >= 100 else f"{total:.3g}"


def picture(values: Array) -> Array:
    """Arrange one number a pixel or a unit as a square; of weights, a small image for each unit.

    Gaps between small images are NaN. A unit has the same place in both kinds of picture.
    """
    if values.ndim == 1:
        return values.reshape(SIDE, SIDE)
    padded = np.full((SIDE, SIDE, SIDE + 1, SIDE + 1), np.nan)
    padded[..., :SIDE, :SIDE] = values.reshape(SIDE, SIDE, SIDE, SIDE)
    mosaic: Array = padded.transpose(0, 2, 1, 3).reshape(SIDE * (SIDE + 1), -1)[:-1, :-1]
    return mosaic


def coloured(pictures: list[Array], scale: str, shared: bool) -> list[tuple[Array, Normalize]]:
    """Return for each picture the numbers behind its colours, and their norm.

    Args:
        pictures: Ω, with NaN for gaps.
        scale: "linear", "log" or "rank".
        shared: whether equal colours mean equal numbers in all pictures.
    """
    found = []
    for values in pictures:
        among = np.concatenate([p.ravel() for p in pictures]) if shared else values.ravel()
        among = among[~np.isnan(among)]
        top = float(among.max()) or 1.0
        if scale == "rank":
            found.append((ranks(values, among), Normalize(0, 1)))
        elif scale == "linear":
            found.append((values, Normalize(0, top)))
        else:
            low = max(float(among[among > 0].min(initial=top / 10)), top * DEPTH)
            found.append((values, LogNorm(low, top)))
    return found


def ranks(values: Array, among: Array) -> Array:
    """Return the share of `among` that lies below each value; NaN stays.

    >>> some = np.array([0.0, 0.0, 5.0, 7.0])
    >>> ranks(some, some).tolist()
    [0.0, 0.0, 0.5, 0.75]
    """
    share = np.searchsorted(np.sort(among), values) / len(among)
    return np.where(np.isnan(values), np.nan, share)


def _title(figure: Figure, left: float, source: str) -> None:
    """Write what the map is of; what is changed is orange."""
    *lines, changed = TITLES[source]
    for k, (line, height, points) in enumerate(zip(lines, (0.835, 0.78), (15, 13), strict=True)):
        bold = k == (changed or 0)
        figure.text(
            left,
            height,
            str(line),
            fontsize=points,
            va="center",
            weight="bold" if bold else "normal",
            color=COLOURS[1] if k == changed else INK,
        )


def _map(figure: Figure, left: float, shown: Array, norm: Normalize, below: bool) -> None:
    """Draw a map with its colour bar; `below`: values lie below the bar's end."""
    width, bottom = 0.283, 0.2
    height = width * SIZE[0] / SIZE[1]
    ax = figure.add_axes((left, bottom, width, height))
    bar = figure.add_axes((left + width + 0.007, bottom, 0.013, height))
    gaps = np.isnan(shown)
    visible = np.where(isinstance(norm, LogNorm) & (shown == 0), np.nan, shown)  # grey
    image = ax.imshow(visible, cmap=OMEGA_COLOURS, norm=norm, interpolation="nearest")
    image.set_alpha(np.where(gaps, 0.0, 1.0))
    ax.set(xticks=[], yticks=[])
    colours = figure.colorbar(image, cax=bar, format=PLAIN, extend="min" if below else "neither")
    colours.ax.yaxis.set_minor_formatter("")
    colours.ax.tick_params(labelsize=10.5)


def _likeness(ax: Axes, maps: Maps, beside: str, what: str) -> None:
    """Draw five correlations as bars; the one of the maps shown is bold."""
    bars = [
        (1.0, "left", maps.with_ink("trained"), False),
        (2.0, "middle", maps.with_ink(beside), False),
        *((4.65 + k, view, maps.alike(view, beside), view == what) for k, view in enumerate(VIEWS)),
    ]
    beside_axis = ax.get_yaxis_transform()  # across in shares of the width, down in places
    for place, label, value, bold in bars:
        colour = COLOURS[1] if bold else COLOURS[0]
        text: dict[str, Any] = {"va": "center", "fontsize": 12, "color": INK}
        text |= {"weight": "bold" if bold else "normal", "transform": beside_axis}
        ax.barh(place, value, 0.62, color=colour, hatch="//" if bold else "", edgecolor="white")
        ax.text(-0.08, place, label, ha="right", **text)
        ax.text(1.07, place, number(value), **text)
    for place, heading in ((0.0, "pixel map with the ink"), (3.65, "left map with middle")):
        text = {"va": "center", "fontsize": 12, "color": GREY, "transform": beside_axis}
        ax.text(-1.1, place, heading, **text)
    for x, colour in ((0, GREY), (1, FAINT)):
        ax.vlines([x, x], [0.55, 4.2], [2.45, 7.1], color=colour, linewidth=1, zorder=0)
    ax.set(xlim=(-0.5, 1), ylim=(7.15, -0.5), xticks=[], yticks=[])
    ax.set_axis_off()
