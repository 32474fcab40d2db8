"""The colours of Ω: linear or logarithmic, with limits that several pictures can share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.colorbar import Colorbar
from matplotlib.colors import Colormap, LogNorm, Normalize
from torch import Tensor

from mas_edu._common import as_flag, as_float, is_iterable, translate
from mas_edu.networks import Params
from mas_edu.plots.omega_values import omega_of, share_of_zeros
from mas_edu.plots.style import PLAIN
from mas_edu.results import Array, Record

DEPTH = 1e-6  # a log scale reaches this far down from the largest value: six decades
OMEGA_COLOURS: Colormap = colormaps["cividis"].with_extremes(
    bad="#d9d9d9"
)  # grey: has no logarithm


def limits(
    omegas: Sequence[Params | Tensor] | Record, name: str | None = None, log: bool = False
) -> tuple[float, float]:
    """Return `vmin` and `vmax` that fit the weight in all of the given Ω, to compare them.

    Args:
        omegas: several Ω, such as `record.omegas`, or the record itself.
        name: which weight; None: the first.
        log: for logarithmic colours: from the smallest positive value, at most six decades.

    Raises:
        ValueError: if there is no Ω, or no such weight.

    >>> import torch
    >>> limits([{"w": torch.tensor([0.0, 2.0])}, {"w": torch.tensor([1.0, 8.0])}], "w")
    (0.0, 8.0)
    """
    found = omegas.omegas if isinstance(omegas, Record) else _as_omegas(omegas)
    if not found:
        raise ValueError(
            "omegas: expected Ω of at least one task, got none; a method such as FineTune keeps "
            "none, and there is none before the first task is finished"
        )
    values = np.concatenate([omega_of(omega, name)[1].ravel() for omega in found])
    scale = colour_norm(values, log)
    return float(scale.vmin or 0.0), float(scale.vmax or 0.0)


def _as_omegas(omegas: Any) -> list[Any]:
    """Return several Ω as a list, which may be empty."""
    if isinstance(omegas, str | Mapping | Tensor) or not is_iterable(omegas):
        raise ValueError(
            "omegas: expected several Ω, such as record.omegas or [omega], got "
            f"{type(omegas).__name__}"
        )
    return list(omegas)


def colour_norm(
    values: Array, log: bool = False, vmin: float | None = None, vmax: float | None = None
) -> Normalize:
    """Return the scale of the colours; it works also when every value is zero."""
    log = as_flag("log", log)
    vmin, vmax = _as_limit("vmin", vmin), _as_limit("vmax", vmax)
    positive = values[values > 0]
    top = float(vmax if vmax is not None else positive.max(initial=0.0) or 1.0)
    if vmin is None:
        lowest = float(positive.min(initial=top / 10))
        vmin = max(lowest, top * DEPTH) if log else 0.0
    if not (0 < vmin < top if log else vmin < top):
        raise ValueError(
            f"vmin, vmax: expected {'0 < ' if log else ''}vmin < vmax, got {vmin:g} and {top:g}; "
            f"me.plots.limits(omegas, name, log={log}) returns limits that fit"
        )
    return LogNorm(vmin, top) if log else Normalize(vmin, top)


def _as_limit(name: str, limit: float | None) -> float | None:
    """Return a limit of the colours as a number; NaN is refused with the other limit."""
    if limit is None or (isinstance(limit, float) and math.isnan(limit)):
        return limit
    return as_float(name, limit, -math.inf)


def colour_bar_options(values: Array, scale: Normalize) -> dict[str, Any]:
    """Return how the colour bar is drawn: its numbers, and whether values lie beyond."""
    positive = values[values > 0]
    under = positive.size and positive.min() < (scale.vmin or 0.0)
    over = positive.size and positive.max() > (scale.vmax or 0.0)
    return {
        "format": PLAIN,
        "extend": {(0, 0): "neither", (1, 0): "min", (0, 1): "max"}.get(
            (bool(under), bool(over)), "both"
        ),
    }


def omega_label(unit: str) -> str:
    """Return what stands along an axis of Ω."""
    return f"Ω, {translate(unit)}" if unit else "Ω"


def label_colour_bar(bar: Colorbar | None, values: Array, scale: Normalize, unit: str) -> None:
    """Write the unit beside the bar, and what grey means; no formulas in it, nor at small ticks."""
    if bar is not None:
        grey = isinstance(scale, LogNorm) and share_of_zeros(values) > 0
        label = omega_label(unit) + (f"\n{translate('(grey: exactly 0)')}" if grey else "")
        bar.set_label(label, parse_math=False)
        bar.ax.yaxis.set_minor_formatter("")
