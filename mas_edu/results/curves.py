"""The accuracy on each task in the course of training, as a picture or a sentence needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from mas_edu.results.record import Record

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Curves:
    """Accuracy on each task in the course of training.

    Args:
        x: when it was measured, `[S]`.
        y: the accuracies, `[S, T]`.
        ends: where each task ends on the axis of `x`, `[T]`.
        by_task: whether that axis counts tasks learned, not updates.
    """

    x: Array
    y: Array
    ends: Array
    by_task: bool

    def begin(self, j: int) -> float:
        """Return where learning task j begins; infinity if that is not known yet."""
        return 0.0 if j == 0 else float(self.ends[j - 1]) if j <= len(self.ends) else np.inf


def accuracy_curves(record: Record, by_task: bool = False) -> Curves:
    """Return the record's curve; without one, or if `by_task`, the rows of its accuracy matrix.

    >>> accuracy_curves(Record(accuracy=[[0.9, 0.1], [0.6, 0.8]])).x
    array([1., 2.])
    """
    tasks = len(record.accuracy)
    if by_task or not record.curve.size:
        start = [] if record.initial is None else [(0, record.initial)]
        rows = [(i, row) for i, row in enumerate(record.accuracy, 1) if np.isfinite(row).any()]
        x = np.array([i for i, _ in start + rows], dtype=float)
        y = np.array([row for _, row in start + rows]).reshape(-1, tasks)
        return Curves(x, y, np.arange(1.0, tasks + 1), by_task=True)
    return Curves(record.steps.astype(float), record.curve, task_ends(record), by_task=False)


def task_ends(record: Record) -> Array:
    """Return after how many updates each task ends, as far as known.

    From `settings["updates"]`. A record without it, made by hand, is searched for the measurement
    that equals the matrix row of each finished task, near an even division of its length.
    """
    updates = record.settings.get("updates")
    if _are_counts(updates) and len(updates) == len(record.accuracy):
        return np.cumsum(np.asarray(updates, dtype=float))
    parts = record.finished + (0.0 if record.complete else 0.5)
    ends = [0.0]
    for i, row in enumerate(record.accuracy[: record.finished], 1):
        guess = float(record.steps[-1] * i / parts)
        equal = [np.allclose(row, point, equal_nan=True) for point in record.curve]
        found = record.steps[np.array(equal) & (record.steps > ends[-1])]
        ends.append(float(min(found, key=lambda step: abs(step - guess), default=guess)))
    return np.array(ends[1:])


def _are_counts(updates: Any) -> TypeGuard[list[float]]:
    """Return whether these are numbers of updates; settings by hand, or forged, may be anything."""
    several = isinstance(updates, list | tuple)
    return several and all(isinstance(one, int | float) and 0 <= one < 2**63 for one in updates)
