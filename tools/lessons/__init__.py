"""The lessons from outside: their notebooks, the form they share, and what each of them costs."""

from tools.lessons.form import COST, RULES, problems
from tools.lessons.lesson import BESIDE, FAST, LESSONS, Lesson

__all__ = ["BESIDE", "COST", "FAST", "LESSONS", "RULES", "Lesson", "problems"]
