"""The record of a run, a value: the accuracy matrix, the curves, Ω, and questions about them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mas_edu._common import as_float, as_instance, as_int, short_call
from mas_edu.networks import Params
from mas_edu.results import accuracy_matrix
from mas_edu.results.checks import (
    as_accuracies,
    as_matrix,
    as_names,
    as_steps,
    as_tensors,
    check_joint,
)
from mas_edu.results.packing import Arrays, pack, unpack
from mas_edu.results.settings import same_settings
from mas_edu.results.storage import damage_error, load_arrays, save_arrays

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Record:
    """One run, finished or interrupted; nothing in it can be changed.

    Args:
        accuracy: `accuracy[i, j]` = share of task j's test part answered correctly after learning
            task i, `[T, T]`. NaN: not measured, such as the rows of tasks not yet learned.
        initial: the same before any learning, `[T]`; needed for `forward_transfer` alone.
        validation: like `accuracy`, on the validation parts, `[T, T]`; λ is chosen by it.
        steps: numbers of updates done when `curve` was measured, `[S]`.
        curve: accuracy on each task in the course of training, `[S, T]`.
        omegas: Ω in force after each finished task, accumulated by the method's rule.
        weights: the model's final state, as `state_dict()` names it.
        memory: what the method carries to the next task beside Ω and the weights; often nothing.
        names: of the tasks.
        settings: what to know to run it again, and digests of what it started from and saw.
        seconds: wall time of the run; of runs trained side by side, this run's share.
        omega_seconds: of these, what the method took after the tasks, mostly for Ω.
        side_by_side: how many runs were trained in one program with this one, itself among them.

    Two records are equal if everything but the last three is.

    >>> record = Record(accuracy=[[0.9, 0.1], [0.6, 0.8]])
    >>> round(record.average, 3), round(record.forgetting, 3), round(record.learned, 3)
    (0.7, 0.3, 0.85)
    """

    accuracy: NDArray[np.float64]
    initial: NDArray[np.float64] | None = None
    validation: NDArray[np.float64] | None = None
    steps: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, int))
    curve: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0)))
    omegas: tuple[Params, ...] = ()
    weights: Params = field(default_factory=dict)
    memory: Params = field(default_factory=dict)
    names: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    omega_seconds: float = 0.0
    side_by_side: int = 1

    def __post_init__(self) -> None:
        accuracy = as_matrix("accuracy", self.accuracy)
        tasks, steps = len(accuracy), as_steps("steps", self.steps)
        checked = {
            "accuracy": accuracy,
            "steps": steps,
            "curve": as_accuracies(
                "curve", self.curve if steps.size else np.zeros((0, tasks)), (steps.size, tasks)
            ),
            "omegas": as_tensors("omegas", self.omegas),
            "weights": as_tensors("weights", [self.weights])[0],
            "memory": as_tensors("memory", [self.memory])[0],
            "names": as_names(self.names, tasks),
            "settings": as_instance("settings", self.settings, dict, "{'lam': 0.1}"),
            "seconds": as_float("seconds", self.seconds),
            "omega_seconds": as_float("omega_seconds", self.omega_seconds),
            "side_by_side": as_int("side_by_side", self.side_by_side, 1),
        }
        for name, shape in (("initial", (tasks,)), ("validation", (tasks, tasks))):
            if getattr(self, name) is not None:
                checked[name] = as_accuracies(name, getattr(self, name), shape)
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def finished(self) -> int:
        """Count the tasks that were learned to the end."""
        rows = [np.isfinite(row[: i + 1]).all() for i, row in enumerate(self.accuracy)]
        return rows.index(False) if False in rows else len(rows)

    @property
    def complete(self) -> bool:
        """Return whether every task was learned."""
        return self.finished == len(self.accuracy)

    @property
    def average(self) -> float:
        """Mean accuracy over the tasks learned, at the end: see `accuracy_matrix`."""
        return accuracy_matrix.average(self._seen)

    @property
    def average_over_time(self) -> float:
        """Mean of the averages after each task: see `accuracy_matrix`."""
        return accuracy_matrix.average_over_time(self._seen)

    @property
    def validated(self) -> float:
        """`average` on the validation parts, for choosing λ; NaN where there are none."""
        if self.validation is None:
            return float("nan")
        return accuracy_matrix.average(self.validation[: self.finished, : self.finished])

    @property
    def learned(self) -> float:
        """Mean accuracy on each task just after learning it: see `accuracy_matrix`."""
        return accuracy_matrix.learned(self._seen)

    @property
    def forgetting(self) -> float:
        """Return the mean fall of earlier tasks from their best: see `accuracy_matrix`."""
        return accuracy_matrix.forgetting(self._seen)

    @property
    def backward_transfer(self) -> float:
        """Return what later tasks did to earlier ones: see `accuracy_matrix`."""
        return accuracy_matrix.backward_transfer(self._seen)

    @property
    def forward_transfer(self) -> float:
        """Return what earlier tasks did for later ones, or NaN: see `accuracy_matrix`."""
        initial = np.full(len(self.accuracy), np.nan) if self.initial is None else self.initial
        return accuracy_matrix.forward_transfer(self._seen, initial)

    def intransigence(self, joint: Record) -> float:
        """Return how far learning fell behind joint training: see `accuracy_matrix`.

        Args:
            joint: the run of `Joint` on the same stream, with at least as many tasks finished.

        Raises:
            ValueError: if it is no such record.

        >>> joint = Record([[0.9, 0.1], [0.9, 0.9]], settings={"method": "Joint()"})
        >>> round(Record([[0.9, 0.1], [0.6, 0.7]]).intransigence(joint), 3)
        0.1
        """
        check_joint(self, as_instance("joint", joint, Record, "me.learn(stream, me.Joint())"))
        return accuracy_matrix.intransigence(self._seen, joint.accuracy)

    @property
    def _seen(self) -> NDArray[np.float64]:
        """The matrix of the tasks learned to the end."""
        return self.accuracy[: self.finished, : self.finished]

    @property
    def method_label(self) -> str:
        """The method in a legend, its settings only where they are not the default.

        >>> settings = {"method": "EWC(kind='exact', gamma=0.5, separate=False)", "lam": 30.0}
        >>> Record([[0.9]], settings=settings).label
        'EWC(gamma=0.5), λ = 30'
        """
        return short_call(str(self.settings.get("method", "run")))

    @property
    def label(self) -> str:
        """The run in a legend: method and λ."""
        lam = self.settings.get("lam")
        if lam is None:
            return self.method_label
        known = isinstance(lam, int | float) and abs(lam) < 2**1000
        shown = f"{lam:g}" if known else lam  # by hand, or edited on disk
        return f"{self.method_label}, λ = {shown}"

    @property
    def stream_name(self) -> str:
        """The name of the stream, or nothing if the record does not say."""
        settings = self.settings.get("stream", "")
        return str(settings.get("name", "") if isinstance(settings, Mapping) else settings)

    @property
    def title(self) -> str:
        """Return what was run on what: "MAS, λ = 0.1 on rotated digits"."""
        return f"{self.label} on {self.stream_name}" if self.stream_name else self.label

    def __repr__(self) -> str:
        state = "" if self.complete else f", {self.finished} of {len(self.accuracy)} tasks finished"
        return (
            f"Record({self.label}: average {self.average:.1%}, forgetting {self.forgetting:.1%}, "
            f"learned {self.learned:.1%}{state})"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record):
            return NotImplemented
        mine, theirs = self._arrays(), other._arrays()
        return (
            self.names == other.names
            and same_settings(self.settings, other.settings)
            and mine.keys() == theirs.keys()
            and all(np.array_equal(mine[k], theirs[k], equal_nan=True) for k in mine)
        )

    __hash__ = None  # type: ignore[assignment]

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each measured cell: method, lam, seed, after, task, name, accuracy."""
        import pandas as pd

        shared = {name: self.settings.get(name) for name in ("method", "lam", "seed")}
        rows = [
            {**shared, "after": i + 1, "task": j + 1, "name": self.names[j], "accuracy": value}
            for (i, j), value in np.ndenumerate(self.accuracy)
            if np.isfinite(value)
        ]
        return pd.DataFrame(rows, columns=[*shared, "after", "task", "name", "accuracy"])

    def save(self, folder: str | os.PathLike[str], overwrite: bool = False) -> Path:
        """Write `record.safetensors` and `record.json` into the folder, which is made if needed.

        Each file appears whole or not at all, the JSON last, with the checksums of both. A save
        that is killed leaves the record that was there before, or the new one.

        Raises:
            FileExistsError: if the folder holds a record and `overwrite` is not given.
            OSError: if the folder cannot be written.
        """
        text = {
            "names": self.names,
            "settings": self.settings,
            "seconds": self.seconds,
            "omega_seconds": self.omega_seconds,
            "side_by_side": self.side_by_side,
            "average": self.average,
            "forgetting": self.forgetting,
            "learned": self.learned,
            "average_over_time": self.average_over_time,
            "finished": self.finished,
            "accuracy": self.accuracy.tolist(),
        }
        return save_arrays(folder, self._arrays(), text, overwrite)

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Record:
        """Read the record that `save` wrote.

        Raises:
            FileNotFoundError: if the folder holds no record.
            ValueError: naming the file that is damaged or cut short, or of a newer format.
        """
        arrays, text = load_arrays(folder, needed=("names", "settings", "seconds"))
        try:
            return cls(
                **unpack(arrays),
                names=text["names"],
                settings=text["settings"],
                seconds=text["seconds"],
                omega_seconds=text.get("omega_seconds", 0.0),  # earlier files have none
                side_by_side=text.get("side_by_side", 1),
            )
        except Exception as error:  # files that are whole may still hold anything
            raise damage_error(Path(folder), error) from error

    def _arrays(self) -> Arrays:
        """Return every array of the record, under the name it has in the file."""
        parts = {name: getattr(self, name) for name in ("accuracy", "steps", "curve")}
        parts |= {name: getattr(self, name) for name in ("initial", "validation")}
        return pack(parts, self.omegas, self.weights, self.memory)
