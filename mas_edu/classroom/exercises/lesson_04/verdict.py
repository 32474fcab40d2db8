"""Exercise 04.4, `verdict`."""

from __future__ import annotations

from typing import Any

import numpy as np

from mas_edu.classroom.exercise import Case, Exercise
from mas_edu.results import interval


def verdict(gaps: list[float]) -> str:
    """Return which method is ahead: "first", "second" or "no difference seen".

    gaps: first minus second, in points, one a seed; judge by the 95 % interval for their mean.
    """
    from mas_edu.results import interval  # in a notebook: me.interval

    _, low, high = interval(gaps)
    if low > 0:
        return "first"
    return "second" if high < 0 else "no difference seen"


def _gap_cases(seed: int) -> list[Case]:
    """Draw gaps with a given ratio of mean to standard error: each wrong rule errs on some."""
    draw = np.random.default_rng(seed)
    cases = []
    for seeds, ratio in ((3, 9), (3, -9), (5, 0.5), (5, 1.5), (5, 2.3), (5, 2.65), (8, 2.6)):
        noise = np.sort(draw.normal(size=seeds))  # the lowest gap first
        noise = (noise - noise.mean()) / noise.std(ddof=1)
        sign = 1 if seeds == 3 else draw.choice([-1, 1])
        gaps = sign * draw.uniform(1, 4) * (noise + ratio / np.sqrt(seeds))
        cases.append({"gaps": gaps.tolist()})
    return cases


VERDICTS = ("first", "second", "no difference seen")


def _judge_gaps(case: Case, found: Any) -> str:
    return "" if found in VERDICTS else f"Return one of {', '.join(VERDICTS)}."


def _by(margin: Any, centre: Any = np.mean) -> Any:
    """Return a verdict by whether the mean is further from 0 than a margin."""

    def wrong(gaps: list[float]) -> str:
        mean = centre(gaps)
        if abs(mean) <= margin(gaps):
            return "no difference seen"
        return "first" if mean > 0 else "second"

    return wrong


def _deviation(gaps: list[float]) -> float:
    return float(np.std(gaps, ddof=1))


def _half(gaps: list[float]) -> float:
    """Return half of the right interval's width."""
    _, low, high = interval(gaps)
    return (high - low) / 2


def _swapped(gaps: list[float]) -> str:
    return verdict([-gap for gap in gaps])


VERDICT = Exercise(
    id="04.4",
    name="verdict",
    points=2,
    asks="Two methods were run with the same seeds, each at its own λ. Say which is ahead, or that "
    "no difference was seen, from the 95 % interval (by Student's t) for the mean gap.",
    solution=verdict,
    why="If the interval contains 0, a mean gap of 0 fits what was seen. That shows no difference; "
    "it does not show that there is none.",
    hints=(
        "Could so large a mean gap come about by the luck of these seeds?",
        "The interval, me.interval, has a low and a high end. Where does 0 lie?",
        "Low above 0: first. High below 0: second. Otherwise no difference was seen.",
    ),
    mistakes={
        "mean alone": (
            _by(lambda gaps: 0),
            "This is the sign of the mean alone: ask whether the interval leaves 0 out.",
        ),
        "standard deviation": (
            _by(_deviation),
            "This is mean ± one standard deviation, how much single seeds differ: use the interval "
            "for the mean.",
        ),
        "standard error": (
            _by(lambda gaps: _deviation(gaps) / np.sqrt(len(gaps))),
            "This is mean ± one standard error: a 95 % interval is wider by the factor t.",
        ),
        "normal": (
            _by(lambda gaps: 1.96 * _deviation(gaps) / np.sqrt(len(gaps))),
            "This is mean ± 1.96 standard errors: with few seeds the factor is larger, by "
            "Student's t.",
        ),
        "population": (
            _by(lambda gaps: _half(gaps) * np.sqrt((len(gaps) - 1) / len(gaps))),
            "The spread is divided by n: from a few seeds estimate it with n − 1, or use "
            "me.interval.",
        ),
        "one gap": (
            _by(lambda gaps: 0, centre=lambda gaps: gaps[0]),
            "The first gap decides: use all seeds.",
        ),
        "swapped": (
            _swapped,
            "The names are swapped: gaps are first minus second, so a positive one speaks for the "
            "first.",
        ),
    },
    cases=_gap_cases,
    judge=_judge_gaps,
)
