"""Lesson 03: compute Ω by hand."""

from mas_edu.lessons.omega_by_hand.description import describe
from mas_edu.lessons.omega_by_hand.drawing import draw
from mas_edu.lessons.omega_by_hand.experiment import EDGES, NETS, Net
from mas_edu.lessons.omega_by_hand.quiz import QUIZ
from mas_edu.lessons.omega_by_hand.widget import figure

__all__ = ["EDGES", "NETS", "QUIZ", "Net", "describe", "draw", "figure"]
