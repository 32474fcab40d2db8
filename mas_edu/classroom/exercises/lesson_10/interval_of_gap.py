"""Exercise 10.4, `interval_of_gap`."""

from __future__ import annotations

from typing import Any

import numpy as np

from mas_edu.classroom.exercise import Case, Exercise
from mas_edu.results import interval


def interval_of_gap(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Return low and high of the 95 % interval for the mean of a − b, by Student's t.

    a, b: a measure of two methods, one entry a seed; entries at the same place share the seed.
    """
    from scipy import stats

    gaps = a - b
    t = stats.t.ppf(0.975, len(gaps) - 1)
    half = t * gaps.std(ddof=1) / np.sqrt(len(gaps))
    return gaps.mean() - half, gaps.mean() + half


def _paired_cases(seed: int) -> list[Case]:
    draw = np.random.default_rng(seed)
    cases = []
    for seeds in (3, 5, 8):
        common = draw.normal(70, 4, size=seeds)  # what a seed does to both
        a = common + draw.normal(1, 1, size=seeds)
        cases.append({"a": a, "b": common + draw.normal(0, 1, size=seeds)})
    return cases


def _judge_paired(case: Case, found: Any) -> str:
    low, high = found
    middle = float((case["a"] - case["b"]).mean())
    if low > high:
        return "Low is above high: return (low, high)."
    if abs((low + high) / 2 - middle) > 1e-3:
        return "Its middle is not the mean of a − b."
    return "Its middle is right, its width is not."


def _half_width(rule: Any) -> Any:
    """Return an interval of another half width: `rule(a, b)`."""

    def wrong(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
        middle, half = (a - b).mean(), rule(a, b)
        return middle - half, middle + half

    return wrong


def _t(degrees: int, share: float = 0.975) -> float:
    from scipy import stats

    return float(stats.t.ppf(share, degrees))


def _error(values: np.ndarray, ddof: int = 1) -> float:
    """Return the standard error of the mean."""
    return float(values.std(ddof=ddof) / np.sqrt(len(values)))


PAIRED = Exercise(
    id="10.4",
    name="interval_of_gap",
    points=2,
    asks="Both methods ran with the same seeds. Write the 95 % interval for their mean gap: mean "
    "± t · standard deviation / √n of the gaps, with t from `scipy.stats`.",
    solution=interval_of_gap,
    why="What a seed does to both methods drops out of a − b; with few seeds the spread is itself "
    "uncertain, so t with n − 1 degrees of freedom is larger than 1.96.",
    hints=(
        "Which differences does a lucky seed not change?",
        "Take the gap of each seed; the interval is that of one list of numbers, the gaps.",
        "The mean of a − b, plus and minus stats.t.ppf(0.975, n − 1) times std(ddof=1) over √n.",
    ),
    mistakes={
        "unpaired": (
            _half_width(lambda a, b: _t(2 * len(a) - 2) * np.hypot(_error(a), _error(b))),
            "This treats a and b as unrelated: both ran with the same seeds, so take a − b first.",
        ),
        "two intervals": (
            _half_width(lambda a, b: _t(len(a) - 1) * (_error(a) + _error(b))),
            "This puts the intervals of a and of b together: take the gaps, and a single interval "
            "of them.",
        ),
        "normal": (
            _half_width(lambda a, b: 1.96 * _error(a - b)),
            "The factor is 1.96: with few seeds it is t with n − 1 degrees of freedom, which is "
            "larger.",
        ),
        "standard error": (
            _half_width(lambda a, b: _error(a - b)),
            "This is mean ± one standard error: multiply it by t.",
        ),
        "standard deviation": (
            _half_width(lambda a, b: (a - b).std(ddof=1)),
            "This is mean ± one standard deviation: divide it by √n, and multiply by t.",
        ),
        "no root of n": (
            _half_width(lambda a, b: _t(len(a) - 1) * (a - b).std(ddof=1)),
            "The division by √n is missing: a mean of n gaps varies less than a single gap.",
        ),
        "divided by n": (
            _half_width(lambda a, b: _t(len(a) - 1) * (a - b).std(ddof=1) / len(a)),
            "This divides by n: the standard error of a mean falls with √n.",
        ),
        "population": (
            _half_width(lambda a, b: _t(len(a) - 1) * _error(a - b, ddof=0)),
            "The standard deviation is divided by n inside: estimate it with n − 1, std(ddof=1).",
        ),
        "90 %": (
            _half_width(lambda a, b: _t(len(a) - 1, 0.95) * _error(a - b)),
            "This is the 90 % interval: 95 % leaves 2.5 % on each side, so ask for the quantile "
            "0.975.",
        ),
        "degrees": (
            _half_width(lambda a, b: _t(len(a)) * _error(a - b)),
            "t has n degrees of freedom here: the mean took one of them, n − 1 are left.",
        ),
        "b minus a": (
            lambda a, b: interval_of_gap(b, a),
            "This is the interval of b − a: take a − b.",
        ),
    },
    cases=_paired_cases,
    judge=_judge_paired,
    guarded=(interval,),
)
