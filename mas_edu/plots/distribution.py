"""The distribution of Ω within each weight."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from torch import Tensor

from mas_edu._common import translate
from mas_edu.networks import Params
from mas_edu.plots.colours import omega_label
from mas_edu.plots.omega_values import omega_of, omega_params, share_of_zeros, unit_of
from mas_edu.plots.style import COLOURS, PLAIN, as_axes, disable_math, root_figure
from mas_edu.plots.text_fit import fit_labels, fit_title, ruler, shorten_name, shorten_names
from mas_edu.plots.wording import percent
from mas_edu.results import Array, Record

NAMES = 0.3  # of the figure's width
MOST = 10_000  # values that the shape of one body is drawn from


def omega_distribution(
    omega: Params | Tensor | Record, ax: Axes | None = None, *, unit: str | None = None
) -> Axes:
    r"""Draw the distribution of Ω in each weight, on a log axis, and say how much is exactly 0.

    Each body is as high as many weights have that Ω; its three lines are the quartiles.

    Args:
        omega: Ω by weight name, one tensor, or a record (its last Ω).
        ax: where to draw; None: a new figure, without pyplot.
        unit: of Ω; None: that of the record's method, or for tensors that of MAS.

    Raises:
        ValueError: if there is no Ω.

    >>> import torch
    >>> ax = omega_distribution({"w": torch.tensor([0.0, 1.0, 10.0, 100.0])})
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['w\n25 % exactly 0']
    """
    import pandas as pd  # both here: they take a second and 35 MB that lessons need not have
    import seaborn as sns

    found = {name or "Ω": omega_of(omega, name)[1] for name in omega_params(omega)}
    ax = as_axes(ax, 7, 1.4 + 0.7 * len(found))
    bodies = pd.concat(
        pd.DataFrame({"weight": name, "omega": _thin_out(values[values > 0])})
        for name, values in found.items()
    )
    if len(bodies):
        sns.violinplot(
            bodies,
            x="omega",
            y="weight",
            order=list(found),
            log_scale=(True, False),
            cut=0,
            density_norm="width",
            inner="quart",
            color=COLOURS[0],
            saturation=1,
            alpha=0.6,
            ax=ax,
        )
    else:
        ax.set_xscale("log")
        ax.set_ylim(len(found) - 0.5, -0.5)
    figure = root_figure(ax)
    room, width = NAMES * figure.bbox.width, ruler(figure)
    shown = shorten_names(list(found), room, width, "weight {number}", shorten_name)
    zeros = [
        translate("{share} exactly 0", share=percent(share_of_zeros(values)))
        for values in found.values()
    ]
    names = [f"{name}\n{share}" for name, share in zip(shown, zeros, strict=True)]
    ax.set_yticks(np.arange(len(found)), names)
    disable_math(ax.get_yticklabels())
    ax.xaxis.set_major_formatter(PLAIN)
    ax.xaxis.set_minor_formatter("")
    lines = translate("(dashed: median, dotted: quartiles)")
    ax.set_xlabel(f"{omega_label(unit_of(omega, unit))}  {lines}", parse_math=False)
    ax.set_ylabel("")
    ax.spines[["top", "right"]].set_visible(False)
    fit_labels(ax)
    fit_title(ax, [translate("Distribution of Ω in each weight, zeros left out")])
    height = ax.get_window_extent().height / len(found) * 72 / figure.dpi
    ax.tick_params(axis="y", labelsize=min(10.0, height / 2.6))  # two lines and a gap
    return ax


def _thin_out(values: Array) -> Array:
    """Return, of very many values, as many evenly spaced quantiles: the same curve, in a moment."""
    return np.quantile(values, np.linspace(0, 1, MOST)) if values.size > MOST else values
