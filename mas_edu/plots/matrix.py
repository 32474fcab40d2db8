"""The accuracy matrix as a heatmap."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from mas_edu._common import translate
from mas_edu.plots.style import (
    FAINT,
    PERCENT,
    as_axes,
    ink_on,
    root_figure,
    run_layout,
)
from mas_edu.plots.text_fit import fit_labels, fit_title, ruler, run_titles, shorten_names
from mas_edu.plots.wording import percent, task_name
from mas_edu.results import Record, as_record

NAMES = 0.3  # of the figure's width, for the names beside the rows
SMALLEST = 6  # points, of the numbers in the cells


def accuracy_matrix(record: Record, ax: Axes | None = None) -> Axes:
    """Draw the accuracy on task j (column) after learning task i (row), in %.

    Blank: tasks not yet learned at that moment (right of the diagonal) and rows that are not
    finished. Read a column downwards to see one task being forgotten.

    Args:
        record: a run, finished or not.
        ax: where to draw; None: a new figure, without pyplot.

    >>> ax = accuracy_matrix(Record(accuracy=[[0.9, 0.1], [0.6, 0.8]]))
    >>> [text.get_text() for text in ax.texts]
    ['90 %', '60 %', '80 %']
    """
    import seaborn as sns  # here, because it takes a second that the first curves need not wait

    tasks = len(as_record(record).accuracy)
    ax = as_axes(ax, 2.6 + 0.6 * max(tasks, 4), 1.4 + 0.6 * max(tasks, 4))
    blank = np.triu(np.ones((tasks, tasks), dtype=bool), 1)
    blank[record.finished :] = True
    bar = ax.inset_axes((1.04, 0.0, 0.045, 1.0))  # as high as the matrix at every size
    sns.heatmap(
        record.accuracy,
        mask=blank,
        annot=np.vectorize(percent)(record.accuracy),
        fmt="",
        vmin=0,
        vmax=1,
        cmap="viridis",
        linewidths=1,
        square=True,
        cbar_ax=bar,
        cbar_kws={"label": translate("accuracy on the test part"), "format": PERCENT},
        ax=ax,
    )
    cells = np.asarray(ax.collections[0].get_facecolor())[~blank.ravel()]
    for text, cell in zip(ax.texts, cells, strict=True):
        text.set_color(ink_on(cell))
    ax.spines[:].set(visible=True, color=FAINT)
    ax.set_xlabel(translate("accuracy on task j"))
    ax.set_ylabel(translate("after learning task i"))
    _name_tasks(ax, record)
    fit_labels(ax, bar)
    fit_title(ax, run_titles(record.label, record.stream_name), pad=10)
    _fit_numbers(ax)
    return ax


def _cell(ax: Axes) -> float:
    """Return the side of a cell in pixels."""
    run_layout(ax)
    return float(ax.get_window_extent().width / ax.get_xlim()[1])


def _name_tasks(ax: Axes, record: Record) -> None:
    """Write number and name of each task; the number alone where the name has no room."""
    figure, tasks = root_figure(ax), len(record.names)
    numbers, width = [str(k) for k in range(1, tasks + 1)], ruler(root_figure(ax))
    names = [
        "" if name == f"task {k}" else task_name(name) for k, name in enumerate(record.names, 1)
    ]
    shown = shorten_names(names, NAMES * figure.bbox.width, width) if any(names) else names
    if shown[0] in (task_name("task 1"), "1"):
        shown = [""] * tasks  # the numbers say it
    ax.tick_params(length=0)
    places = np.arange(tasks) + 0.5
    rows = [": ".join(filter(None, pair)) for pair in zip(numbers, shown, strict=True)]
    ax.set_yticks(places, rows, rotation=0, parse_math=False)
    ax.set_xticks(places, numbers, rotation=0)
    room = _cell(ax)
    if any(names) and all(width(name) < room for name in names):
        columns = ["\n".join(filter(None, pair)) for pair in zip(numbers, names, strict=True)]
        ax.set_xticks(places, columns, rotation=0, parse_math=False)


def _fit_numbers(ax: Axes) -> None:
    """Set the numbers smaller where cells are small, at last without their % sign."""
    room, figure = 0.94 * _cell(ax), root_figure(ax)
    size = min(10.0, 10 * room / ruler(figure)("100 %"))
    if size < SMALLEST:
        size = min(10.0, 10 * room / ruler(figure)("100"))
        for text in ax.texts:
            text.set_text(text.get_text().removesuffix(" %"))
    for text in ax.texts:
        text.set_fontsize(size)
    ax.tick_params(labelsize=min(10.0, room * 72 / figure.dpi / 1.2))
