"""Ω of one weight as a heatmap."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from torch import Tensor

from mas_edu._common import translate
from mas_edu.networks import Params
from mas_edu.plots.colours import (
    OMEGA_COLOURS,
    colour_bar_options,
    colour_norm,
    label_colour_bar,
)
from mas_edu.plots.omega_values import omega_of, unit_of
from mas_edu.plots.style import as_axes
from mas_edu.plots.text_fit import fit_bar, fit_labels, fit_title
from mas_edu.results import Record


def omega_heatmap(
    omega: Params | Tensor | Record,
    name: str | None = None,
    ax: Axes | None = None,
    *,
    log: bool = False,
    vmin: float | None = None,
    vmax: float | None = None,
    unit: str | None = None,
) -> Axes:
    """Draw Ω of one weight: a row for each output unit, a column for each input.

    A convolution's kernels are laid out flat, `[out, in · kernel]`; a bias is one row.

    Args:
        omega: Ω by weight name, one tensor, or a record (its last Ω).
        name: which weight; None: the first that is not a bias.
        ax: where to draw; None: a new figure, without pyplot.
        log: logarithmic colours; exact zeros, which have no logarithm, are grey.
        vmin: where the colours begin; None: at 0, or with `log` at the smallest Ω.
        vmax: where they end; None: at the largest Ω. For several pictures: see `limits`.
        unit: of Ω; None: that of the record's method, or for tensors that of MAS.

    Raises:
        ValueError: if there is no such weight, no Ω, or the limits cannot be used.

    >>> import torch
    >>> ax = omega_heatmap({"w": torch.tensor([[0.0, 2.0], [1.0, 4.0]])}, "w")
    >>> ax.collections[0].get_array().tolist()
    [[0.0, 2.0], [1.0, 4.0]]
    """
    import seaborn as sns  # here, because it takes a second that the first curves need not wait

    name, values = omega_of(omega, name)
    unit = unit_of(omega, unit)
    rows = len(values) if values.ndim > 1 else 1
    ax = as_axes(ax, 7, 4.4 if rows > 1 else 2.8)
    scale = colour_norm(values, log, vmin, vmax)
    sns.heatmap(
        values.reshape(rows, -1),
        cmap=OMEGA_COLOURS,
        norm=scale,
        cbar_kws=colour_bar_options(values, scale),
        xticklabels=False,
        yticklabels=False,
        rasterized=True,
        ax=ax,
    )
    label_colour_bar(ax.collections[0].colorbar, values, scale, unit)
    _label_sides(ax, values.shape)
    shape = " × ".join(str(size) for size in values.shape)
    fit_labels(ax)
    fit_bar(ax.collections[0].colorbar)
    title = translate("Ω of {name}", name=name or translate("a weight"))
    fit_title(ax, [f"{title} ({shape})", title])
    return ax


def _label_sides(ax: Axes, shape: tuple[int, ...]) -> None:
    """Say what rows and columns are, and number them from 0 as in the tensor."""
    if len(shape) < 2:
        ax.set_xlabel(translate("output unit"))
        number_cells(ax, shape[0] if shape else 1, 0)
        return
    if len(shape) == 2:
        ax.set_xlabel(translate("input"))
        ax.set_ylabel(translate("output unit"))
    else:
        kernel = " × ".join(str(size) for size in shape[1:])
        ax.set_xlabel(translate("input channel × kernel, laid out flat: {kernel}", kernel=kernel))
        ax.set_ylabel(translate("output channel"))
    number_cells(ax, math.prod(shape[1:]), shape[0])


def number_cells(ax: Axes, columns: int, rows: int, start: float = 0.5) -> None:
    """Write a few round numbers along both sides; `start` is the middle of the first cell."""
    for count, set_ticks in ((columns, ax.set_xticks), (rows, ax.set_yticks)):
        ticks = MaxNLocator(9, integer=True, min_n_ticks=1).tick_values(0, max(count - 1, 1))
        ticks = [tick for tick in ticks if tick < count]
        set_ticks([tick + start for tick in ticks], [f"{tick:g}" for tick in ticks])
