"""The frontier: what each λ of each method learned against what it forgot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mas_edu.results.arguments import as_records, lam_of
from mas_edu.results.fairness import add_once
from mas_edu.results.record import Record


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
    """Return for each method one point a λ, ascending; methods in the order given.

    Runs that differ in their seed alone are averaged. Runs that have not learned all their tasks
    are left out: they have had less to forget. Runs on several streams are kept apart.

    Raises:
        ValueError: if no record is complete, or a run is there twice.
    """
    complete = [record for record in as_records(records) if record.complete]
    if not complete:
        raise ValueError(
            "records: expected at least one run that learned all its tasks, found none; "
            "let a run finish"
        )
    several = len({record.stream_name for record in complete}) > 1
    groups: dict[str, dict[float | None, list[Record]]] = {}
    seeded: dict[tuple[str, float | None], dict[int, Record]] = {}
    for record in complete:
        lam, series = lam_of(record), record.method_label
        series += f" on {record.stream_name}" if several else ""
        if isinstance(record.settings.get("seed"), int):
            add_once(record, seeded.setdefault((series, lam), {}))
        groups.setdefault(series, {}).setdefault(lam, []).append(record)
    return {
        series: [_point(series, lam, runs[lam]) for lam in sorted(runs, key=lambda lam: lam or 0)]
        for series, runs in groups.items()
    }


def _point(series: str, lam: float | None, runs: list[Record]) -> Point:
    """Return the point of these runs, one a seed."""
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
