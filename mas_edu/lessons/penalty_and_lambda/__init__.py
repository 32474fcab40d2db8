"""Lesson 05: the penalty and λ."""

from mas_edu.lessons.penalty_and_lambda.description import describe
from mas_edu.lessons.penalty_and_lambda.drawing import draw
from mas_edu.lessons.penalty_and_lambda.experiment import LAMS, SCHEDULE, SEEDS, stream, tradeoff
from mas_edu.lessons.penalty_and_lambda.quiz import QUIZ, WORDS
from mas_edu.lessons.penalty_and_lambda.widget import figure

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
