"""Runs of several methods as one table: means with intervals over seeds, and the cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mas_edu.results.fairness import check_fair
from mas_edu.results.intervals import Interval
from mas_edu.results.record import Record
from mas_edu.results.summary import MEASURES, Row, paired_difference
from mas_edu.results.tables import table_html, table_lines

if TYPE_CHECKING:
    import pandas as pd

SHOWN = MEASURES[:3]
HEAD = ("", *SHOWN, "seconds", "of them Ω")


@dataclass(frozen=True, eq=False)
class Comparison:
    """Methods compared over the same seeds; the best average comes first.

    Its `repr` is the table, in a notebook too; `me.plots.comparison` draws it.
    """

    rows: tuple[Row, ...]

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds, the same for every row."""
        return tuple(record.settings["seed"] for record in self.rows[0].records)

    @property
    def title(self) -> str:
        """Say what was the same for all runs: tasks, updates, seeds."""
        record = self.rows[0].records[0]
        updates, batch = record.settings["updates"], record.settings["schedule"]["batch"]
        least, most = min(updates), max(updates)
        each = f"{most:,}" if least == most else f"{least:,} to {most:,}"
        return (
            f"{record.stream_name or 'one stream'}, {_several(len(updates), 'task')} of {each} "
            f"updates with {_several(batch, 'sample')} each, {_several(len(self.seeds), 'seed')}: "
            "same initial weights, same batches for all"
        )

    @property
    def alike(self) -> bool:
        """Return whether all were trained with as many others side by side: costs compare then."""
        return len({run.side_by_side for row in self.rows for run in row.records}) == 1

    @property
    def best(self) -> list[Row]:
        """One row for each method, the best average first; references are left out.

        Of several λ the one with the best validation, as in `choose_lam`.
        """
        methods: dict[str, list[Row]] = {}
        for row in sorted(self.rows, key=lambda row: row.lam or 0.0):
            if not row.reference:
                methods.setdefault(row.method, []).append(row)
        chosen = [max(rows, key=_quality) for rows in methods.values()]
        return sorted(chosen, key=lambda row: -row.average.mean)

    @property
    def verdict(self) -> str:
        """Say whether the seeds tell the best two methods apart: their difference by seed.

        The two were picked by these very numbers: a narrow lead is less sure than it looks.
        """
        if len(self.best) < 2:
            return ""
        first, second = self.best[:2]
        apart = paired_difference(first, second)
        lead = f"{first.label} is ahead of {second.label} by {100 * apart.mean:.1f} points"
        if not apart.mean:
            lead = f"{first.label} and {second.label} are level"
        if not apart.known:
            return f"{lead}; one seed cannot say whether that is chance."
        told = "do not tell them apart" if 0.0 in apart else "tell them apart"
        return (
            f"{lead} in the mean, seed by seed, 95 % interval {100 * apart.low:.1f} to "
            f"{100 * apart.high:.1f}: {len(self.seeds)} seeds {told}."
        )

    @property
    def notes(self) -> list[str]:
        """Say what to know when reading the table."""
        bounds = ", ".join(row.label for row in self.rows if row.reference)
        found = [self.verdict] if self.verdict else []
        if bounds:
            found.append(
                f"* {bounds} trains on earlier tasks' data again: an upper bound for reference."
            )
        if not self.alike:
            found.append(
                "Not all runs were trained side by side with as many others: to compare seconds, "
                "train them one by one."
            )
        return found

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each method and λ: mean, `_low`, `_high` of each measure, seconds."""
        import pandas as pd

        rows = []
        for row in self.rows:
            cells = {"method": row.method, "lam": row.lam, "seeds": len(row.records)}
            for measure in MEASURES:
                mean, low, high = getattr(row, measure)
                cells |= {measure: mean, f"{measure}_low": low, f"{measure}_high": high}
            cells |= {"seconds": row.seconds, "omega_seconds": row.omega_seconds}
            rows.append(cells | {"reference": row.reference})
        return pd.DataFrame(rows)

    @property
    def _how(self) -> str:
        """Say what the cells hold."""
        if len(self.seeds) == 1:
            return "one seed, so no interval; in %, and seconds of the run"
        return "mean and 95 % interval over seeds, in %; seconds of one run: median"

    def __repr__(self) -> str:
        table = table_lines(HEAD, map(_cells, self.rows))
        return "\n".join([self.title, self._how, *table, *self.notes])

    def _repr_html_(self) -> str:
        return table_html(f"{self.title}; {self._how}", HEAD, map(_cells, self.rows), self.notes)


def compare(records: Iterable[Record] | Record) -> Comparison:
    """Compare methods: mean and 95 % interval over seeds, cost beside accuracy.

    Only fair comparisons are made: every run on the same tasks, with the same schedule and number
    of updates; within each seed the same initial weights and batches; every method with the same
    seeds. Each λ of a method is a row of its own. A run that rehearses (`Joint`) sees other
    batches by nature: it is an upper bound for reference.

    Args:
        records: finished runs, such as those of `learn` and `sweep`, loaded ones too.

    Raises:
        ValueError: if they may not be compared: which two records differ, in what, and what to do.

    >>> from mas_edu import FineTune, L2, Schedule, learn, rotated
    >>> stream, short = rotated("digits", tasks=2), Schedule(steps=20)
    >>> runs = [
    ...     learn(stream, method, seed=seed, schedule=short, progress=False)
    ...     for method in (FineTune(), L2())
    ...     for seed in (0, 1)
    ... ]
    >>> sorted(row.label for row in compare(runs).rows)
    ['FineTune', 'L2, λ = 0.1']
    >>> longer = learn(stream, L2(), seed=2, schedule=Schedule(steps=30), progress=False)
    >>> compare([*runs, longer])
    Traceback (most recent call last):
    ValueError: records: FineTune, seed 0 and L2, λ = 0.1, seed 2 differ in the number of updates a
    task: [20, 20] against [30, 30]; give both the same epochs or steps to compare them
    """
    groups = check_fair(records)
    rows = [Row(tuple(runs)) for runs in groups.values()]
    return Comparison(tuple(sorted(rows, key=lambda row: -row.average.mean)))


def as_comparison(data: Comparison | Iterable[Record] | Record) -> Comparison:
    """Return the comparison itself, or that of the records."""
    return data if isinstance(data, Comparison) else compare(data)


def _quality(row: Row) -> float:
    """Return the score by which λ is chosen; without validation parts there is only the test."""
    return row.validated if row.validated == row.validated else row.average.mean


def _cells(row: Row) -> tuple[str, ...]:
    """Return the cells of one row, as texts."""
    numbers = (_share(getattr(row, measure)) for measure in SHOWN)
    omega = f"{row.omega_seconds:.2f}" if row.lam is not None else "-"
    return (row.label + "*" * row.reference, *numbers, f"{row.seconds:.2f}", omega)


def _share(found: Interval) -> str:
    """Return the mean in %, and the interval if there is one."""
    mean, low, high = (100 * value for value in found)
    return f"{mean:.1f} [{low:.1f}, {high:.1f}]" if found.known else f"{mean:.1f}"


def _several(count: int, what: str) -> str:
    """Return the count and its noun, in the plural where needed."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
