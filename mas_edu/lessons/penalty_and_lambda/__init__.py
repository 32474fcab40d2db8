"""Lesson 05: the penalty and λ."""

from mas_edu.lessons.penalty_and_lambda.experiment import LAMS, SCHEDULE, SEEDS, stream, tradeoff
from mas_edu.lessons.penalty_and_lambda.widget import QUIZ, WORDS, describe, draw, figure

__all__ = [
    "LAMS",
    "QUIZ",
    "SCHEDULE",
    "SEEDS",
    "WORDS",
    "describe",
    "draw",
    "figure",
    "stream",
    "tradeoff",
]
