"""Lesson 09: what (not) to forget."""

from mas_edu.lessons.what_not_to_forget.drawing import describe, draw
from mas_edu.lessons.what_not_to_forget.experiment import (
    CHOICES,
    SOURCES,
    asked,
    images_of,
    importance,
    keep,
    others,
    over_seeds,
    reader,
    stream,
)
from mas_edu.lessons.what_not_to_forget.quiz import QUIZ, WORDS
from mas_edu.lessons.what_not_to_forget.stored import LAMS, PRICE, study
from mas_edu.lessons.what_not_to_forget.widget import figure

__all__ = [
    "CHOICES",
    "LAMS",
    "PRICE",
    "QUIZ",
    "SOURCES",
    "WORDS",
    "asked",
    "describe",
    "draw",
    "figure",
    "images_of",
    "importance",
    "keep",
    "others",
    "over_seeds",
    "reader",
    "stream",
    "study",
]
