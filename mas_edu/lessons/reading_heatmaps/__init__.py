"""Lesson 07: read a map of Ω only beside a control."""

from mas_edu.lessons.reading_heatmaps.drawing import describe, draw
from mas_edu.lessons.reading_heatmaps.experiment import SCHEDULE, correlation, maps
from mas_edu.lessons.reading_heatmaps.quiz import QUIZ, WORDS
from mas_edu.lessons.reading_heatmaps.widget import figure

__all__ = [
    "QUIZ",
    "SCHEDULE",
    "WORDS",
    "correlation",
    "describe",
    "draw",
    "figure",
    "maps",
]
