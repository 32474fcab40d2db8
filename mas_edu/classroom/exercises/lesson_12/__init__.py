"""Exercises of lesson 12: a verdict by interval, differences that count, a study of one's own."""

from mas_edu.classroom.exercises.lesson_12.deviations import DEVIATIONS
from mas_edu.classroom.exercises.lesson_12.study import STUDY
from mas_edu.classroom.exercises.lesson_12.verdict import VERDICT

EXERCISES = (VERDICT, DEVIATIONS, STUDY)

EXPLAIN = "A friend says: your number differs from the paper's, so the paper is wrong. Answer."
