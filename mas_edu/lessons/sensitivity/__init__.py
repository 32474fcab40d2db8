"""Lesson 02: sensitivity on two parameters."""

from mas_edu.lessons.sensitivity.drawing import describe, draw
from mas_edu.lessons.sensitivity.experiment import THETA_A, inputs, valleys
from mas_edu.lessons.sensitivity.quiz import QUIZ
from mas_edu.lessons.sensitivity.widget import figure

__all__ = ["QUIZ", "THETA_A", "describe", "draw", "figure", "inputs", "valleys"]
