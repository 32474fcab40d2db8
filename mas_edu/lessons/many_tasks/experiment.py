"""Lesson 06's runs: ten tasks with each rule, side by side, at one λ or each at its own."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

import mas_edu as me
from mas_edu.lessons.many_tasks.rules import RULES
from mas_edu.lessons.many_tasks.stored import SCHEDULE, SEEDS, TASKS, own_lams, stream
from mas_edu.training import train_batched

LIMIT = 0.1  # of soft: λΩ below this share of the median Ω after task 1
Lam = float | Literal["own"]
Runs = dict[str, me.Record]
Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Compared:
    """A run of each rule with one seed, perhaps not finished.

    Args:
        runs: by rule; the stream may be longer than the tasks looked at.
        plain: the run at λ = 0, to compare with.
        tasks: how many tasks are looked at.
        own: whether each rule has the λ that validation chooses for it.
        done: how many updates of each run were made,
        total: of so many.
    """

    runs: Runs
    plain: me.Record
    tasks: int
    own: bool
    done: int = 1
    total: int = 1

    @property
    def finished(self) -> int:
        """Count the tasks that all rules have learned, of those looked at."""
        return min(self.tasks, *(run.finished for run in self.runs.values()))

    def lam(self, rule: str) -> float:
        """Return the rule's λ."""
        return float(self.runs[rule].settings["lam"])

    def now(self, rule: str | None) -> Array:
        """Return the accuracy on each task after the last one finished, `[T]`; None: at λ = 0."""
        run = self.plain if rule is None else self.runs[rule]
        rows = run.accuracy[self.finished - 1] if self.finished else run.curve[0]
        return np.asarray(rows[: self.tasks])

    def learned(self, rule: str) -> Array:
        """Return the accuracy on each finished task just after learning it."""
        return np.asarray(self.runs[rule].accuracy.diagonal()[: self.finished])

    def average(self, rule: str | None) -> float:
        """Return the mean accuracy on the finished tasks (before: on the first); None: at λ = 0."""
        return float(self.now(rule)[: max(1, self.finished)].mean())

    @property
    def gap(self) -> float:
        """Return how far summing is ahead of keeping the last Ω, in average accuracy."""
        return self.average("sum") - self.average("last")

    def strength(self, rule: str) -> Array:
        """Return λΣΩ in force after each finished task."""
        return strength(self.runs[rule])[: self.finished]

    def soft(self, rule: str) -> Array:
        """Return the share of weights that are soft after each finished task."""
        return soft(self.runs[rule])[: self.finished]


def strength(run: me.Record) -> Array:
    """Return λΣΩ after each finished task: how firmly all weights together are held."""
    lam = float(run.settings["lam"])
    return lam * np.array([float(_flat(omega).sum()) for omega in run.omegas])


def soft(run: me.Record) -> Array:
    """Return the share of weights with λΩ below a limit, after each finished task.

    The limit is the median Ω after task 1, times 0.1: at λ = 0.1 half of the weights are soft then.
    """
    omegas = [_flat(omega) for omega in run.omegas]
    lam = run.settings["lam"]
    return np.array([float((lam * o < LIMIT * omegas[0].median()).double().mean()) for o in omegas])


def _flat(omega: me.Params) -> torch.Tensor:
    return torch.cat([values.flatten() for values in omega.values()])


def lams_of(lam: Lam, tasks: int = TASKS) -> dict[str, float]:
    """Return the λ of each rule: the same, or what validation chooses for so many tasks.

    >>> lams_of(0.1)["last"]
    0.1
    """
    return own_lams(tasks) if lam == "own" else dict.fromkeys(RULES, float(lam))


def train(
    lam: Lam = 0.1, seeds: Sequence[int] = SEEDS, schedule: me.Schedule = SCHEDULE
) -> dict[str, list[me.Record]]:
    """Learn ten tasks with each rule and seed, all side by side; the records by rule.

    Args:
        lam: one λ for all rules, or "own": for each the one that validation chooses.
        seeds: of the initial weights and the order of the samples.
        schedule: how each task is trained.

    Raises:
        ValueError: if a run diverged.
    """
    runs = {
        (rule, seed): me.Training(stream(), RULES[rule], value, seed=seed, schedule=schedule)
        for rule, value in lams_of(lam).items()
        for seed in seeds
    }
    for _ in train_batched(list(runs.values())):
        pass
    _check_finite(runs.values(), TASKS)
    return {rule: [runs[rule, seed].record for seed in seeds] for rule in RULES}


@dataclass
class Kept:
    """Runs that a figure has trained, by their λ, as far as they came."""

    records: dict[tuple[float, ...], tuple[me.Record, ...]] = field(default_factory=dict)

    def recall(self, lam: Lam, tasks: int) -> Compared | None:
        """Return what these controls lead to, if it is known: a longer stream begins the same."""
        records = self.records.get(_key(lam, tasks), ())
        if not records or min(record.finished for record in records) < tasks:
            return None
        done = sum(records[0].settings["updates"][:tasks])
        return _compared(records, lam, tasks, done, done)


def compare(lam: Lam = 0.1, tasks: int = TASKS, schedule: me.Schedule = SCHEDULE) -> Compared:
    """Learn so many tasks with each rule, side by side; the picture's data.

    Args:
        lam: one λ for all rules, or "own": for each the one that validation chooses.
        tasks: from 2 to 10.
        schedule: how each task is trained.

    >>> short = me.Schedule(steps=20, lr=0.01)
    >>> now = compare(tasks=2, schedule=short)
    >>> now.average("sum") == now.average("last")  # one task before: nothing to merge
    True
    """
    for now in job(lam, tasks, schedule):
        last = now
    assert last is not None
    return last


def job(
    lam: Lam, tasks: int, schedule: me.Schedule = SCHEDULE, kept: Kept | None = None
) -> Generator[Compared | None]:
    """Train, update by update; go on from where an earlier training was stopped.

    It yields None while the runs are prepared.
    """
    kept = Kept() if kept is None else kept
    key = _key(lam, tasks)
    runs = []
    for method, value in zip([*RULES.values(), me.MAS()], key, strict=True):
        runs.append(me.Training(stream(), method, value, schedule=schedule))
        yield None
    earlier = kept.records.get(key, ())
    if earlier and earlier[0].finished < tasks:  # all of them asked for again: train again
        for run, record in zip(runs, earlier, strict=True):
            run.resume(record)
    first, total = runs[0], runs[0].updates_until(tasks)
    learned, done = first.finished, first.updates_until(first.finished)
    now = _compared([run.record for run in runs], lam, tasks, done, total)
    for _ in train_batched(runs):
        done += 1
        if (furthest := max(run.finished for run in runs)) > learned:
            learned = furthest
            _check_finite(runs, learned)
            records = tuple(run.record for run in runs)
            kept.records[key] = records
            now = _compared(records, lam, tasks, done, total)
        yield replace(now, done=done)
        if learned == tasks:
            return
    _check_finite(runs, tasks)  # it ended too early: all have diverged


def _check_finite(runs: Iterable[me.Training], tasks: int) -> None:
    """Raise if a run diverged: it stays behind the others."""
    for run in runs:
        if run.finished < tasks:
            raise ValueError(
                f"training diverged in task {run.stream[run.finished].name!r} at λ = {run.lam:g}; "
                "take a smaller λ or learning rate"
            )


def _key(lam: Lam, tasks: int) -> tuple[float, ...]:
    """Return the λ of the runs: of each rule, and 0."""
    return (*lams_of(lam, tasks).values(), 0.0)


def _compared(
    records: Sequence[me.Record], lam: Lam, tasks: int, done: int, total: int
) -> Compared:
    *runs, plain = records
    return Compared(dict(zip(RULES, runs, strict=True)), plain, tasks, lam == "own", done, total)
