"""How records and Ω are read for pictures and sentences: the few statistics that both share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mas_edu.arguments import one_of
from mas_edu.params import Params
from mas_edu.record import Record

Array = NDArray[np.float64]


def checked(records: Sequence[Record] | Record) -> list[Record]:
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
    for record in found:
        if not isinstance(record, Record):
            raise ValueError(
                f"records: expected a list of Record, found {type(record).__name__} in it; "
                "me.learn(…) gives a Record, Record.load(folder) reads one"
            )
    return found


def one(record: Record) -> Record:
    """The record itself, once it is known to be one."""
    if not isinstance(record, Record):
        raise ValueError(
            f"record: expected a Record, got {type(record).__name__}; me.learn(…) gives one"
        )
    return record


def title(record: Record) -> str:
    """What was run on what: "MAS, λ = 0.1 on rotated digits"."""
    stream = record.settings.get("stream")
    name = stream.get("name") if isinstance(stream, Mapping) else stream
    return f"{record.label} on {name}" if name else record.label


def measured(record: Record, by_task: bool = False) -> tuple[Array, Array]:
    """When accuracy was measured, `[S]`, and what it was, `[S, T]`.

    From the record's curve; without one, or if `by_task`, from the accuracy matrix, counted in
    tasks learned.
    """
    if record.curve.size and not by_task:
        return record.steps, record.curve
    start = [] if record.initial is None else [(0, record.initial)]
    rows = [(i + 1, row) for i, row in enumerate(record.accuracy) if np.isfinite(row).any()]
    tasks = len(record.accuracy)
    when, what = zip(*(start + rows), strict=True) if start + rows else ((), ())
    return np.array(when, dtype=float), np.array(what).reshape(-1, tasks)


def boundaries(record: Record, by_task: bool = False) -> Array:
    """Where each task ends on the axis of `measured`.

    From `settings["updates"]`. A record without it, made by hand, is searched for the measurement
    that equals the matrix row of each finished task, near an even division of its length.
    """
    tasks = len(record.accuracy)
    if by_task or not record.curve.size:
        return np.arange(1.0, tasks + 1)
    updates = record.settings.get("updates")
    if isinstance(updates, Sequence) and len(updates) == tasks:
        return np.cumsum(np.asarray(updates, dtype=float))
    parts = record.finished + (0.0 if record.complete else 0.5)
    ends: list[float] = []
    for i, row in enumerate(record.accuracy[: record.finished], 1):
        guess = record.steps[-1] * i / parts
        equal = [np.allclose(row, point, equal_nan=True) for point in record.curve]
        found = record.steps[np.array(equal) & (record.steps > (ends[-1] if ends else 0))]
        ends.append(float(found[np.abs(found - guess).argmin()]) if len(found) else guess)
    return np.array(ends)


@dataclass(frozen=True)
class Point:
    """One λ of one method on the frontier: means over seeds, and the lowest and highest seed."""

    method: str
    lam: float | None
    seeds: int
    learned: float
    forgetting: float
    learned_range: tuple[float, float]
    forgetting_range: tuple[float, float]


def frontier_points(records: Sequence[Record] | Record) -> list[Point]:
    """One point for each method and λ, methods in the order given, λ ascending.

    Records that have not learned all their tasks are left out: they have had less to forget.

    Raises:
        ValueError: if no record is complete.
    """
    complete = [record for record in checked(records) if record.complete]
    if not complete:
        raise ValueError(
            "records: expected at least one run that learned all its tasks, found none; "
            "let a run finish"
        )
    groups: dict[tuple[str, float | None], list[Record]] = {}
    for record in complete:
        method = record.label.split(", λ")[0]
        groups.setdefault((method, record.settings.get("lam")), []).append(record)
    order = list(dict.fromkeys(method for method, _ in groups))
    points = [_point(method, lam, group) for (method, lam), group in groups.items()]
    return sorted(points, key=lambda point: (order.index(point.method), point.lam or 0.0))


def _point(method: str, lam: float | None, group: list[Record]) -> Point:
    learned = np.array([record.learned for record in group])
    forgetting = np.array([record.forgetting for record in group])
    return Point(
        method,
        lam,
        len(group),
        float(learned.mean()),
        float(forgetting.mean()),
        (float(learned.min()), float(learned.max())),
        (float(forgetting.min()), float(forgetting.max())),
    )


def params(omega: Params | Tensor | Record) -> Params:
    """Ω by weight name; of a record, the one in force after its last finished task.

    Raises:
        ValueError: if there is no Ω, or it holds negative numbers, NaN or infinity.
    """
    if isinstance(omega, Record):
        if not omega.omegas:
            raise ValueError(
                f"omega: the record of {omega.label} holds no Ω: this method protects nothing, "
                "or no task is finished yet; take a record of me.MAS(), me.MASLocal(), …"
            )
        omega = omega.omegas[-1]
    found: dict[str, Any] = dict(omega) if isinstance(omega, Mapping) else {"Ω": omega}
    if not found:
        raise ValueError("omega: expected Ω for at least one weight, got an empty dict")
    for name, values in found.items():
        if not isinstance(values, Tensor):
            raise ValueError(
                f"omega: expected tensors by weight name, such as me.mas(model, x), or one "
                f"tensor, got {type(values).__name__}"
            )
        array = values.numpy(force=True)
        if not array.size or not np.isfinite(array).all() or (array < 0).any():
            raise ValueError(
                f"omega: expected finite numbers of at least 0 in {name!r}, shape "
                f"{array.shape}, found empty, negative, NaN or infinite ones; "
                "look at how this Ω was made"
            )
    return found


def weight(omega: Params | Tensor | Record, name: str | None = None) -> tuple[str, Array]:
    """One weight's name and Ω; without a name, the first weight's.

    Raises:
        ValueError: for an unknown name, with the names there are and the nearest of them.
    """
    found = params(omega)
    chosen = next(iter(found)) if name is None else one_of("name", name, found)
    return chosen, found[chosen].float().numpy(force=True)


def zeros(values: Array) -> float:
    """The share of exact zeros: weights that nothing protects."""
    return float((values == 0).mean())
