"""Every Ω with its own λ and eight seeds: it takes minutes, so its result is stored.

`python -m tools.lesson_data 09` makes it again. The file holds the settings it was made with, and
for each stream and Ω: the new task's validation accuracy by λ, the λ chosen, and the scores of each
seed at that λ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mas_edu.lessons.stored_results import as_stored, load_results, save_results
from mas_edu.lessons.what_not_to_forget.experiment import (
    CHOICES,
    NETWORK,
    NOISE,
    SCHEDULE,
    SOURCES,
    STREAMS,
    Digits,
    Scores,
    others,
    runs_of,
    scores,
    stream,
    train_together,
)

PATH = Path(__file__).with_name("study.json")
SEEDS = tuple(range(8))
LAMS = (
    0.0, 0.005, 0.007, 0.01, 0.015, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1.0,
    1.5, 2.0, 3.0, 5.0, 7.0, 10.0,
)  # fmt: skip
PRICE = 0.05  # of the new task's validation accuracy
NOTHING = "nothing"  # the source of no Ω: λ = 0
Points = NDArray[np.float64]
Key = tuple[str, Digits]  # a source, and the chosen digits if it depends on them


@dataclass(frozen=True, eq=False)
class Study:
    """The accuracies that are kept with each Ω at its λ, over eight seeds.

    Args:
        lams: the chosen λ.
        validated: the new task's validation accuracy at each of `LAMS`, in the mean over seeds.
        results: scores at the chosen λ, one a seed.
    """

    lams: Mapping[Key, float]
    validated: Mapping[Key, tuple[float, ...]]
    results: Mapping[Key, tuple[Scores, ...]]

    def lam(self, source: str, chosen: Digits) -> float:
        """Return the λ that the price allows this Ω."""
        return self.lams[key(source, chosen)]

    def on_chosen(self, source: str, chosen: Digits | None = None) -> Points:
        """Return the accuracy on the chosen digits in %, seed by seed.

        Args:
            source: what Ω is computed from, one of `SOURCES`, or "nothing".
            chosen: the digits that will be needed; None: the mean over all of `CHOICES`.
        """
        return self._accuracies(source, chosen, lambda scores, digits: scores.on(digits))

    def on_others(self, source: str, chosen: Digits | None = None) -> Points:
        """Return the accuracy on the other digits in %, seed by seed; arguments as above."""
        return self._accuracies(source, chosen, lambda scores, digits: scores.on(others(digits)))

    def on_new(self, source: str, chosen: Digits | None = None) -> Points:
        """Return the accuracy on the new task in %, seed by seed; arguments as above."""
        return self._accuracies(source, chosen, lambda scores, _: scores.new)

    def gap(self, source: str, chosen: Digits | None = None) -> Points:
        """Return by how many points the chosen digits lie above the others, seed by seed."""
        return self.on_chosen(source, chosen) - self.on_others(source, chosen)

    def _accuracies(
        self, source: str, chosen: Digits | None, accuracy: Callable[[Scores, Digits], float]
    ) -> Points:
        choices = CHOICES if chosen is None else (chosen,)
        found = [[accuracy(one, c) for one in self.results[key(source, c)]] for c in choices]
        return np.asarray(100 * np.mean(found, axis=0))


def key(source: str, chosen: Digits) -> Key:
    """Return the key of a result: some Ω do not depend on the chosen digits."""
    return source, chosen if "chosen" in source or source == "other digits" else ()


KEYS = tuple(dict.fromkeys(key(source, chosen) for source in SOURCES for chosen in CHOICES))


def settings() -> dict[str, Any]:
    """Return all that shapes the stored numbers."""
    streams = {name: stream(name) for name in STREAMS}
    found = {
        "choices": CHOICES,
        "sources": SOURCES,
        "streams": {n: {"tasks": len(some), **some.settings} for n, some in streams.items()},
        "seeds": SEEDS,
        "lams": LAMS,
        "price": PRICE,
        "noise": NOISE,
        "network": NETWORK,
        "schedule": asdict(SCHEDULE),
    }
    return as_stored(found)


def make() -> Path:
    """Run the study, some ten minutes, and write the file."""
    study.cache_clear()
    return save_results(PATH, settings(), {name: _study(name) for name in STREAMS})


def _study(name: str) -> list[dict[str, Any]]:
    """Train every Ω with every λ and seed on one stream; return a row for each Ω."""
    wanted = [(*k, lam) for k in KEYS for lam in LAMS[1:]]
    wanted.insert(0, ("all digits", (), 0.0))
    tested: list[dict[tuple[str, Digits, float], tuple[float, Scores]]] = []
    for seed in SEEDS:
        runs = runs_of(name, seed, wanted)
        train_together(runs)
        found = [(run.record.validated, scores(run.model, name)) for run in runs]
        tested.append(dict(zip(wanted, found, strict=True)))
    free = [one[wanted[0]] for one in tested]
    rows = [_row(NOTHING, (), 0.0, [float(np.mean([v for v, _ in free]))], [s for _, s in free])]
    for source, chosen in KEYS:
        by_lam = [free, *([one[source, chosen, lam] for one in tested] for lam in LAMS[1:])]
        means = [float(np.mean([value for value, _ in results])) for results in by_lam]
        best = largest_allowed(means)
        rows.append(_row(source, chosen, LAMS[best], means, [s for _, s in by_lam[best]]))
    return rows


def largest_allowed(validated: Iterable[float], price: float = PRICE) -> int:
    """Return the place of the largest λ up to which the new task loses at most the price.

    >>> largest_allowed([0.95, 0.94, 0.91, 0.85, 0.92])
    2
    """
    first, *more = validated
    beyond = [place for place, value in enumerate(more) if value < first - price - 1e-9]
    return beyond[0] if beyond else len(more)


def _row(
    source: str, chosen: Digits, lam: float, validated: Iterable[float], kept: list[Scores]
) -> dict[str, Any]:
    return {
        "source": source,
        "chosen": list(chosen),
        "lam": lam,
        "validated": [round(value, 4) for value in validated],
        "right": [list(one.right) for one in kept],
        "count": list(kept[0].count),
        "new": [round(one.new, 4) for one in kept],
    }


@lru_cache(maxsize=2)
def study(name: str = "turned") -> Study:
    """Return the stored study, of the digits turned by 90° or of their pixels permuted.

    >>> study().lam("noise", (0, 1)) > 0
    True
    """
    lams, validated, results = {}, {}, {}
    for row in load_results(PATH)[name]:
        one = row["source"], tuple(row["chosen"])
        lams[one], validated[one] = row["lam"], tuple(row["validated"])
        results[one] = tuple(
            Scores(tuple(right), tuple(row["count"]), new)
            for right, new in zip(row["right"], row["new"], strict=True)
        )
    return Study(lams, validated, results)
