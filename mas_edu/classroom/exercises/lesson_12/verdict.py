"""Exercise 12.1, `verdict`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mas_edu.classroom.exercise import Case, Exercise, FormError


def verdict(published: tuple[float, float], low: float, high: float) -> str:
    """Return what an interval says about a published number.

    published: (bottom, top) of what was published; of a lower bound, top is np.inf.
    low, high: the interval of our mean, which lies in its middle.
    Returns, by the mean, "within", "above" or "below"; of a lower bound "reached" or "missed".
    Where low and high lie on different sides of an edge, ", open" follows: "above, open".
    """
    bottom, top = published
    mean = (low + high) / 2
    if np.isinf(top):
        word = "reached" if mean >= bottom else "missed"
    else:
        word = "below" if mean < bottom else "above" if mean > top else "within"
    crossed = any(low < edge <= high for edge in published)
    return f"{word}, open" if crossed else word


BAND = 2.0  # the width of what was published
PLACES = (  # mean and half width of ours, from the bottom of what was published
    (1.0, 0.4), (1.5, 0.9), (0.6, 0.9), (1.1, 1.9),  # within: closed, and open at one or both ends
    (3.0, 0.6), (3.0, 1.4), (3.0, 3.5),  # above: closed, and open
    (-1.2, 0.7), (-1.2, 1.8), (-1.2, 3.6),  # below: closed, and open
)  # fmt: skip
BOUNDED = ((1.0, 0.4), (1.0, 1.7), (-0.8, 0.3), (-0.8, 1.5))  # reached, missed: closed, open


def _verdict_cases(seed: int) -> list[Case]:
    draw = np.random.default_rng(seed)
    cases = []
    for bound, places in ((False, PLACES), (True, BOUNDED)):
        for mean, half in places:
            bottom, scale = float(draw.uniform(60, 90)), float(draw.uniform(0.5, 2))
            top = math.inf if bound else bottom + BAND * scale
            low, high = (bottom + scale * (mean + side * half) for side in (-1, 1))
            cases.append({"published": (bottom, top), "low": low, "high": high})
    return cases


def _observe_verdict(answer: Any, case: Case) -> Any:
    found = answer(*case.values())
    if not isinstance(found, str):
        raise FormError(f'expected a text such as "within" or "above, open", got {found!r:.60}')
    return found


def _verdict_by(
    word: Callable[[float, float, float, float], str] | None = None,
    is_open: Callable[[float, float, float, float], bool] | None = None,
) -> Callable[..., str]:
    """Return a verdict with another word, or another way to see that it is open."""

    def wrong(published: tuple[float, float], low: float, high: float) -> str:
        right = verdict(published, low, high)
        said = word(*published, low, high) if word else right.partition(",")[0]
        crossed = is_open(*published, low, high) if is_open else "open" in right
        return f"{said}, open" if crossed else said

    return wrong


def _renamed(names: Mapping[str, str]) -> Callable[..., str]:
    def word(bottom: float, top: float, low: float, high: float) -> str:
        right = verdict((bottom, top), low, high).partition(",")[0]
        return names.get(right, right)

    return word


def _by_overlap(published: tuple[float, float], low: float, high: float) -> str:
    """Take overlapping intervals for agreement."""
    bottom, top = published
    right = verdict(published, low, high).partition(",")[0]
    if low <= top and high >= bottom:
        return "reached" if math.isinf(top) else "within"
    return right


def _swapped_intervals(published: tuple[float, float], low: float, high: float) -> str:
    """Ask on which side of ours the published number lies, and whether it is open there."""
    bottom, top = published
    if math.isinf(top):
        return verdict(published, low, high)
    return verdict((low, high), bottom, top)


def _one_point(at: Callable[[float, float], float]) -> Callable[..., str]:
    """Return the word for another point than the mean."""
    return _verdict_by(
        lambda bottom, top, low, high: verdict((bottom, top), *[at(low, high)] * 2).partition(",")[
            0
        ]
    )


def _side(bottom: float, top: float, value: float) -> int:
    return (value >= bottom) + (value > top)


VERDICT = Exercise(
    id="12.1",
    name="verdict",
    points=2,
    asks="Give the verdict on a published number, as the lesson does: the word says where the mean "
    "lies, and `open` that the seeds leave it open, because the interval crosses an edge of what "
    "was published.",
    solution=verdict,
    why="The mean says on which side you are, the interval whether other seeds could put you on "
    "another: both are needed, and a lower bound has only one edge.",
    hints=(
        "Which of the two questions does the mean answer, and which the interval?",
        "The word depends on the mean alone. For `open`, look at each edge: are low and high on "
        "both sides of it?",
        "Compare (low + high) / 2 with bottom and top; it is open if low < edge ≤ high for one of "
        "the two edges.",
    ),
    mistakes={
        "mean alone": (
            _verdict_by(is_open=lambda *parts: False),
            "Nothing is ever open: look whether low and high lie on different sides of an edge.",
        ),
        "always open": (
            _verdict_by(is_open=lambda *parts: True),
            "Everything is open: where the whole interval lies on one side of each edge, the seeds "
            "have decided.",
        ),
        "overlap": (
            _by_overlap,
            "An overlap is taken for agreement: the word is about the mean, and overlapping leaves "
            "the verdict open.",
        ),
        "swapped": (
            _swapped_intervals,
            "The two intervals are swapped: our mean is compared with what was published.",
        ),
        "overlap alone is open": (
            _verdict_by(is_open=lambda bottom, top, low, high: low <= top and high >= bottom),
            "An interval that lies wholly within is called open: it crosses no edge.",
        ),
        "within is never open": (
            _verdict_by(
                is_open=lambda bottom, top, low, high: (
                    "open" in verdict((bottom, top), low, high)
                    and not bottom <= (low + high) / 2 <= top
                )
            ),
            "A mean within can be open as well, and so can a bound that is reached: the interval "
            "may stick out.",
        ),
        "lower end": (
            _one_point(lambda low, high: low),
            "The word follows the lower end of the interval: it is about the mean, in the middle.",
        ),
        "upper end": (
            _one_point(lambda low, high: high),
            "The word follows the upper end of the interval: it is about the mean, in the middle.",
        ),
        "one end": (
            _verdict_by(
                is_open=lambda bottom, top, low, high: (
                    _side(bottom, top, high) != _side(bottom, top, (low + high) / 2)
                )
            ),
            "Only the upper end is looked at for open: the lower end may cross an edge, too.",
        ),
        "other end": (
            _verdict_by(
                is_open=lambda bottom, top, low, high: (
                    _side(bottom, top, low) != _side(bottom, top, (low + high) / 2)
                )
            ),
            "Only the lower end is looked at for open: the upper end may cross an edge, too.",
        ),
        "bound as interval": (
            _verdict_by(_renamed({"reached": "within", "missed": "below"})),
            "A lower bound has words of its own: reached or missed.",
        ),
        "bound above": (
            _verdict_by(_renamed({"reached": "above", "missed": "below"})),
            "Whoever is above a lower bound has reached it: its words are reached and missed.",
        ),
        "above and below": (
            _verdict_by(_renamed({"above": "below", "below": "above"})),
            "Above and below are swapped: above means that our mean is the larger one.",
        ),
        "reached and missed": (
            _verdict_by(_renamed({"reached": "missed", "missed": "reached"})),
            "Reached and missed are swapped: a lower bound is reached from its value upwards.",
        ),
    },
    cases=_verdict_cases,
    observe=_observe_verdict,
)
