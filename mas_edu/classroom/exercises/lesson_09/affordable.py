"""Exercise 09.4, `affordable`."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from mas_edu.classroom.exercise import Case, Exercise
from mas_edu.results import Record, choose_lam


def affordable(runs: list[Record], price: float) -> float:
    """Return the largest λ that the price allows; so does every λ below it.

    runs: each learned task A, then B. `run.settings["lam"]` is its λ, of which there are several
        seeds; λ = 0 is among them. `run.validation` and `run.accuracy` (test parts) are [2, 2].
    price: what B may lose against λ = 0, in the mean over the seeds: 0.05 is five points.
    """
    scores: dict[float, list[float]] = {}
    for run in runs:
        scores.setdefault(run.settings["lam"], []).append(run.validation[1, 1])  # type: ignore[index]
    best, limit = 0.0, np.mean(scores[0]) - price
    for lam in sorted(scores):
        if not np.mean(scores[lam]) >= limit:  # of an unfinished run the mean is NaN
            break
        best = lam
    return best


LAMS = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
FALLS = (0.0, 0.01, 0.02, 0.0, 0.08, 0.1, 0.15, 0.03, 0.25)  # of B, validation; 0.5: see below
TESTED = (0.0, 0.01, 0.08, 0.08, 0.09, 0.1, 0.15, 0.2, 0.25)  # of B, test part
KEPT = (0.3, 0.36, 0.42, 0.48, 0.54, 0.6, 0.85, 0.5, 0.55)  # of A
WOBBLES = {0.5: (0.001, -0.001, 0.0), 1.0: (0.06, -0.03, -0.03), 2.0: (-0.05, 0.08, -0.03)}


def _priced_cases(seed: int) -> list[Case]:
    """Draw runs in which each way to choose λ comes to another one; in the second 0.5 diverged."""
    price = (0.04, 0.05, 0.06)[seed % 3]
    return [{"runs": list(_runs(seed, price, hurt)), "price": price} for hurt in (False, True)]


@lru_cache(maxsize=8)
def _runs(seed: int, price: float, unfinished: bool) -> tuple[Record, ...]:
    """Return three seeds of each λ, in any order; the price allows 0.5, and then 10 by luck."""
    draw = np.random.default_rng(seed)
    runs, level = [], float(draw.uniform(0.86, 0.9))
    for lam, fall, tested, kept in zip(LAMS, FALLS, TESTED, KEPT, strict=True):
        for which in range(3):
            new = (
                level - (0.97 * price if lam == 0.5 else fall) + WOBBLES.get(lam, (0, 0, 0))[which]
            )
            validation = np.array([[0.95, 0.1], [kept, new]])
            accuracy = np.array([[0.94, 0.1], [kept - 0.03, level - tested]])
            if unfinished and (lam, which) == (0.5, 1):
                validation[1], accuracy[1] = np.nan, np.nan
            settings = {"method": "MAS()", "lam": lam, "seed": which}
            runs.append(Record(accuracy, validation=validation, settings=settings))
    return tuple(runs[k] for k in draw.permutation(len(runs)))


def _affordable_by(
    *,
    score: Callable[[Record], float] = lambda run: float(run.validation[1, 1]),  # type: ignore[index]
    mean: Callable[[list[float]], Any] = np.mean,
    limit: Callable[[float, float], float] = lambda free, price: free - price,
    last: bool = False,
    pick: Callable[[list[float]], float] = max,
) -> Callable[[list[Record], float], float]:
    """Return a choice of λ with something wrong in it.

    last: whether λ beyond one that costs too much are looked at.
    pick: which of the λ that the price allows is taken.
    """

    def wrong(runs: list[Record], price: float) -> float:
        scores: dict[float, list[float]] = {}
        for run in sorted(runs, key=lambda run: run.settings["seed"]):
            scores.setdefault(run.settings["lam"], []).append(score(run))
        least = limit(float(mean(scores[0.0])), price)
        allowed = []
        for lam in sorted(scores):
            if mean(scores[lam]) >= least:
                allowed.append(lam)
            elif not last:
                break
        return pick(allowed or [0.0])

    return wrong


def _one_too_far(runs: list[Record], price: float) -> float:
    return LAMS[LAMS.index(affordable(runs, price)) + 1]


def _best_average(runs: list[Record], price: float) -> float:
    return choose_lam(runs)


AFFORDABLE = Exercise(
    id="09.4",
    name="affordable",
    points=2,
    asks="Two Ω can be compared only at the same price. Choose λ as the lesson does: the largest "
    "up to which task B loses at most so many points, on its validation part, against λ = 0.",
    solution=affordable,
    why="Each Ω pays the same, so what is left of A can be compared. Beyond the first λ that "
    "costs too much, a cheaper one is luck.",
    hints=(
        "Which cell of the 2 × 2 matrix says how well B is known at the end?",
        "For each λ take the mean over its seeds; go up from λ = 0 and stop at the first that "
        "costs too much.",
        "The limit is the mean of validation[1, 1] at λ = 0 minus the price; NaN is no number, so "
        "it stops you, too.",
    ),
    mistakes={
        "by test": (
            _affordable_by(score=lambda run: float(run.accuracy[1, 1])),
            "λ is chosen by the test part: those answers are for the end. Take the validation "
            "part.",
        ),
        "of task A": (
            _affordable_by(score=lambda run: float(run.validation[1, 0])),  # type: ignore[index]
            "This asks what A loses, which is what λ protects: the price is paid by B.",
        ),
        "of both tasks": (
            _affordable_by(score=lambda run: run.validated),
            "This is the average of both tasks: A gains, so B may lose more than the price.",
        ),
        "best average": (
            _best_average,
            "This is the λ of the best average: a price says what B may lose, whatever A gains.",
        ),
        "share of it": (
            _affordable_by(limit=lambda free, price: free * (1 - price)),
            "The price is taken as a share of B's accuracy: it is in points, so subtract it.",
        ),
        "first seed": (
            _affordable_by(mean=lambda scores: scores[0]),
            "Only one seed is looked at: take the mean over the seeds of each λ.",
        ),
        "best seed": (
            _affordable_by(mean=max),
            "Each λ is judged by its best seed: take the mean over its seeds.",
        ),
        "beyond": (
            _affordable_by(last=True),
            "A smaller λ costs too much already: beyond it a cheap one is luck. Stop at the first "
            "that does.",
        ),
        "without the unfinished": (
            _affordable_by(mean=np.nanmean),
            "A run that diverged is left out of its mean: then this λ is not to be had at all.",
        ),
        "one too far": (
            _one_too_far,
            "This is the first λ that costs too much: take the one before it.",
        ),
        "smallest": (
            _affordable_by(pick=min),
            "This is the smallest λ that the price allows: take the largest of them.",
        ),
    },
    cases=_priced_cases,
)
