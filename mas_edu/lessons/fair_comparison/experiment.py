"""Lesson 10's comparison of methods: fair, or unfair in a way that helps one of them."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

import mas_edu as me
from mas_edu.lessons.fair_comparison.stored import (
    METHODS,
    RIVALS,
    Array,
    chosen,
    runs,
    time_of,
)
from mas_edu.results import Interval

SHOWN = ("average", "forgetting", "learned")


class Way(NamedTuple):
    """The way a comparison is made; each True is unfair, to the advantage of the favourite.

    Args:
        shared: all methods have the favourite's λ.
        on_test: the favourite's λ is the best on the test parts, not on the validation parts.
        one_seed: one seed alone is shown, the one with which the favourite does best.
        longer: the favourite is trained for twice the epochs.
    """

    shared: bool = False
    on_test: bool = False
    one_seed: bool = False
    longer: bool = False


WAYS = {
    "fair": Way(),
    "one λ for all": Way(shared=True),
    "λ by test": Way(on_test=True),
    "one seed": Way(one_seed=True),
    "twice the epochs": Way(longer=True),
    "all four": Way(*[True] * 4),
}


@dataclass(frozen=True, eq=False)
class Result:
    """The reported numbers of one method.

    Args:
        name: of the method.
        lam: its λ; None for a method without.
        average: by seed, `[seeds]`, as the next two.
        forgetting: how far earlier tasks fell.
        learned: accuracy just after learning.
        time: of one run; 1 is fine-tuning.
    """

    name: str
    lam: float | None
    average: Array
    forgetting: Array
    learned: Array
    time: float

    @property
    def rival(self) -> bool:
        """Return whether it is ranked: it has a penalty, and is no reference."""
        return self.name in RIVALS

    def interval(self, measure: str) -> Interval:
        """Return the mean over seeds with its 95 % interval; of one seed there is none."""
        return me.interval(getattr(self, measure))


@dataclass(frozen=True, eq=False)
class Compared:
    """All methods, compared in one way.

    Args:
        way: one of `WAYS`.
        favourite: the method that an unfair way helps.
        results: one for each method, the best average first.
        fair: the average of each method in a fair comparison.
    """

    way: str
    favourite: str
    results: tuple[Result, ...]
    fair: dict[str, float]

    def of(self, name: str) -> Result:
        """Return the result of this method."""
        return next(result for result in self.results if result.name == name)

    @property
    def own(self) -> Result:
        """The favourite's result."""
        return self.of(self.favourite)

    @property
    def rivals(self) -> list[Result]:
        """The methods with a penalty, the best first."""
        return [result for result in self.results if result.rival]

    @property
    def rank(self) -> int:
        """The place of the favourite among them, from 1."""
        return [result.name for result in self.rivals].index(self.favourite) + 1

    @property
    def fair_rank(self) -> int:
        """The place it has in a fair comparison."""
        return sorted(RIVALS, key=lambda name: -self.fair[name]).index(self.favourite) + 1

    @property
    def lead(self) -> float:
        """Return how far the favourite is ahead of the best other method; negative: behind."""
        return float(self.own.average.mean() - max(self._others.values()))

    @property
    def _others(self) -> dict[str, float]:
        """The average of each other method with a penalty, the best first."""
        return {r.name: float(r.average.mean()) for r in self.rivals if r is not self.own}

    def gap(self, name: str, measure: str = "average") -> Interval:
        """Return how far the favourite is ahead of a method, seed by seed, with its interval."""
        return me.interval(getattr(self.own, measure) - getattr(self.of(name), measure))

    @property
    def undecided(self) -> list[str]:
        """The other methods that the seeds do not tell from the favourite; of one seed: none."""
        return [name for name in self._others if 0.0 in self.gap(name)]


def compare(way: str = "fair", favourite: str = "MAS") -> Compared:
    """Compare all methods; the picture's data.

    Args:
        way: one of `WAYS`.
        favourite: one of `RIVALS`, the method that an unfair way helps.

    >>> compare().fair_rank == compare("one λ for all").fair_rank
    True
    """
    how = WAYS[way]
    best = chosen(favourite, "average" if how.on_test else "validated", how.longer)
    results = []
    for name in METHODS:
        own = name == favourite
        lam = best if own or (how.shared and name in RIVALS) else chosen(name)
        longer = how.longer and own
        found = runs(name, longer)[lam]
        average, forgetting, learned = (found[measure] for measure in SHOWN)
        results.append(Result(name, lam, average, forgetting, learned, time_of(name, longer)))
    if how.one_seed:
        results = _one_seed(results, favourite)
    fair = {name: float(runs(name)[chosen(name)]["average"].mean()) for name in METHODS}
    results.sort(key=lambda result: -result.average.mean())
    return Compared(way, favourite, tuple(results), fair)


@cache
def gains() -> dict[str, float]:
    """Return what each single way gains a favourite, in points, in the mean over all favourites.

    It gains what its lead on the best other method grows by.
    """
    honest = {name: compare("fair", name).lead for name in RIVALS}
    return {
        way: 100 * float(np.mean([compare(way, name).lead - honest[name] for name in RIVALS]))
        for way, how in WAYS.items()
        if sum(how) == 1
    }


def job(way: str, favourite: str) -> Generator[Compared]:
    """Yield the comparison."""
    yield compare(way, favourite)


def _one_seed(results: Sequence[Result], favourite: str) -> list[Result]:
    """Keep the seed with which the favourite is the furthest ahead of the best other method."""
    own = next(result.average for result in results if result.name == favourite)
    others = [r.average for r in results if r.rival and r.name != favourite]
    k = int(np.argmax(own - np.max(others, axis=0)))
    return [
        Result(r.name, r.lam, r.average[[k]], r.forgetting[[k]], r.learned[[k]], r.time)
        for r in results
    ]
