"""Lesson 05's runs: one λ at a time, or the whole frontier in one batched sweep."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import mas_edu as me
from mas_edu.results import Point, frontier_points
from mas_edu.training import train_batched

LAMS = (0.0, 1e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 100.0, 1e3, 1e6)
SEEDS = (0, 1, 2)
# Plain SGD, so that the lesson's formulas are what happens; proximal, so that every λ is stable.
SCHEDULE = me.Schedule(steps=100, lr=0.3, optimizer="sgd", proximal=True, evaluations=2, threads=1)


@dataclass(frozen=True, eq=False)
class Tradeoff:
    """A run with one λ, and its place among the others.

    Args:
        run: the run of seed 0 at this λ, perhaps not finished.
        plain: the same at λ = 0, to compare with.
        records: the runs of the frontier, perhaps not finished; none: it was not asked for.
        done: how many updates were made of this and what belongs to it,
        total: of so many.
    """

    run: me.Record
    plain: me.Record
    records: tuple[me.Record, ...] = ()
    done: int = 1
    total: int = 1

    @property
    def lam(self) -> float:
        """The λ of the run."""
        return float(self.run.settings["lam"])

    @cached_property
    def tasks(self) -> int:
        """Number of tasks learned by the runs of the frontier that did not diverge."""
        return max((record.finished for record in self.records), default=0)

    @cached_property
    def points(self) -> list[Point]:
        """The frontier over the tasks learned so far; before the second, nothing is forgotten."""
        if self.tasks < 2:
            return []
        (points,) = frontier_points(self._so_far).values()
        return points

    @cached_property
    def validated(self) -> dict[float, list[float]]:
        """For each λ of the frontier the average on the validation parts, seed by seed."""
        found: dict[float, list[float]] = {}
        for record in self._so_far:
            found.setdefault(record.settings["lam"], []).append(record.validated)
        return found

    @cached_property
    def best(self) -> float | None:
        """The λ that validation chooses, once the frontier is finished."""
        finished = self.records and self.tasks == len(self.run.accuracy)
        return me.choose_lam(self.records) if finished else None

    @cached_property
    def _so_far(self) -> list[me.Record]:
        learned = [record for record in self.records if 0 < self.tasks <= record.finished]
        return [so_far(record, self.tasks) for record in learned]


def so_far(record: me.Record, tasks: int | None = None) -> me.Record:
    """Return the run as if the stream had ended after so many tasks (None: those finished).

    >>> half = me.Record([[0.9, 0.1], [float("nan"), float("nan")]])
    >>> so_far(half).complete, so_far(half).average
    (True, 0.9)
    """
    k = record.finished if tasks is None else tasks
    validation = None if record.validation is None else record.validation[:k, :k]
    return me.Record(
        record.accuracy[:k, :k],
        validation=validation,
        names=record.names[:k],
        settings=record.settings,
    )


@dataclass
class Kept:
    """Runs that a figure has trained: of seed 0 by λ, and its frontier as far as it came."""

    runs: dict[float, me.Record] = field(default_factory=dict)
    sweep: tuple[me.Record, ...] = ()
    swept: bool = False

    def keep(self, records: Iterable[me.Record], swept: bool) -> None:
        """Keep how far the frontier came; its finished runs of seed 0 need no training again."""
        self.sweep, self.swept = tuple(records), swept
        for record in self.sweep:
            if record.complete and record.settings["seed"] == SEEDS[0]:
                self.runs.setdefault(record.settings["lam"], record)

    def now(self, run: me.Training) -> me.Record:
        """Return the finished run at this λ if there is one, else how far this one has come."""
        return self.runs.get(run.lam) or run.record

    def recall(self, lam: float, whole: bool) -> Tradeoff | None:
        """Return what these controls lead to, if all of it is known."""
        known = lam in self.runs and 0.0 in self.runs and (self.swept or not whole)
        return self.state(lam, whole) if known else None

    def state(self, lam: float, whole: bool) -> Tradeoff:
        """Return the finished run at this λ, with the frontier or without."""
        total = sum(self.runs[lam].settings["updates"])
        records = self.sweep if whole else ()
        return Tradeoff(self.runs[lam], self.runs[0.0], records, total, total)


@lru_cache(maxsize=1)
def stream() -> me.Stream:
    """Return five tasks: the digits upright, turned by 20°, and so on to 80°."""
    return me.rotated("digits", tasks=5, step=20)


def tradeoff(
    lam: float = 0.1, records: Iterable[me.Record] = (), schedule: me.Schedule = SCHEDULE
) -> Tradeoff:
    """Train with this λ and with λ = 0, unless a sweep has done so; the picture's data.

    Args:
        lam: λ.
        records: of `me.sweep` over this stream, to see the run among them.
        schedule: how each task is trained.

    >>> short = me.Schedule(steps=40, lr=0.3, optimizer="sgd", proximal=True)
    >>> held = tradeoff(lam=1e6, schedule=short)
    >>> held.run.learned < held.plain.learned and held.run.forgetting < held.plain.forgetting
    True
    """
    kept = Kept()
    kept.keep(records, swept=True)
    if kept.recall(lam, False) is None:
        for _ in one(lam, False, schedule, kept):
            pass
    return kept.state(lam, bool(kept.sweep))


def job(
    lam: float, whole: bool, schedule: me.Schedule = SCHEDULE, kept: Kept | None = None
) -> Generator[Tradeoff]:
    """Train, update by update: the frontier if it is asked for and not yet there, or this λ."""
    kept = Kept() if kept is None else kept
    if whole and not kept.swept:
        yield from _frontier(lam, schedule, kept)
    else:
        yield from one(lam, whole, schedule, kept)
    if kept.recall(lam, whole) is None:  # a λ that the frontier does not have
        yield from one(lam, whole, schedule, kept)
    yield kept.state(lam, whole)


def one(lam: float, whole: bool, schedule: me.Schedule, kept: Kept) -> Generator[Tradeoff]:
    """Train at this λ; before it, once, at λ = 0."""
    lams = [lam] if 0.0 in kept.runs else list(dict.fromkeys([0.0, lam]))
    runs = [
        me.Training(stream(), me.MAS(), value, seed=SEEDS[0], schedule=schedule) for value in lams
    ]
    total, before = sum(run.total for run in runs), 0
    for run in runs:
        state = Tradeoff(run.record, kept.runs.get(0.0, run.record), total=total)
        state = replace(state, records=kept.sweep if whole else ())
        for done in run:
            if done == run.last_evaluation:  # measured just now
                record = run.record
                state = replace(state, run=record, plain=kept.runs.get(0.0, record))
            yield replace(state, done=before + done)
        kept.runs[run.lam], before = run.record, before + run.total


def _frontier(lam: float, schedule: me.Schedule, kept: Kept) -> Generator[Tradeoff]:
    """Run `me.sweep` update by update, from the tasks on that an earlier one finished."""
    runs = [
        me.Training(stream(), me.MAS(), value, seed=seed, schedule=schedule)
        for value in LAMS
        for seed in SEEDS
    ]
    for run, record in zip(runs, kept.sweep, strict=False):  # none at the first time
        run.resume(record)
    seen = next((run for run in runs if (run.lam, run.seed) == (lam, SEEDS[0])), runs[0])
    done, tasks = sum(run.updates_until(run.finished) for run in runs), 0
    total = sum(run.total for run in runs)
    state = Tradeoff(kept.now(seen), kept.now(runs[0]), kept.sweep, done, total)
    for updates in train_batched(runs):
        done, learned = done + updates, max(run.finished for run in runs)
        if learned > tasks:
            tasks = learned
            kept.keep((run.record for run in runs), swept=False)
        if seen.last_evaluation != state.run.steps[-1] or state.records is not kept.sweep:
            state = Tradeoff(kept.now(seen), kept.now(runs[0]), kept.sweep, done, total)
        yield replace(state, done=done)
    kept.swept = True
