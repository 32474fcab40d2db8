"""Lesson 10: a fair comparison."""

from mas_edu.lessons.fair_comparison.drawing import describe, draw
from mas_edu.lessons.fair_comparison.experiment import WAYS, compare, gains
from mas_edu.lessons.fair_comparison.quiz import QUIZ, WORDS
from mas_edu.lessons.fair_comparison.stored import (
    LAMS,
    METHODS,
    RIVALS,
    SCHEDULE,
    SEEDS,
    chosen,
    runs,
    stream,
)
from mas_edu.lessons.fair_comparison.widget import figure

__all__ = [
    "LAMS",
    "METHODS",
    "QUIZ",
    "RIVALS",
    "SCHEDULE",
    "SEEDS",
    "WAYS",
    "WORDS",
    "chosen",
    "compare",
    "describe",
    "draw",
    "figure",
    "gains",
    "runs",
    "stream",
]
