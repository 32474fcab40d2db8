"""Valid answers to the exercises of lesson 12."""

from __future__ import annotations

import math

import numpy as np

from mas_edu.classroom.exercises.lesson_12 import study


def verdict_by_sides(published, low, high):
    def side(value):
        return int(np.searchsorted(published, value))

    bound = math.isinf(published[1])
    words = ["missed", "reached"] if bound else ["below", "within", "above"]
    return words[side((low + high) / 2)] + (", open" if side(low) != side(high) else "")


def verdict_by_distance(published, low, high):
    bottom, top = published
    mean = low + (high - low) / 2
    if top == float("inf"):
        word = "missed" if mean < bottom else "reached"
        decided = (low >= bottom) == (high >= bottom)
    else:
        far = abs(mean - (bottom + top) / 2) - (top - bottom) / 2
        word = "within" if far <= 0 else ("above" if mean > top else "below")
        decided = low > top or high < bottom or (bottom <= low and high <= top)
    return word if decided else f"{word}, open"


ONE_SETTING = study.evidence(
    sentence="MAS keeps more than 70 %.",
    number=80.0,
    low=72.55,
    high=87.45,
    than=70,
    minus=[],
)
ROUNDED = study.evidence(number=30, low=25.0, high=35.0)

VARIANTS = {
    "12.1": [verdict_by_sides, verdict_by_distance],
    "12.2": [("h", "f", "b", "a"), {"a", "b", "f", "h"}],
    "12.3": [ONE_SETTING, ROUNDED],
}
