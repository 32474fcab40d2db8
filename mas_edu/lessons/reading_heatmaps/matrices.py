"""One accuracy matrix in two colourings: from 0 to 100 %, and from its lowest to its highest."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

import mas_edu as me
from mas_edu.lessons.reading_heatmaps.experiment import Array
from mas_edu.plots import percent, white_figure

SIZE = (900, 360)


def draw_matrices(record: me.Record) -> Figure:
    """Draw the matrix twice; the numbers are the same."""
    figure = white_figure(SIZE, "constrained")
    whole, fitted = figure.subplots(1, 2)
    me.plots.accuracy_matrix(record, whole).set_title("colours from 0 to 100 %", loc="left")
    me.plots.accuracy_matrix(record, fitted).set_title("colours fitted to the data", loc="left")
    colours = fitted.collections[0]
    low, high = shown(record)
    colours.set_clim(low, high)
    colours.colorbar.set_ticks([low, high])
    for text, cell in zip(fitted.texts, colours.to_rgba(_cells(record)), strict=True):
        dark = cell[:3] @ (0.2126, 0.7152, 0.0722) < 0.45
        text.set_color("white" if dark else "black")
    return figure


def describe_matrices(record: me.Record) -> str:
    """Say what `draw_matrices` shows."""
    low, high = shown(record)
    return (
        f"The same accuracy matrix twice, {percent(low)} to {percent(high)}. With colours from 0 "
        "to 100 % all cells look alike; with colours fitted to the data the lowest cell is as "
        "dark as the scale goes."
    )


def shown(record: me.Record) -> tuple[float, float]:
    """Return the lowest and the highest accuracy in the matrix."""
    cells = _cells(record)
    return float(cells.min()), float(cells.max())


def _cells(record: me.Record) -> Array:
    """Return what is on and below the diagonal, row by row."""
    cells: Array = record.accuracy[np.tril_indices(len(record.accuracy))]
    return cells
