"""Ω of the first layer as images: one for each hidden unit, or their mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from torch import Tensor

from mas_edu._common import translate
from mas_edu.plots.colours import (
    OMEGA_COLOURS,
    colour_bar_options,
    colour_norm,
    label_colour_bar,
)
from mas_edu.plots.heatmap import number_cells
from mas_edu.plots.omega_values import omega_of, unit_of
from mas_edu.plots.style import as_axes, page_height, root_figure
from mas_edu.plots.text_fit import fit_bar, fit_labels, fit_title
from mas_edu.plots.tiles import Array, as_image, columns, thicken_strips, tile
from mas_edu.results import Record

MOST_TICKS = 24


def omega_units(
    weight_omega: Tensor | Record,
    shape: Sequence[int],
    ax: Axes | None = None,
    *,
    log: bool = False,
    vmin: float | None = None,
    vmax: float | None = None,
    unit: str | None = None,
) -> Axes:
    """Draw Ω of the first layer, one small image for each hidden unit.

    Args:
        weight_omega: Ω of the first layer's weight, `[hidden, features]`, or a record (its last).
        shape: of one input, such as `stream.shape`; colour channels are summed.
        ax: where to draw; None: a new figure, without pyplot.
        log: logarithmic colours; exact zeros are grey.
        vmin: where the colours begin, as in `omega_heatmap`.
        vmax: where they end.
        unit: of Ω, as in `omega_heatmap`.

    Raises:
        ValueError: if a row of Ω does not have as many numbers as an input of that shape.

    >>> import torch
    >>> omega_units(torch.rand(12, 64), (1, 8, 8)).get_title(loc="left")
    'Ω of 12 hidden units, one image each'
    """
    images = _as_images(weight_omega, shape)
    across = columns(*images.shape)
    mosaic, middles = tile(images, across)
    ax = as_axes(ax, 7, page_height(0.6 + 5.3 * mosaic.shape[0] / mosaic.shape[1]))
    _draw(ax, mosaic, images, unit_of(weight_omega, unit), colour_norm(images, log, vmin, vmax))
    step = -(-len(middles) // MOST_TICKS)
    ax.set_yticks(middles[::step], [str(across * k) for k in range(0, len(middles), step)])
    ax.set_ylabel(translate("number of the first unit in the row"))
    _fit_text(ax, translate("Ω of {count} hidden units, one image each", count=len(images)))
    return ax


def omega_image(
    weight_omega: Tensor | Record,
    shape: Sequence[int],
    ax: Axes | None = None,
    *,
    log: bool = False,
    vmin: float | None = None,
    vmax: float | None = None,
    unit: str | None = None,
) -> Axes:
    """Draw Ω of the first layer at each pixel, in the mean over hidden units.

    Arguments and errors as in `omega_units`.

    >>> import torch
    >>> omega_image(torch.rand(12, 64), (1, 8, 8)).images[0].get_array().shape
    (8, 8)
    """
    mean = _as_images(weight_omega, shape).mean(0)
    ax = as_axes(ax, 5.6, page_height(1.2 + 3.8 * mean.shape[0] / mean.shape[1]))
    _draw(ax, mean, mean, unit_of(weight_omega, unit), colour_norm(mean, log, vmin, vmax))
    is_image = len(tuple(shape)) in (2, 3)
    number_cells(ax, mean.shape[1], mean.shape[0] if is_image else 0, start=0)
    ax.set_xlabel(translate("pixel column" if is_image else "input"))
    ax.set_ylabel(translate("pixel row") if is_image else "")
    _fit_text(ax, translate("Ω at each input, mean over hidden units"))
    return ax


def _fit_text(ax: Axes, title: str) -> None:
    """Set the title, and wrap what is longer than its room."""
    fit_labels(ax)
    fit_bar(ax.images[0].colorbar)
    fit_title(ax, [title])


def _as_images(weight_omega: Tensor | Record, shape: Sequence[int]) -> Array:
    """Return Ω `[hidden, features]` as `[hidden, H, W]`."""
    _, values = omega_of(weight_omega)
    channels, height, width = as_image(shape)
    found = values[0].size if values.ndim > 1 else 1
    if found != channels * height * width:
        raise ValueError(
            f"shape: {tuple(shape)} stands for {channels * height * width} inputs, but "
            f"weight_omega, shape {values.shape}, has {found} for each unit; "
            "give the first layer's Ω, [hidden, features], and stream.shape"
        )
    images: Array = values.reshape(len(values), channels, height, width).sum(1)
    return thicken_strips(images)


def _draw(ax: Axes, picture: Array, values: Array, unit: str, scale: Normalize) -> None:
    """Draw the image, clear where there are gaps, and its colour bar."""
    gaps = np.isnan(picture)
    image = ax.imshow(np.where(gaps, 0, picture), cmap=OMEGA_COLOURS, norm=scale)
    image.set_alpha(np.where(gaps, 0.0, 1.0))
    beside = ax.inset_axes((1.04, 0.0, 0.045, 1.0))  # as high as the image at every size
    bar = root_figure(ax).colorbar(image, cax=beside, **colour_bar_options(values, scale))
    label_colour_bar(bar, values, scale, unit)
    ax.set_xticks([])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
