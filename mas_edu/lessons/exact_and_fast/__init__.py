"""Lesson A1, "Exact, and as fast as a batch": compute Ω, and measure the cost."""

from mas_edu.lessons.exact_and_fast.drawing import describe, draw, seconds
from mas_edu.lessons.exact_and_fast.experiment import Costs, measure, plain_pass
from mas_edu.lessons.exact_and_fast.quiz import QUIZ
from mas_edu.lessons.exact_and_fast.widget import figure

__all__ = ["QUIZ", "Costs", "describe", "draw", "figure", "measure", "plain_pass", "seconds"]
