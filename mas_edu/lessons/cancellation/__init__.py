"""Lesson 04: opposite gradients cancel in a batch."""

from mas_edu.lessons.cancellation.drawing import describe, draw
from mas_edu.lessons.cancellation.experiment import cancel
from mas_edu.lessons.cancellation.quiz import QUIZ
from mas_edu.lessons.cancellation.widget import figure

__all__ = ["QUIZ", "cancel", "describe", "draw", "figure"]
