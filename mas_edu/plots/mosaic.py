"""Many small images tiled into one: samples of tasks, Ω of hidden units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from matplotlib.axes import Axes
from numpy.typing import NDArray
from torch import Tensor

from mas_edu import reading
from mas_edu.arguments import whole
from mas_edu.plots.canvas import axes, literal
from mas_edu.plots.heatmap import bar, colours, finish_bar, norm

if TYPE_CHECKING:
    from mas_edu.streams import Stream


def omega_units(
    weight_omega: Tensor,
    shape: Sequence[int],
    ax: Axes | None = None,
    *,
    log: bool = False,
    vmin: float | None = None,
    vmax: float | None = None,
) -> Axes:
    """Ω of the first layer, one small image for each hidden unit: what the unit must not lose.

    Args:
        weight_omega: Ω of the first layer's weight, `[hidden, features]`.
        shape: of one input, such as `stream.shape`; colour channels are summed.
        ax, log, vmin, vmax: as in `omega_heatmap`.

    Raises:
        ValueError: if a row of Ω does not have as many numbers as an input of that shape.

    >>> omega_units(torch.rand(12, 64), (1, 8, 8)).get_title(loc="left")
    'Ω of 12 hidden units, one image each'
    """
    images = _unit_images(weight_omega, shape)
    ax = axes(ax, 7, 5.2)
    units, height, width = images.shape
    across = min(units, max(1, round(math.sqrt(units * 1.3 * height / width))))
    _draw(ax, tiled(images, across), images, log, vmin, vmax)
    rows = range(0, units, across)
    ax.set_yticks(
        [(height + 1) * k + height / 2 for k in range(len(rows))],
        [f"{first}" for first in rows],
    )
    ax.set_ylabel("first unit in the row")
    ax.set_title(f"Ω of {units} hidden units, one image each", loc="left")
    return ax


def omega_image(
    weight_omega: Tensor,
    shape: Sequence[int],
    ax: Axes | None = None,
    *,
    log: bool = False,
    vmin: float | None = None,
    vmax: float | None = None,
) -> Axes:
    """Ω of the first layer's pixels, in the mean over hidden units; arguments as `omega_units`.

    >>> omega_image(torch.rand(12, 64), (1, 8, 8)).images[0].get_array().shape
    (8, 8)
    """
    mean = _unit_images(weight_omega, shape).mean(0)
    ax = axes(ax, 5.2, 4.2)
    _draw(ax, mean, mean, log, vmin, vmax)
    ax.set_title("Ω of each input, mean over hidden units", loc="left")
    return ax


def task_samples(stream: Stream, ax: Axes | None = None, per_task: int = 8) -> Axes:
    """The first training samples of each task, a row for each; inputs without shape as strips.

    >>> from mas_edu import streams
    >>> ax = task_samples(streams.rotated("digits", tasks=3), per_task=4)
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['0°', '20°', '40°']
    """
    per_task = whole("per_task", per_task, 1)
    rows = [_pictures(task.x[:per_task], tuple(stream.shape)) for task in stream]
    height, width = rows[0].shape[1:3]
    blank = np.full((per_task, *rows[0].shape[1:]), np.nan)
    padded = [np.concatenate([row, blank[len(row) :]]) for row in rows]
    mosaic = tiled(np.concatenate(padded), per_task)
    ax = axes(ax, 7, min(9, 0.9 + 5.4 * mosaic.shape[0] / mosaic.shape[1]))
    low, high = np.nanmin(mosaic), np.nanmax(mosaic)
    scaled = (mosaic - low) / ((high - low) or 1.0)
    if scaled.ndim == 3:
        ax.imshow(np.nan_to_num(scaled, nan=1.0), aspect="equal")
    else:
        ax.imshow(scaled, cmap="gray_r", vmin=0, vmax=1, aspect="equal")
    ax.set_xticks([])
    ax.set_yticks(
        [(height + 1) * k + height / 2 for k in range(len(stream))],
        [task.name for task in stream],
    )
    literal(ax.get_yticklabels())
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_title(f"{stream.name}: samples of each task", loc="left", parse_math=False)
    return ax


def tiled(images: NDArray[np.float64], across: int) -> NDArray[np.float64]:
    """Images `[N, H, W, …]` side by side, `across` in a row, one blank pixel between them.

    >>> tiled(np.ones((3, 2, 2)), across=2).shape
    (5, 5)
    """
    count, height, width = images.shape[:3]
    down = -(-count // across)
    canvas = np.full((down * (height + 1), across * (width + 1), *images.shape[3:]), np.nan)
    for k, image in enumerate(images):
        top, left = (k // across) * (height + 1), (k % across) * (width + 1)
        canvas[top : top + height, left : left + width] = image
    return canvas[:-1, :-1]


def _draw(
    ax: Axes,
    pixels: NDArray[np.float64],
    values: NDArray[np.float64],
    log: bool,
    vmin: float | None,
    vmax: float | None,
) -> None:
    gaps = np.isnan(pixels)
    image = ax.imshow(np.where(gaps, 0, pixels), cmap=colours(), norm=norm(values, log, vmin, vmax))
    image.set_alpha(np.where(gaps, 0.0, 1.0))
    figure = ax.get_figure()
    if figure is not None:
        finish_bar(figure.colorbar(image, ax=ax, **bar(values, log)))  # type: ignore[arg-type]
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)


def _unit_images(weight_omega: Tensor, shape: Sequence[int]) -> NDArray[np.float64]:
    """Ω `[hidden, features]` as `[hidden, H, W]`."""
    _, values = reading.weight(weight_omega)
    channels, height, width = _as_image(tuple(shape))
    if values.ndim < 2 or values[0].size != channels * height * width:
        raise ValueError(
            f"shape: {tuple(shape)} has {channels * height * width} numbers, but a row of "
            f"weight_omega, shape {values.shape}, has {values[0].size if values.ndim else 1}; "
            "give the first layer's Ω, [hidden, features], and stream.shape"
        )
    return values.reshape(len(values), channels, height, width).sum(1)


def _as_image(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """(channels, height, width); what is not an image is one line."""
    if len(shape) == 3:
        return shape[0], shape[1], shape[2]
    return (1, shape[0], shape[1]) if len(shape) == 2 else (1, 1, math.prod(shape))


def _pictures(x: Tensor, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Inputs `[N, …]` as `[N, H, W]`, or `[N, H, W, 3]` where there are three channels."""
    flat = x.detach().cpu().double().numpy().reshape(len(x), -1)
    if math.prod(shape) != flat.shape[1]:
        shape = (flat.shape[1],)
    channels, height, width = _as_image(shape)
    pictures = flat.reshape(len(x), channels, height, width)
    if channels == 3:
        return pictures.transpose(0, 2, 3, 1)
    pictures = pictures.mean(1)
    return pictures if height > 1 else pictures.repeat(max(1, width // 4), axis=1)


__all__ = ["omega_image", "omega_units", "task_samples", "torch"]
