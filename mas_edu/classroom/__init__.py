"""The classroom: exercises that name the mistake, hints, grading a folder of submissions."""

from mas_edu.classroom.catalogue import all_exercises, find_exercise
from mas_edu.classroom.exercise import Exercise, FormError, Mistake
from mas_edu.classroom.grading.gradebook import Filled, fill_gradebook
from mas_edu.classroom.grading.grades import Grade, Grader, exercises_in
from mas_edu.classroom.grading.limits import Limits
from mas_edu.classroom.grading.pages import (
    WRITTEN_FILES,
    WRITTEN_FOLDERS,
    feedback_text,
    write_pages,
)
from mas_edu.classroom.grading.submissions import Submission, find_submissions
from mas_edu.classroom.in_notebook import check, hint, solution
from mas_edu.classroom.judging import Verdict
from mas_edu.classroom.own_exercises import load_exercises
from mas_edu.classroom.progress import CheckedExercise, Progress, delete_progress, reader_progress

__all__ = [
    "WRITTEN_FILES",
    "WRITTEN_FOLDERS",
    "CheckedExercise",
    "Exercise",
    "Filled",
    "FormError",
    "Grade",
    "Grader",
    "Limits",
    "Mistake",
    "Progress",
    "Submission",
    "Verdict",
    "all_exercises",
    "check",
    "delete_progress",
    "exercises_in",
    "feedback_text",
    "fill_gradebook",
    "find_exercise",
    "find_submissions",
    "hint",
    "load_exercises",
    "reader_progress",
    "solution",
    "write_pages",
]
