"""The accuracy matrix as a heatmap."""

from __future__ import annotations

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

from mas_edu import reading
from mas_edu.plots.canvas import PERCENT, axes, literal, percent
from mas_edu.record import Record


def accuracy_matrix(record: Record, ax: Axes | None = None) -> Axes:
    """Accuracy on task j (column) after learning task i (row), in %.

    Blank: tasks not yet learned at that moment (right of the diagonal) and rows that are not
    finished. Read a column downwards to see one task being forgotten.

    Args:
        record: a run, finished or not.
        ax: where to draw; None: a new figure, without pyplot.

    >>> ax = accuracy_matrix(Record(accuracy=[[0.9, 0.1], [0.6, 0.8]]))
    >>> [text.get_text() for text in ax.texts]
    ['90 %', '60 %', '80 %']
    """
    record = reading.one(record)
    tasks = len(record.accuracy)
    ax = axes(ax, 2.6 + 0.62 * max(tasks, 4), 1.6 + 0.5 * max(tasks, 4))
    hidden = np.triu(np.ones((tasks, tasks), dtype=bool), 1)
    hidden[record.finished :] = True
    annotations = np.vectorize(percent)(np.nan_to_num(record.accuracy))
    sns.heatmap(
        record.accuracy,
        mask=hidden,
        annot=annotations,
        fmt="",
        vmin=0,
        vmax=1,
        cmap="viridis",
        linewidths=1,
        cbar_kws={"label": "accuracy on the test part", "format": PERCENT},
        ax=ax,
    )
    places = np.arange(tasks) + 0.5
    ax.set_xticks(places, [_tick(j, name, "\n") for j, name in enumerate(record.names, 1)])
    ax.set_yticks(places, [_tick(i, name, ": ") for i, name in enumerate(record.names, 1)])
    ax.tick_params(length=0)
    for text in ax.get_yticklabels():
        text.set_rotation(0)
    literal([*ax.get_xticklabels(), *ax.get_yticklabels()])
    ax.set_xlabel("accuracy on task j")
    ax.set_ylabel("after learning task i")
    ax.set_title(reading.title(record), loc="left", parse_math=False)
    return ax


def _tick(number: int, name: str, between: str) -> str:
    return str(number) if name == f"task {number}" else f"{number}{between}{name}"
