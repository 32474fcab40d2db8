"""One map of Ω, the mean image, and how alike each source is: lesson 07's figure."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure

from mas_edu.lessons.reading_heatmaps.experiment import SIDE, SOURCES, Array, Maps
from mas_edu.plots import COLOURS, GREY, INK, OMEGA_COLOURS, PLAIN, percent, white_figure

SIZE = (900, 520)
DEPTH = 1e-4  # a log scale reaches this far down from the maximum
ACROSS = 8  # images of units side by side
WHAT = {
    "pixels": "mean over units, one cell a pixel",
    "units": "one small image a unit",
    "weights": "one row a unit, one column a pixel",
}


def draw(
    maps: Maps, what: str = "pixels", scale: str = "linear", source: str = "trained"
) -> Figure:
    """Draw the map of one source, the mean image, and the correlations of all three."""
    figure = white_figure(SIZE)
    values = picture(maps, what, source)
    likeness = maps.likeness_to_ink(source)
    style: dict[str, Any] = {"va": "center", "color": INK}
    figure.text(0.02, 0.945, SOURCES[source], fontsize=17, weight="bold", **style)
    figure.text(0.66, 0.945, f"{likeness:.2f}", fontsize=24, weight="bold", **style)
    figure.text(0.76, 0.945, "with the mean image", fontsize=13, **style)
    _map(figure, values, what, scale)
    ink = figure.add_axes((0.66, 0.46, 0.32, 0.38))
    ink.imshow(maps.ink.reshape(SIDE, SIDE), cmap="gray_r")
    ink.set(xticks=[], yticks=[])
    ink.set_title("mean image of the digits: the ink", fontsize=13, color=INK, pad=5)
    _likeness(figure.add_axes((0.76, 0.09, 0.21, 0.26)), maps, source)
    return figure


def picture(maps: Maps, what: str, source: str) -> Array:
    """Arrange Ω as it is shown; gaps between the units' images are NaN."""
    omega = maps.omegas[source]
    if what == "pixels":
        return maps.pixels(source).reshape(SIDE, SIDE)
    if what == "weights":
        return omega
    padded = np.full((len(omega), SIDE + 1, SIDE + 1), np.nan)
    padded[:, :SIDE, :SIDE] = omega.reshape(-1, SIDE, SIDE)
    rows = padded.reshape(-1, ACROSS, SIDE + 1, SIDE + 1).transpose(0, 2, 1, 3)
    mosaic: Array = rows.reshape(-1, ACROSS * (SIDE + 1))[:-1, :-1]
    return mosaic


def ranks(values: Array) -> Array:
    """Return the share of values below each; equal ones share a rank, NaN stay.

    >>> ranks(np.array([[0.0, 0.0], [5.0, 7.0]])).tolist()
    [[0.0, 0.0], [0.5, 0.75]]
    """
    known = np.sort(values[~np.isnan(values)])
    share = np.searchsorted(known, values) / len(known)
    return np.where(np.isnan(values), np.nan, share)


def describe(
    maps: Maps, what: str = "pixels", scale: str = "linear", source: str = "trained"
) -> str:
    """Say what `draw` shows."""
    omega = maps.omegas[source]
    dark = omega < omega.max() / 10
    likeness = maps.likeness_to_ink(source)
    point = (
        "is a picture of the ink"
        if likeness > 0.9
        else "does not show the ink"
        if abs(likeness) < 0.5
        else "shows the ink in part"
    )
    return (
        f"The pixel map of the {SOURCES[source]} {point}: correlation {likeness:.2f} with the "
        f"mean image. Shown are {what} on a {scale} scale. Unit by unit it correlates "
        f"{maps.likeness_of_units(source):.2f} with the trained network on digits. "
        f"{percent(float(dark.mean()))} of the weights lie below a tenth of the maximum and hold "
        f"{percent(float(omega[dark].sum() / omega.sum()))} of the sum, {omega.sum():.4g}."
    )


def _map(figure: Figure, values: Array, what: str, scale: str) -> None:
    ax, bar = figure.add_axes((0.06, 0.09, 0.47, 0.75)), figure.add_axes((0.545, 0.09, 0.018, 0.75))
    shown, norm = _coloured(values, scale)
    image = ax.imshow(shown, cmap=OMEGA_COLOURS, norm=norm, aspect="auto", interpolation="nearest")
    gaps = np.isnan(values)
    image.set_alpha(np.where(gaps, 0.0, 1.0))
    ax.set(xticks=[], yticks=[])
    ax.set_title(f"Ω: {WHAT[what]}", loc="left", fontsize=13, color=INK, pad=5)
    colours = figure.colorbar(image, cax=bar, format=PLAIN)
    colours.ax.yaxis.set_minor_formatter("")
    colours.ax.tick_params(labelsize=11)
    label = {"linear": "linear scale, from 0", "rank": "rank: share of cells below"}
    ax.set_xlabel(label.get(scale, "log scale, grey: 0"), fontsize=12)


def _coloured(values: Array, scale: str) -> tuple[Array, Normalize]:
    """Return the numbers behind the colours, and their norm."""
    if scale == "rank":
        return ranks(values), Normalize(0, 1)
    top = float(np.nanmax(values)) or 1.0
    if scale == "linear":
        return values, Normalize(0, top)
    positive = values > 0
    return np.where(positive, values.clip(top * DEPTH), np.nan), LogNorm(top * DEPTH, top)


def _likeness(ax: Axes, maps: Maps, source: str) -> None:
    """Draw both correlations for every source; the one shown is filled."""
    kinds = (
        ("pixels, with the ink", maps.likeness_to_ink, "o", COLOURS[0], -0.15),
        ("units, with trained", maps.likeness_of_units, "s", COLOURS[1], 0.15),
    )
    for label, likeness, marker, colour, shift in kinds:
        for place, name in enumerate(SOURCES):
            fill = colour if name == source else "white"
            ax.plot(
                likeness(name),
                place + shift,
                marker,
                color=colour,
                markerfacecolor=fill,
                markersize=9,
                label=label if place == 0 else None,
            )
    ax.axvline(0, color=GREY, linewidth=1)
    ax.set(xlim=(-0.4, 1.1), ylim=(2.5, -0.5), xticks=[0, 0.5, 1])
    ax.set_yticks(range(len(SOURCES)), list(SOURCES))
    ax.xaxis.set_major_formatter(PLAIN)
    ax.tick_params(labelsize=11)
    ax.spines[["top", "right"]].set_visible(False)
    where: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1.08, 1.0)}
    ax.legend(fontsize=9.5, frameon=False, ncols=2, columnspacing=0.8, handletextpad=0.1, **where)
