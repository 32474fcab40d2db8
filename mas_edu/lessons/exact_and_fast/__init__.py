"""How Ω is computed, and what that costs: the notebook "Exact, and as fast as a batch"."""

from mas_edu.lessons.exact_and_fast.drawing import describe, draw, seconds
from mas_edu.lessons.exact_and_fast.experiment import Costs, measure, plain_pass
from mas_edu.lessons.exact_and_fast.quiz import QUIZ
from mas_edu.lessons.exact_and_fast.widget import figure

__all__ = ["QUIZ", "Costs", "describe", "draw", "figure", "measure", "plain_pass", "seconds"]
