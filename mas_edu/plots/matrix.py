"""The accuracy matrix as a heatmap."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes

from mas_edu.plots.captions import percent
from mas_edu.plots.style import FAINT, PERCENT, as_axes, disable_math, ink_on, run_layout
from mas_edu.results import Record, as_record


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
    ax = as_axes(ax, 2.4 + 0.6 * max(tasks, 4), 1.4 + 0.5 * max(tasks, 4))
    blank = np.triu(np.ones((tasks, tasks), dtype=bool), 1)
    blank[record.finished :] = True
    sns.heatmap(
        record.accuracy,
        mask=blank,
        annot=np.vectorize(percent)(record.accuracy),
        fmt="",
        vmin=0,
        vmax=1,
        cmap="viridis",
        linewidths=1,
        cbar_kws={"label": "accuracy on the test part", "format": PERCENT},
        ax=ax,
    )
    cells = np.asarray(ax.collections[0].get_facecolor())[~blank.ravel()]
    for text, cell in zip(ax.texts, cells, strict=True):
        text.set_color(ink_on(cell))
    ax.spines[:].set(visible=True, color=FAINT)
    ax.set_xlabel("accuracy on task j")
    ax.set_ylabel("after learning task i")
    ax.set_title(record.title, loc="left", parse_math=False)
    _ticks(ax, record)
    return ax


def _ticks(ax: Axes, record: Record) -> None:
    """Write number and name of each task; below the columns the number alone if names are long."""
    names = [
        (str(k), "" if name == f"task {k}" else name) for k, name in enumerate(record.names, 1)
    ]
    places = np.arange(len(names)) + 0.5
    ax.tick_params(length=0)
    ax.set_yticks(places, [": ".join(filter(None, name)) for name in names], rotation=0)
    ax.set_xticks(places, ["\n".join(filter(None, name)) for name in names], rotation=0)
    disable_math([*ax.get_xticklabels(), *ax.get_yticklabels()])
    run_layout(ax)
    extents = [text.get_window_extent() for text in ax.get_xticklabels()]
    if any(left.x1 > right.x0 for left, right in pairwise(extents)):
        ax.set_xticks(places, [number for number, _ in names])
