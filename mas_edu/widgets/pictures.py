"""The playground's one draw function: what there is to see of a run, as images and sentences."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mas_edu import plots
from mas_edu.plots import captions as words
from mas_edu.results import Record

CURVES, MATRIX, OMEGA = (700, 360), (412, 375), (412, 375)  # width and height on the page
VIEWS = ("one image per hidden unit", "mean image", "matrix")


@dataclass(frozen=True)
class Choice:
    """Which Ω to look at, and how; `view` is one of VIEWS and concerns the first layer."""

    layer: str
    view: str
    log: bool


@dataclass(frozen=True)
class Picture:
    """A PNG and the sentence that says what it shows."""

    png: bytes
    words: str


@dataclass(frozen=True)
class Frame:
    """All that is drawn of a run; None: not drawn this time."""

    curves: Picture
    matrix: Picture | None = None
    omega: Picture | None = None


def draw(record: Record, before: Record | None, choice: Choice, everything: bool) -> Frame:
    """The pictures of a run: the curves alone while it trains, everything when there is time."""
    if not everything:
        return Frame(curves(record, before, sharp=False))
    return Frame(curves(record, before), matrix(record), omega(record, choice))


def curves(record: Record, before: Record | None = None, sharp: bool = True) -> Picture:
    """Forgetting curves, with the run before in pale."""
    records = [record] if before is None else [record, before]
    # a fixed place is drawn twice as fast as a computed one, and does not jump while curves grow
    ax = _figure(CURVES, arranged=False).add_axes((0.085, 0.135, 0.905, 0.64))
    plots.forgetting_curves(records, ax)
    return Picture(_png(ax, sharp), words.forgetting_curves(records))


def matrix(record: Record) -> Picture:
    """The accuracy matrix; its colour bar says that these are percentages."""
    zoom = 1.0 if len(record.accuracy) <= 6 else 1.25  # more cells, smaller letters
    ax = plots.accuracy_matrix(record, _figure(MATRIX, zoom=zoom).add_subplot())
    for cell in ax.texts:
        cell.set_text(cell.get_text().removesuffix("%").rstrip())
    _modest_title(ax)
    return Picture(_png(ax), words.accuracy_matrix(record))


def omega(record: Record, choice: Choice) -> Picture:
    """Ω after the last finished task, as chosen."""
    if not record.omegas:
        return note(_why_no_omega(record), OMEGA)
    values, shape = record.omegas[-1], tuple(record.settings["shape"])
    ax = _figure(OMEGA).add_subplot()
    first = choice.layer == next(iter(values))
    if first and choice.view == VIEWS[0]:
        plots.omega_units(values[choice.layer], shape, ax, log=choice.log)
    elif first and choice.view == VIEWS[1]:
        plots.omega_image(values[choice.layer], shape, ax, log=choice.log)
    else:
        plots.omega_heatmap(values, choice.layer, ax, log=choice.log)
    _modest_title(ax)
    sentence = words.omega(values, choice.layer, shape if first else None)
    return Picture(_png(ax), f"{record.label}, after task {record.finished}. {sentence}")


def note(text: str, size: tuple[int, int]) -> Picture:
    """A sentence where a picture will stand, or cannot."""
    figure = _figure(size)
    figure.text(0.5, 0.5, text, ha="center", va="center", wrap=True, color="#444444")
    return Picture(_png(figure.add_subplot(frameon=False, xticks=[], yticks=[])), text)


def _why_no_omega(record: Record) -> str:
    if record.finished:
        return f"{record.label} keeps no Ω: it protects nothing."
    return "Ω is computed when the first task is finished."


def _figure(size: tuple[int, int], arranged: bool = True, zoom: float = 1.0) -> Figure:
    width, height = (zoom * side for side in size)
    layout: Literal["constrained"] | None = "constrained" if arranged else None
    return Figure(figsize=(width / 100, height / 100), layout=layout, facecolor="white")


def _modest_title(ax: Axes) -> None:
    """Small enough for half the width of a page."""
    ax.set_title(ax.get_title(loc="left"), loc="left", fontsize=10, parse_math=False)


def _png(ax: Axes, sharp: bool = True) -> bytes:
    """An opaque white PNG; sharp: two pixels for each of the page."""
    buffer = io.BytesIO()
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.savefig(buffer, format="png", dpi=200 if sharp else 100, facecolor="white")
    return buffer.getvalue()
