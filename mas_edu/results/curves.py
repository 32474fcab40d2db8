"""How records and Ω are read for pictures and sentences: the few statistics that both share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mas_edu._common import as_choice
from mas_edu.networks import Params
from mas_edu.results.record import Record

Array = NDArray[np.float64]


def as_records(records: Sequence[Record] | Record) -> list[Record]:
    """The records as a list; one alone may be given as it is.

    Raises:
        ValueError: if there is none, or something else than a record is among them.
    """
    if isinstance(records, Record):
        return [records]
    found = list(records) if isinstance(records, Iterable) else [records]
    if not found:
        raise ValueError(
            "records: expected at least one Record, got an empty list; "
            "make one with me.learn(stream, me.MAS())"
        )
    return [as_record(record, "records") for record in found]


def as_record(record: Record, name: str = "record") -> Record:
    """The record itself, once it is known to be one."""
    if not isinstance(record, Record):
        raise ValueError(
            f"{name}: expected a Record, got {type(record).__name__}; "
            "me.learn(…) gives one, me.Record.load(folder) reads one"
        )
    return record


def stream_name(record: Record) -> str:
    """The name of the stream, or nothing if the record does not say."""
    settings = record.settings.get("stream", "")
    return str(settings.get("name", "") if isinstance(settings, Mapping) else settings)


def run_title(record: Record) -> str:
    """What was run on what: "MAS, λ = 0.1 on rotated digits"."""
    return f"{record.label} on {stream_name(record)}" if stream_name(record) else record.label


@dataclass(frozen=True)
class Curves:
    """When accuracy was measured, `[S]`, what it was, `[S, T]`, and where tasks end on that axis.

    `by_task`: the axis counts tasks learned, not updates.
    """

    x: Array
    y: Array
    ends: Array
    by_task: bool

    def begin(self, j: int) -> float:
        """Where learning task j begins; infinite if its turn is not known yet."""
        return 0.0 if j == 0 else float(self.ends[j - 1]) if j <= len(self.ends) else np.inf


def accuracy_curves(record: Record, by_task: bool = False) -> Curves:
    """The record's curve; without one, or if `by_task`, the rows of its accuracy matrix.

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
    """After how many updates each task ends, as far as known.

    From `settings["updates"]`. A record without it, made by hand, is searched for the measurement
    that equals the matrix row of each finished task, near an even division of its length.
    """
    updates = record.settings.get("updates")
    if isinstance(updates, Sequence) and len(updates) == len(record.accuracy):
        return np.cumsum(np.asarray(updates, dtype=float))
    parts = record.finished + (0.0 if record.complete else 0.5)
    ends = [0.0]
    for i, row in enumerate(record.accuracy[: record.finished], 1):
        guess = float(record.steps[-1] * i / parts)
        equal = [np.allclose(row, point, equal_nan=True) for point in record.curve]
        found = record.steps[np.array(equal) & (record.steps > ends[-1])]
        ends.append(float(min(found, key=lambda step: abs(step - guess), default=guess)))
    return np.array(ends[1:])


@dataclass(frozen=True)
class Point:
    """One λ of one method on the frontier: means over seeds, and the lowest and highest seed."""

    series: str
    lam: float | None
    seeds: int
    learned: float
    forgetting: float
    average: float
    learned_range: tuple[float, float]
    forgetting_range: tuple[float, float]

    @property
    def name(self) -> str:
        """λ as a label; for a method without λ, the method."""
        return self.series if self.lam is None else f"λ = {self.lam:g}"


def frontier_points(records: Sequence[Record] | Record) -> dict[str, list[Point]]:
    """For each method, one point a λ, ascending; methods in the order given.

    Runs that differ in their seed alone are averaged. Runs that have not learned all their tasks
    are left out: they have had less to forget. Runs on several streams are kept apart.

    Raises:
        ValueError: if no record is complete.
    """
    complete = [record for record in as_records(records) if record.complete]
    if not complete:
        raise ValueError(
            "records: expected at least one run that learned all its tasks, found none; "
            "let a run finish"
        )
    several = len({stream_name(record) for record in complete}) > 1
    groups: dict[str, dict[float | None, list[Record]]] = {}
    for record in complete:
        lam, series = record.settings.get("lam"), record.label.split(", λ = ")[0]
        series += f" on {stream_name(record)}" if several else ""
        groups.setdefault(series, {}).setdefault(lam, []).append(record)
    return {
        series: [_point(series, lam, runs[lam]) for lam in sorted(runs, key=lambda lam: lam or 0)]
        for series, runs in groups.items()
    }


def _point(series: str, lam: float | None, runs: list[Record]) -> Point:
    learned = np.array([record.learned for record in runs])
    forgetting = np.array([record.forgetting for record in runs])
    return Point(
        series,
        lam,
        len(runs),
        float(learned.mean()),
        float(forgetting.mean()),
        float(np.mean([record.average for record in runs])),
        (float(learned.min()), float(learned.max())),
        (float(forgetting.min()), float(forgetting.max())),
    )


def omega_params(omega: Params | Tensor | Record) -> Params:
    """Ω by weight name; of a record, the one in force after its last finished task.

    Raises:
        ValueError: if there is no Ω, or it holds negative numbers, NaN or infinity.
    """
    if isinstance(omega, Record):
        if not omega.omegas:
            raise ValueError(
                f"omega: the record of {omega.label} holds no Ω: this method protects nothing, "
                "or no task is finished yet; take a finished run of me.MAS(), for example"
            )
        omega = omega.omegas[-1]
    found: dict[str, Any] = dict(omega) if isinstance(omega, Mapping) else {"": omega}
    if not found:
        raise ValueError("omega: expected Ω for at least one weight, got an empty dict")
    for name, values in found.items():
        _check(f"omega[{name!r}]" if name else "omega", values)
    return found


def _check(name: str, values: Any) -> None:
    if not isinstance(values, Tensor):
        raise ValueError(
            f"{name}: expected a tensor, or tensors by weight name such as me.mas(model, x), "
            f"got {type(values).__name__}"
        )
    if not values.numel():
        raise ValueError(f"{name}: expected at least one number, got shape {tuple(values.shape)}")
    bad = int((~(values.isfinite() & (values >= 0))).sum())
    if bad:
        raise ValueError(
            f"{name}: expected finite numbers of at least 0, as every Ω has, found {bad} that are "
            "negative, NaN or infinite; look at how this Ω was made"
        )


def omega_of(omega: Params | Tensor | Record, name: str | None = None) -> tuple[str, Array]:
    """One weight's name and Ω; without a name, the first that has more than one dimension.

    Raises:
        ValueError: for an unknown name, with the names there are and the nearest of them.
    """
    found = omega_params(omega)
    if name is None:
        matrices = [key for key, values in found.items() if values.ndim > 1]
        name = (matrices or list(found))[0]
    as_choice("name", name, found)
    return name, found[name].detach().cpu().double().numpy()


def share_of_zeros(values: Array) -> float:
    """The share of exact zeros: weights that nothing protects."""
    return float((values == 0).mean())
