"""Lesson 06: many tasks."""

from mas_edu.lessons.many_tasks.drawing import describe, draw
from mas_edu.lessons.many_tasks.experiment import compare, soft, strength, train
from mas_edu.lessons.many_tasks.quiz import QUIZ, WORDS
from mas_edu.lessons.many_tasks.rules import RULES
from mas_edu.lessons.many_tasks.stored import LAMS, SEEDS, own_lams, stream, validation
from mas_edu.lessons.many_tasks.widget import figure

__all__ = [
    "LAMS",
    "QUIZ",
    "RULES",
    "SEEDS",
    "WORDS",
    "compare",
    "describe",
    "draw",
    "figure",
    "own_lams",
    "soft",
    "stream",
    "strength",
    "train",
    "validation",
]
