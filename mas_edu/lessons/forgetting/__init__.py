"""Lesson 01: see a task being forgotten."""

from mas_edu.lessons.forgetting.drawing import describe, draw
from mas_edu.lessons.forgetting.experiment import forget
from mas_edu.lessons.forgetting.quiz import QUIZ, WORDS
from mas_edu.lessons.forgetting.widget import figure

__all__ = ["QUIZ", "WORDS", "describe", "draw", "figure", "forget"]
