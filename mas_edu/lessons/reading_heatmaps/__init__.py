"""Lesson 07: reading heatmaps."""

from mas_edu.lessons.reading_heatmaps.drawing import describe, draw
from mas_edu.lessons.reading_heatmaps.experiment import (
    LAYER,
    LIKENESS,
    SCHEDULE,
    SEEDS,
    correlation,
    maps,
    network,
)
from mas_edu.lessons.reading_heatmaps.matrices import describe_matrices, draw_matrices
from mas_edu.lessons.reading_heatmaps.quiz import QUIZ, WORDS
from mas_edu.lessons.reading_heatmaps.widget import figure

__all__ = [
    "LAYER",
    "LIKENESS",
    "QUIZ",
    "SCHEDULE",
    "SEEDS",
    "WORDS",
    "correlation",
    "describe",
    "describe_matrices",
    "draw",
    "draw_matrices",
    "figure",
    "maps",
    "network",
]
