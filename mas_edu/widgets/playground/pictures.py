"""The playground's pictures of a run, each with its sentence."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes

from mas_edu.plots import (
    accuracy_matrix,
    captions,
    figure_png,
    forgetting_curves,
    omega_heatmap,
    omega_image,
    omega_units,
    root_figure,
    white_figure,
)
from mas_edu.results import Record
from mas_edu.widgets.card import Picture, note

CURVES, MATRIX, OMEGA = (700, 360), (412, 375), (412, 375)  # width and height on the page
VIEWS = ("one image per hidden unit", "mean image", "matrix")


@dataclass(frozen=True)
class Choice:
    """A layer's Ω and a way to look at it; `view` is one of VIEWS and concerns the first layer."""

    layer: str
    view: str
    log: bool


@dataclass(frozen=True)
class Frame:
    """Pictures of a run; None: not drawn this time."""

    curves: Picture
    matrix: Picture | None = None
    omega: Picture | None = None


def draw(record: Record, before: Record | None, choice: Choice, everything: bool) -> Frame:
    """Draw a run: the curves alone while it trains, everything when there is time."""
    if not everything:
        return Frame(curves(record, before, sharp=False))
    return Frame(curves(record, before), matrix(record), omega(record, choice))


def curves(record: Record, before: Record | None = None, sharp: bool = True) -> Picture:
    """Draw the forgetting curves, with the run to compare with in pale."""
    records = [record] if before is None else [record, before]
    # a fixed place is drawn twice as fast as a computed one, and does not jump while curves grow
    ax = white_figure(CURVES).add_axes((0.085, 0.135, 0.905, 0.64))
    forgetting_curves(records, ax)
    return Picture(figure_png(root_figure(ax), sharp), captions.forgetting_curves(records))


def matrix(record: Record) -> Picture:
    """Draw the accuracy matrix; its colour bar says that these are percentages."""
    zoom = 1.0 if len(record.accuracy) <= 6 else 1.25  # more cells, smaller letters
    ax = accuracy_matrix(
        record, white_figure((zoom * MATRIX[0], zoom * MATRIX[1]), "constrained").add_subplot()
    )
    for cell in ax.texts:
        cell.set_text(cell.get_text().removesuffix("%").rstrip())
    _modest_title(ax)
    return Picture(figure_png(root_figure(ax)), captions.accuracy_matrix(record))


def omega(record: Record, choice: Choice) -> Picture:
    """Draw Ω after the last finished task, as chosen."""
    if not record.omegas:
        return note(_why_no_omega(record), OMEGA)
    values, shape = record.omegas[-1], tuple(record.settings["shape"])
    ax = white_figure(OMEGA, "constrained").add_subplot()
    first = choice.layer == next(iter(values))
    if first and choice.view == VIEWS[0]:
        omega_units(values[choice.layer], shape, ax, log=choice.log)
    elif first and choice.view == VIEWS[1]:
        omega_image(values[choice.layer], shape, ax, log=choice.log)
    else:
        omega_heatmap(values, choice.layer, ax, log=choice.log)
    _modest_title(ax)
    sentence = captions.omega(values, choice.layer, shape if first else None)
    return Picture(
        figure_png(root_figure(ax)), f"{record.label}, after task {record.finished}. {sentence}"
    )


def _why_no_omega(record: Record) -> str:
    if record.finished:
        return f"{record.label} keeps no Ω: it protects nothing."
    return "Ω is computed when the first task is finished."


def _modest_title(ax: Axes) -> None:
    """Make the title small enough for half the width of a page."""
    ax.set_title(ax.get_title(loc="left"), loc="left", fontsize=10, parse_math=False)
