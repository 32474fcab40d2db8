"""Ω of one weight as a heatmap, and the limits that make several of them comparable."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import seaborn as sns
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colorbar import Colorbar
from matplotlib.colors import LogNorm, Normalize
from torch import Tensor

from mas_edu import reading
from mas_edu.params import Params
from mas_edu.plots.canvas import PLAIN, axes
from mas_edu.record import Record

UNIT = "output² per unit of weight"
DECADES = 1e-6  # a log scale reaches so far down from the largest value
ZERO = "#d9d9d9"


def omega_heatmap(
    omega: Params | Tensor | Record,
    name: str | None = None,
    ax: Axes | None = None,
    *,
    log: bool = False,
    vmin: float | None = None,
    vmax: float | None = None,
) -> Axes:
    """Ω of one weight: a row for each output unit, a column for each input.

    A convolution's kernels are laid out flat, `[out, in · kernel]`; a bias is one row.

    Args:
        omega: Ω by weight name, one tensor, or a record (its last Ω).
        name: which weight; None: the first.
        ax: where to draw; None: a new figure, without pyplot.
        log: logarithmic colours; exact zeros, which have no logarithm, are grey.
        vmin: where the colours begin; None: at 0, or with `log` at the smallest Ω.
        vmax: where they end; None: at the largest Ω. See `limits`.

    Raises:
        ValueError: if there is no such weight, no Ω, or the limits cannot be used.

    >>> import torch
    >>> ax = omega_heatmap({"w": torch.tensor([[0.0, 2.0], [1.0, 4.0]])}, "w")
    >>> ax.collections[0].get_array().tolist()
    [[0.0, 2.0], [1.0, 4.0]]
    """
    name, values = reading.weight(omega, name)
    shape = values.shape
    ax = axes(ax, 7, 2.2 if len(shape) < 2 else 4.4)
    flat = values.reshape(shape[0], -1) if len(shape) > 1 else values.reshape(1, -1)
    scale = norm(values, log, vmin, vmax)
    sns.heatmap(flat, cmap=colours(), norm=scale, cbar_kws=bar(values, log), ax=ax, rasterized=True)
    finish_bar(ax.collections[0].colorbar)
    x, y = _axes_labels(shape)
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    if len(shape) < 2:
        ax.set_yticks([])
    ax.set_title(f"Ω of {name}, shape {tuple(shape)}", loc="left", parse_math=False)
    return ax


def limits(
    omegas: Sequence[Params | Tensor] | Record, name: str | None = None, log: bool = False
) -> tuple[float, float]:
    """`vmin` and `vmax` that fit the weight in all of the given Ω, to compare them by eye.

    Args:
        omegas: several Ω, such as `record.omegas`, or the record itself.
        name: which weight; None: the first.
        log: for logarithmic colours: from the smallest positive value, at most six decades.

    >>> import torch
    >>> limits([{"w": torch.tensor([0.0, 2.0])}, {"w": torch.tensor([1.0, 8.0])}], "w")
    (0.0, 8.0)
    """
    found = omegas.omegas or [omegas] if isinstance(omegas, Record) else list(omegas)
    if not found:
        raise ValueError(
            "omegas: expected Ω of at least one task, got none; a method such as FineTune keeps "
            "none, and there is none before the first task is finished"
        )
    scales = [norm(reading.weight(omega, name)[1], log) for omega in found]
    return min(float(s.vmin or 0) for s in scales), max(float(s.vmax or 0) for s in scales)


def norm(
    values: reading.Array, log: bool = False, vmin: float | None = None, vmax: float | None = None
) -> Normalize:
    """The scale of the colours, usable also when every value is zero."""
    positive = values[values > 0]
    top = float(vmax if vmax is not None else positive.max() if positive.size else 1.0)
    if not log:
        low = float(vmin or 0.0)
        if not low < top:
            raise ValueError(f"vmin, vmax: expected vmin < vmax, got {low:g} and {top:g}")
        return Normalize(low, top)
    if vmin is None:
        smallest = float(positive.min()) if positive.size else top / 10
        vmin = max(min(smallest, top / 10), top * DECADES)
    if not 0 < vmin < top:
        raise ValueError(
            f"vmin, vmax: a log scale needs 0 < vmin < vmax, got {vmin:g} and {top:g}; "
            "take them from me.plots.limits(omegas, name, log=True)"
        )
    return LogNorm(vmin, top)


def colours():  # type: ignore[no-untyped-def]
    """Cividis, which reads alike with and without colour vision; grey where there is no log."""
    return colormaps["cividis"].with_extremes(bad=ZERO)


def bar(values: reading.Array, log: bool) -> dict[str, object]:
    """The colour bar: what the colours measure, and what grey means if there is grey."""
    grey = " (grey: exactly 0)" if log and reading.zeros(values) else ""
    return {"label": f"Ω, {UNIT}{grey}", "format": PLAIN}


def finish_bar(colorbar: Colorbar | None) -> None:
    """No formulas at the small ticks either."""
    if colorbar is not None:
        colorbar.ax.yaxis.set_minor_formatter("")
        colorbar.ax.xaxis.set_minor_formatter("")


def _axes_labels(shape: tuple[int, ...]) -> tuple[str, str]:
    if len(shape) < 2:
        return "output unit", ""
    if len(shape) == 2:
        return "input", "output unit"
    kernel = " × ".join(str(size) for size in shape[1:])
    return f"input channel × kernel, laid out flat ({kernel})", "output channel"


__all__ = ["limits", "np", "omega_heatmap"]
