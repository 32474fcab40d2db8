"""Figures to look at in the exercises of lesson 07, with made-up numbers.

me.plots.show(figures.six(), alt=figures.SIX_IN_WORDS)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # matplotlib takes half a second that the other lessons need not wait
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

Array = NDArray[np.float64]
IMPORT = "from mas_edu.classroom.exercises.lesson_07 import figures\n\n"  # for a cell
COLOURS = "cividis"
UNIT = "Ω (output² per unit of weight)"
SIX_IN_WORDS = (
    "Six figures, each with a claim above it. "
    "A, “Ω falls evenly from weight to weight”: a map of 48 weights; its colour bar says rank, "
    "share of weights below, from 0 to 1. "
    "B, “Ω is larger after task 5 than after task 1”: two maps and one colour bar, Ω from 0 to "
    "4.4; the left map is dark, the right one bright in the middle. "
    "C, “MAS is far ahead of EWC”: two bars of accuracy, EWC 86.1 %, MAS 87.4 %; the axis goes "
    "from 85.8 to 87.6 %, and the right bar is over five times as high. "
    "D, “Ω is as large after task 1 as after task 5”: the same two maps, equally bright; the left "
    "colour bar ends at 1.0, the right one at 4.4. "
    "E, “After task 1 all four tasks are known, after task 4 only one”: an accuracy matrix, rows "
    "after learning task i, columns accuracy on task j; the first row has four numbers, 95, 61, 44 "
    "and 38, the second three, the third two, the last one. "
    "F, “Every weight is protected, at least a little”: a map on a log scale; Ω of the 48 weights "
    "runs from 0 to 2.5, the colour bar from 0.001 to 2.5, and no cell is outside its colours."
)
TO_MEND_IN_WORDS = (
    "Two maps in rainbow colours, each 6 rows by 8 columns. Their titles say: after task 1, Ω from "
    "0 to 0.99; after task 2, Ω from 0 to 3.85. Each map has a log scale of its own. The axes have "
    "no names, and there is no colour bar. Row 0 is at the bottom of the left map and at the top "
    "of the right one. Where Ω is 0, a cell has the colour of the smallest Ω above 0."
)
MENDED_IN_WORDS = "The same two maps, as your function leaves them."
THREE_TASKS = ((95.0,), (61.0, 94.0), (38.0, 70.0, 92.0))  # %, a row after each task


def six() -> Figure:
    """Draw six figures, A to F, each with a claim above it; not every claim is honest."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 7.4), layout="constrained")
    parts: Any = figure.subfigures(2, 3, wspace=0.04, hspace=0.05)
    for letter, part, (claim, draw) in zip("ABCDEF", parts.ravel(), SIX, strict=True):
        part.suptitle(f"{letter}  {claim}", fontsize=11, x=0.02, ha="left")
        draw(part)
    return figure


def two_omegas(seed: int = 0) -> tuple[Array, Array]:
    """Return the numbers of the two maps of `to_mend`, the second ones larger."""
    draw = np.random.default_rng(seed)
    sizes = draw.uniform(0.8, 1.1), draw.uniform(3.5, 4.8)
    return omega_map(draw, sizes[0]), omega_map(draw, sizes[1])


def to_mend(seed: int = 0) -> Figure:
    """Draw two maps of Ω, one in each of `figure.axes`, in which much is wrong.

    Args:
        seed: of the numbers, and of which map is upside down.
    """
    from matplotlib.colors import LogNorm
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axes = figure.subplots(1, 2)
    for task, (ax, omega) in enumerate(zip(axes, two_omegas(seed), strict=True), 1):
        norm = LogNorm(omega[omega > 0].min(), omega.max(), clip=True)
        ax.imshow(omega, cmap="jet", norm=norm, aspect="auto")
        ax.set_title(f"after task {task}: Ω from 0 to {omega.max():.2f}", fontsize=11)
    axes[seed % 2].invert_yaxis()
    return figure


def mended(repair: Callable[[Any], Any], seed: int = 0) -> Figure:
    """Draw the two maps again and let a function mend them; it may be unwritten still."""
    figure = to_mend(seed)
    try:
        repair(list(figure.axes))
        for ax in figure.axes:
            for image in ax.images:
                image.to_rgba(np.asarray(image.get_array()))  # a norm may be impossible to draw
        return figure
    except NotImplementedError:
        words = "not mended yet"
    except Exception as error:  # the check says more, and the cells below are to run
        words = f"not mended: {type(error).__name__}"
    figure = to_mend(seed)
    figure.suptitle(words)
    return figure


def three_tasks() -> Figure:
    """Draw the accuracy on three tasks, after each of them."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.6, 3.8), layout="constrained")
    figure.suptitle("Digits turned by 0°, 30° and 60°, learned one after the other", fontsize=10)
    _matrix(figure.subplots(), THREE_TASKS)
    return figure


def omega_map(draw: np.random.Generator, largest: float = 1.0) -> Array:
    """Return an Ω, [6 units, 8 inputs]: mostly unit times ink, with a few zeros."""
    unit, ink = draw.lognormal(0, 0.8, 6), np.sin(np.linspace(0.3, 2.9, 8)) ** 2
    omega = np.outer(unit, ink) * draw.lognormal(0, 0.5, (6, 8))
    omega[draw.random((6, 8)) < 0.15] = 0
    omega[0, 0] = 0
    return np.asarray(omega * largest / omega.max())


def _two_maps(part: SubFigure, shared: bool) -> None:
    first = omega_map(np.random.default_rng(6))
    bar: dict[str, Any] = {"location": "bottom", "shrink": 0.9}
    axes = part.subplots(1, 2)
    for ax, task, size in zip(axes, (1, 5), (1.0, 4.4), strict=True):
        image = _map(ax, first * size, vmin=0, vmax=4.4 if shared else size)
        ax.set_title(f"after task {task}", fontsize=10)
        if not shared:
            part.colorbar(image, ax=ax, label="Ω", ticks=[0, size], **bar)
    if shared:
        part.colorbar(image, ax=axes.tolist(), label=UNIT, ticks=[0, 1, 2, 3, 4.4], **bar)


def _ranks(part: SubFigure) -> None:
    omega = omega_map(np.random.default_rng(5))
    ranks = np.array([(omega < one).mean() for one in omega.ravel()]).reshape(omega.shape)
    ax = part.subplots()
    part.colorbar(_map(ax, ranks, vmin=0, vmax=1), ax=ax, label="rank: share of weights below")


def _hidden_zeros(part: SubFigure) -> None:
    from matplotlib.colors import LogNorm

    omega = omega_map(np.random.default_rng(8), largest=2.5)
    ax = part.subplots()
    image = _map(ax, omega, norm=LogNorm(1e-3, 2.5, clip=True))
    bar = part.colorbar(image, ax=ax, label=UNIT)
    bar.set_ticks([0.001, 0.01, 0.1, 1], labels=["0.001", "0.01", "0.1", "1"])
    ax.set_title("48 weights, Ω from 0 to 2.5", fontsize=10)


def _cut_axis(part: SubFigure) -> None:
    ax = part.subplots()
    bars = ax.bar(["EWC", "MAS"], [86.1, 87.4], width=0.5, color=["#999999", "#00224e"])
    ax.bar_label(bars, ["86.1", "87.4"])
    ax.set_ylim(85.8, 87.6)
    ax.set_ylabel("average accuracy in %")


def _swapped(part: SubFigure) -> None:
    rows = ((95.0, 61.0, 44.0, 38.0), (94.0, 70.0, 52.0), (93.0, 66.0), (92.0,))
    _matrix(part.subplots(), rows, right=True)


def _map(ax: Axes, values: Array, **colours: Any) -> Any:
    ax.set_xlabel("input")
    ax.set_ylabel("unit")
    return ax.imshow(values, cmap=COLOURS, aspect="auto", **colours)


def _matrix(ax: Axes, rows: tuple[tuple[float, ...], ...], right: bool = False) -> None:
    """Draw an accuracy matrix with blanks behind the numbers of a row; right: before them."""
    tasks, square = range(len(rows)), np.full((len(rows), len(rows)), np.nan)
    for i, row in enumerate(rows):
        square[i, i if right else 0 :][: len(row)] = row
    image = ax.imshow(square, cmap=COLOURS, vmin=0, vmax=100)
    for i, j in np.argwhere(np.isfinite(square)):
        colour = "black" if square[i, j] > 50 else "white"
        ax.text(j, i, f"{square[i, j]:.0f}", ha="center", va="center", color=colour)
    ax.set_xticks(tasks, [str(k + 1) for k in tasks])
    ax.set_yticks(tasks, [str(k + 1) for k in tasks])
    ax.set_xlabel("accuracy on task j")
    ax.set_ylabel("after learning task i")
    bar = ax.figure.colorbar(image, ax=ax)
    bar.set_label("accuracy in %")


SIX: tuple[tuple[str, Callable[[SubFigure], None]], ...] = (  # claim, what draws it
    ("Ω falls evenly from weight to weight.", _ranks),
    ("Ω is larger after task 5\nthan after task 1.", lambda part: _two_maps(part, shared=True)),
    ("MAS is far ahead of EWC.", _cut_axis),
    ("Ω is as large after task 1\nas after task 5.", lambda part: _two_maps(part, shared=False)),
    ("After task 1 all four tasks are known,\nafter task 4 only one.", _swapped),
    ("Every weight is protected,\nat least a little.", _hidden_zeros),
)
