"""Lesson 04: opposite gradients cancel in a batch."""

from mas_edu.lessons.cancellation.experiment import cancel
from mas_edu.lessons.cancellation.widget import QUIZ, describe, draw, figure

__all__ = ["QUIZ", "cancel", "describe", "draw", "figure"]
