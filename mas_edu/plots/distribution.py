"""How Ω is distributed within each layer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from torch import Tensor

from mas_edu import reading
from mas_edu.params import Params
from mas_edu.plots.canvas import COLOURS, PLAIN, axes, literal, percent
from mas_edu.plots.heatmap import UNIT
from mas_edu.record import Record


def omega_distribution(omega: Params | Tensor | Record, ax: Axes | None = None) -> Axes:
    r"""The distribution of Ω in each weight, on a log axis; the share of exact zeros is written.

    Args:
        omega: Ω by weight name, one tensor, or a record (its last Ω).
        ax: where to draw; None: a new figure, without pyplot.

    >>> import torch
    >>> ax = omega_distribution({"w": torch.tensor([0.0, 1.0, 10.0, 100.0])})
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['w\n25 % exactly 0']
    """
    found = {name: reading.weight(omega, name)[1] for name in reading.params(omega)}
    ax = axes(ax, 7, 1.2 + 0.8 * len(found))
    frame = pd.concat(
        pd.DataFrame({"weight": name, "omega": values[values > 0].ravel()})
        for name, values in found.items()
    )
    frame["weight"] = pd.Categorical(frame["weight"], list(found))
    sns.violinplot(
        frame, x="omega", y="weight", order=list(found), log_scale=(True, False), cut=0,
        density_norm="width", inner="quart", color=COLOURS[0], saturation=1, alpha=0.6, ax=ax,
    )  # fmt: skip
    ax.set_yticks(
        np.arange(len(found)),
        [f"{name}\n{percent(reading.zeros(v))} exactly 0" for name, v in found.items()],
    )
    literal(ax.get_yticklabels())
    ax.xaxis.set_major_formatter(PLAIN)
    ax.xaxis.set_minor_formatter("")
    ax.set_xlabel(f"Ω, {UNIT}")
    ax.set_ylabel("")
    ax.spines[["top", "right"]].set_visible(False)
    return ax
