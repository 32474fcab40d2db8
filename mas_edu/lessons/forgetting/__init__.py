"""Lesson 01: see a task being forgotten."""

from mas_edu.lessons.forgetting.widget import QUIZ, WORDS, describe, draw, figure, forget

__all__ = ["QUIZ", "WORDS", "describe", "draw", "figure", "forget"]
