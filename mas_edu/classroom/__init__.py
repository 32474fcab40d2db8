"""The classroom: exercises that name the mistake, hints, grading a folder of submissions."""

from mas_edu.classroom.catalogue import all_exercises, find_exercise
from mas_edu.classroom.exercise import Exercise, Mistake
from mas_edu.classroom.in_notebook import check, hint, solution
from mas_edu.classroom.judging import Verdict

__all__ = [
    "Exercise",
    "Mistake",
    "Verdict",
    "all_exercises",
    "check",
    "find_exercise",
    "hint",
    "solution",
]
