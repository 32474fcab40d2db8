"""One method with one λ over several seeds, and how far two of them are apart."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from mas_edu.results.fairness import rehearses
from mas_edu.results.intervals import Interval, interval
from mas_edu.results.record import Record

MEASURES = ("average", "forgetting", "learned", "backward_transfer")


@dataclass(frozen=True, eq=False)
class Row:
    """One method with one λ: its runs, one a seed, by seed.

    Args:
        records: the runs.
    """

    records: tuple[Record, ...]

    @property
    def method(self) -> str:
        """The method with its settings, as its `repr`."""
        return str(self.records[0].settings["method"])

    @property
    def lam(self) -> float | None:
        """λ; None for a method without."""
        lam: float | None = self.records[0].settings.get("lam")
        return lam

    @property
    def label(self) -> str:
        """Method and λ, for tables and pictures."""
        return self.records[0].label

    @property
    def reference(self) -> bool:
        """Return whether it trains on earlier tasks' data again: an upper bound for reference."""
        return rehearses(self.records[0])

    def values(self, measure: str) -> list[float]:
        """Return that property of each run, by seed."""
        return [float(getattr(record, measure)) for record in self.records]

    @property
    def average(self) -> Interval:
        """Mean accuracy over the tasks at the end, with its 95 % interval over seeds."""
        return interval(self.values("average"))

    @property
    def forgetting(self) -> Interval:
        """Return how far earlier tasks fell from their best, with its interval."""
        return interval(self.values("forgetting"))

    @property
    def learned(self) -> Interval:
        """Mean accuracy just after learning each task, with its interval."""
        return interval(self.values("learned"))

    @property
    def backward_transfer(self) -> Interval:
        """Return what later tasks did to earlier ones, with its interval."""
        return interval(self.values("backward_transfer"))

    @property
    def validated(self) -> float:
        """`average` on the validation parts, in the mean; NaN where there are none."""
        return statistics.fmean(self.values("validated"))

    @property
    def seconds(self) -> float:
        """Seconds of one run, the median over seeds, as the computer may be busy now and then."""
        return statistics.median(self.values("seconds"))

    @property
    def omega_seconds(self) -> float:
        """Seconds of that spent on Ω after the tasks, the median over seeds."""
        return statistics.median(self.values("omega_seconds"))


def paired_difference(one: Row, other: Row, measure: str = "average") -> Interval:
    """Return how far one is ahead of the other, seed by seed, with its 95 % interval.

    Both had the same start and batches in each seed: what a seed did to both drops out, so the
    interval is narrower than two intervals side by side would suggest (a paired t-interval).
    """
    pairs = zip(one.values(measure), other.values(measure), strict=True)
    return interval([mine - theirs for mine, theirs in pairs])
