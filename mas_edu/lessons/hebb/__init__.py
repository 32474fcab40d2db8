"""Lesson 08: Hebb's rule, Ω of one layer at a time."""

from mas_edu.lessons.hebb.drawing import describe, draw
from mas_edu.lessons.hebb.experiment import (
    DEPTHS,
    SCHEDULE,
    SEEDS,
    network,
    networks,
    over_seeds,
    rank_correlation,
    task,
)
from mas_edu.lessons.hebb.quiz import QUIZ, WORDS
from mas_edu.lessons.hebb.stored import LAMS, runs
from mas_edu.lessons.hebb.widget import figure

__all__ = [
    "DEPTHS",
    "LAMS",
    "QUIZ",
    "SCHEDULE",
    "SEEDS",
    "WORDS",
    "describe",
    "draw",
    "figure",
    "network",
    "networks",
    "over_seeds",
    "rank_correlation",
    "runs",
    "task",
]
