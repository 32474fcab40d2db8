"""The measurements of a run: a point of the curves at a time, a task at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mas_edu._common import as_instance
from mas_edu.networks import Params
from mas_edu.results import Record


@dataclass
class History:
    """Accuracies, Ω and seconds of a run.

    Args:
        initial: accuracies before any training, `[T]`.
        accuracy: those after each finished task, `[T]` each.
        validation: the same on the validation parts, if there are any.
        omegas: the merged Ω after each finished task, if the method has one.
        steps: the updates after which accuracies were measured.
        curve: what was measured then, `[T]` each.
        seconds: of all.
        omega_seconds: of computing Ω.
        side_by_side: how many runs were trained as one program, at most.

    >>> history = History(np.array([0.1, 0.2]))
    >>> history.add_point(5, np.array([0.9, 0.3]))
    >>> history.finish_task(None, None, omega_seconds=0.0)
    >>> history.finished, history.steps
    (1, [0, 5])
    """

    initial: NDArray[np.float64]
    accuracy: list[NDArray[np.float64]] = field(default_factory=list)
    validation: list[NDArray[np.float64]] = field(default_factory=list)
    omegas: list[Params] = field(default_factory=list)
    steps: list[int] = field(default_factory=lambda: [0])
    curve: list[NDArray[np.float64]] = field(default_factory=list)
    seconds: float = 0.0
    omega_seconds: float = 0.0
    side_by_side: int = 1

    def __post_init__(self) -> None:
        self.curve = self.curve or [self.initial]

    @classmethod
    def of(cls, record: Record, initial: NDArray[np.float64], device: torch.device) -> History:
        """Return the history in a record, its Ω on the device."""
        as_instance("record", record, Record, "me.Record.load(folder)")
        finished, validation = record.finished, record.validation
        return cls(
            initial=initial,
            accuracy=list(record.accuracy[:finished]),
            validation=[] if validation is None else list(validation[:finished]),
            omegas=[{name: w.to(device) for name, w in omega.items()} for omega in record.omegas],
            steps=record.steps.tolist(),
            curve=list(record.curve),
            seconds=record.seconds,
            omega_seconds=record.omega_seconds,
            side_by_side=record.side_by_side,
        )

    @property
    def finished(self) -> int:
        """Count the tasks that are finished."""
        return len(self.accuracy)

    def add_point(self, update: int, accuracy: NDArray[np.float64]) -> None:
        """Add what was measured after this update to the curves."""
        self.steps.append(update)
        self.curve.append(accuracy)

    def finish_task(
        self,
        omega: Params | None,
        validation: NDArray[np.float64] | None,
        omega_seconds: float,
    ) -> None:
        """Close a task; its row of the matrix is the last point of the curves."""
        self.omegas += [] if omega is None else [omega]
        self.validation += [] if validation is None else [validation]
        self.omega_seconds += omega_seconds
        self.accuracy.append(self.curve[-1])

    def add_share(self, seconds: float, omega_seconds: float, side_by_side: int) -> None:
        """Add a share of the time in which so many runs were trained side by side."""
        self.seconds += seconds
        self.omega_seconds += omega_seconds
        self.side_by_side = max(self.side_by_side, side_by_side)

    def drop_after(self, update: int) -> None:
        """Drop the points of the curves that were measured after this update."""
        points = sum(step <= update for step in self.steps)
        del self.steps[points:], self.curve[points:]

    def as_fields(self) -> dict[str, Any]:
        """Return the fields of a `Record`; rows of unfinished tasks are NaN."""
        return {
            "accuracy": self._matrix(self.accuracy),
            "initial": self.initial,
            "validation": self._matrix(self.validation) if self.validation else None,
            "steps": np.array(self.steps),
            "curve": np.array(self.curve),
            "omegas": tuple(self.omegas),
            "seconds": self.seconds,
            "omega_seconds": self.omega_seconds,
            "side_by_side": self.side_by_side,
        }

    def _matrix(self, rows: list[NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return the rows measured so far, the others NaN, `[T, T]`."""
        tasks = len(self.initial)
        return np.array([*rows, *np.full((tasks - len(rows), tasks), np.nan)])
