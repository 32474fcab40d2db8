"""Lesson 11: scenarios."""

from mas_edu.lessons.scenarios.drawing import describe, draw
from mas_edu.lessons.scenarios.experiment import SCENARIOS, SCHEDULE, SEEDS, asked, stream
from mas_edu.lessons.scenarios.quiz import QUIZ, WORDS
from mas_edu.lessons.scenarios.stored import LAMS, compare, runs
from mas_edu.lessons.scenarios.widget import figure

__all__ = [
    "LAMS",
    "QUIZ",
    "SCENARIOS",
    "SCHEDULE",
    "SEEDS",
    "WORDS",
    "asked",
    "compare",
    "describe",
    "draw",
    "figure",
    "runs",
    "stream",
]
