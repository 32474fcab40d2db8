"""Samples of each task, as images or as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from torch import Tensor

from mas_edu._common import as_int, short_repr, translate
from mas_edu.plots.style import as_axes, disable_math, page_height, root_figure
from mas_edu.plots.text_fit import fit_labels, fit_title, ruler, shorten_names
from mas_edu.plots.tiles import Array, as_image, thicken_strips, tile
from mas_edu.plots.wording import stream_name, task_name

if TYPE_CHECKING:
    from mas_edu.data import Stream

NAMES = 0.3  # of the figure's width
PALEST = 0.12  # of the way to black: a lowest value is no gap


def task_samples(stream: Stream, ax: Axes | None = None, per_task: int = 8) -> Axes:
    """Draw the first training inputs of each task, one row of images a task.

    Images in grey or, with three channels, in colour. Inputs that are no images as a table, one
    row an input and one column a number, each column in the shades of its own range.

    Args:
        stream: the tasks.
        ax: where to draw; None: a new figure, without pyplot.
        per_task: how many inputs of each task; fewer where a task has fewer.

    >>> from mas_edu.data import streams
    >>> ax = task_samples(streams.rotated("digits", tasks=3), per_task=4)
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['0°', '20°', '40°']
    """
    if not hasattr(stream, "tasks"):
        raise ValueError(
            f"stream: expected a Stream, such as me.rotated(), got {short_repr(stream)}"
        )
    per_task = min(as_int("per_task", per_task, 1), max(len(task.x) for task in stream))
    if len(stream.shape) == 1:
        return _draw_table(stream, ax, per_task)
    rows = [_as_images(task.x[:per_task], tuple(stream.shape)) for task in stream]
    mosaic, middles = tile(
        np.concatenate([_pad_with_blanks(row, per_task) for row in rows]), per_task
    )
    low, high = np.nanmin(mosaic), np.nanmax(mosaic)
    shades = (mosaic - low) / ((high - low) or 1.0)
    ax = as_axes(ax, 7, page_height(0.5 + 6 * mosaic.shape[0] / mosaic.shape[1], 1.2))
    if shades.ndim == 3:
        ax.imshow(np.nan_to_num(shades, nan=1.0))
    else:
        ax.imshow(shades, cmap="gray_r", vmin=0, vmax=1)
    ax.set_xticks([])
    return _name_tasks(ax, stream, middles)


def _draw_table(stream: Stream, ax: Axes | None, per_task: int) -> Axes:
    """Draw inputs that are no images as a table, in which each column has its own range."""
    rows = [_as_numbers(task.x[:per_task]) for task in stream]
    low, high = (bound(np.concatenate(rows), axis=0) for bound in (np.min, np.max))  # [F] each
    blank = np.full((1, len(low)), np.nan)  # between two tasks
    table = np.concatenate([part for row in rows for part in ((row - low), blank)])[:-1]
    tops = np.cumsum([0, *(len(row) + 1 for row in rows[:-1])])
    middles = tops + np.array([(len(row) - 1) / 2 for row in rows])
    ax = as_axes(ax, 7, page_height(0.8 + 0.11 * len(table), 1.8))
    ax.imshow(
        table / np.where(high > low, high - low, 1.0),
        cmap="gray_r", vmin=-PALEST, vmax=1, aspect="auto", interpolation="nearest",
    )  # fmt: skip
    ax.xaxis.set_major_locator(MaxNLocator(10, integer=True))
    ax.set_xlabel(translate("number of the input; pale: its lowest value here, black: its highest"))
    return _name_tasks(ax, stream, middles)


def _name_tasks(ax: Axes, stream: Stream, middles: Array) -> Axes:
    """Write the tasks' names beside their rows, and the stream's above."""
    figure = root_figure(ax)
    names = [task_name(task.name) for task in stream]
    ax.set_yticks(middles, shorten_names(names, NAMES * figure.bbox.width, ruler(figure)))
    disable_math(ax.get_yticklabels())
    ax.tick_params(axis="y", length=0)
    ax.spines[:].set_visible(False)
    fit_labels(ax)
    long = translate("{stream}: samples of each task", stream=stream_name(stream.name))
    fit_title(ax, [long, translate("samples of each task")])
    return ax


def _as_numbers(x: Tensor) -> Array:
    """Return inputs `[N, …]` as `[N, F]`."""
    numbers: Array = x.detach().cpu().double().numpy().reshape(len(x), -1)
    return numbers


def _as_images(x: Tensor, shape: tuple[int, ...]) -> Array:
    """Return inputs `[N, …]` as `[N, H, W]`, or `[N, H, W, 3]` where there are three channels."""
    channels, height, width = as_image(shape)
    pictures = _as_numbers(x).reshape(len(x), channels, height, width)
    pictures = pictures.transpose(0, 2, 3, 1) if channels == 3 else pictures.mean(1)
    return thicken_strips(pictures)


def _pad_with_blanks(pictures: Array, count: int) -> Array:
    """Return the images with blank ones at the end, so that there are `count`."""
    blank = np.full((count - len(pictures), *pictures.shape[1:]), np.nan)
    return np.concatenate([pictures, blank])
