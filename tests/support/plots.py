"""Made-up runs, every plot of them, and what is written in a figure."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

import mas_edu as me
from mas_edu import plots
from tests.results.test_comparison import RUNS as COMPARED

RUN = {"method": "MAS()", "lam": 0.1, "stream": {"name": "rotated digits"}, "shape": [1, 2, 3]}
PER_TASK = 5  # measurements of a made-up curve


def run(
    tasks: int = 3, measured: int | None = None, updates: bool = True, seed: int = 0
) -> me.Record:
    """A made-up run, broken off after so many measurements (None: to the end)."""
    numbers = np.random.default_rng(seed)
    steps = np.arange(tasks * PER_TASK + 1) * 7
    curve = numbers.random((len(steps), tasks)).round(3)
    kept = len(steps) if measured is None else measured
    accuracy = np.full((tasks, tasks), np.nan)
    for i in range((kept - 1) // PER_TASK):
        accuracy[i] = curve[(i + 1) * PER_TASK]
    names = [f"{20 * j}°" for j in range(tasks)]
    settings = RUN | ({"updates": [7 * PER_TASK] * tasks} if updates else {})
    return me.Record(
        accuracy, steps=steps[:kept], curve=curve[:kept], names=names, settings=settings
    )


OMEGA = {
    "hidden.weight": torch.rand(8, 6) * (torch.arange(8) % 4 > 0).unsqueeze(1),
    "hidden.bias": torch.rand(8),
    "dead": torch.zeros(2, 2),
}
FINISHED = dataclasses.replace(run(), omegas=(OMEGA,))
STREAM = me.rotated("digits", tasks=3, samples=20)
SWEEP = [
    me.Record(
        [[0.9 - lam / 4 + seed / 50, 0.1], [0.4 + lam / 5, 0.9 - lam / 3]],
        settings=RUN | {"method": method, "lam": lam, "seed": seed},
    )
    for method in ("MAS()", "L2()")
    for lam in (0.0, 0.1, 0.11, 1.0)
    for seed in range(3)
]
PLOTS: dict[str, Callable[[Axes | None], Axes]] = {
    "forgetting_curves": lambda ax: plots.forgetting_curves([run(), run(seed=1)], ax),
    "accuracy_matrix": lambda ax: plots.accuracy_matrix(run(), ax),
    "omega_heatmap": lambda ax: plots.omega_heatmap(OMEGA, "hidden.weight", ax, log=True),
    "omega_units": lambda ax: plots.omega_units(OMEGA["hidden.weight"], (1, 2, 3), ax, log=True),
    "omega_image": lambda ax: plots.omega_image(OMEGA["hidden.weight"], (1, 2, 3), ax),
    "omega_distribution": lambda ax: plots.omega_distribution(OMEGA, ax),
    "task_samples": lambda ax: plots.task_samples(STREAM, ax),
    "frontier": lambda ax: plots.frontier(SWEEP, ax),
    "comparison": lambda ax: plots.comparison(COMPARED, ax),
}
each_plot = pytest.mark.parametrize("draw", PLOTS.values(), ids=PLOTS)


def figure_of(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def curve_lines(ax: Axes, j: int) -> tuple[Line2D, Line2D]:
    """The thin line over the whole run and the bold one from the task's turn on."""
    lines = [line for line in ax.lines if len(line.get_xdata()) != 2 or line.get_linestyle() != ":"]
    return lines[2 * j], lines[2 * j + 1]


def luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))
