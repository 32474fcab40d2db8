"""Exercises of lesson 04: what cancels in a batch, how the bug looks, whether it matters."""

from mas_edu.classroom.exercises.lesson_04.counter import COUNTER
from mas_edu.classroom.exercises.lesson_04.found import FIND
from mas_edu.classroom.exercises.lesson_04.kept import KEPT
from mas_edu.classroom.exercises.lesson_04.omega_linear import LINEAR
from mas_edu.classroom.exercises.lesson_04.verdict import VERDICT

EXERCISES = (KEPT, FIND, LINEAR, VERDICT, COUNTER)

EXPLAIN = "Explain why the absolute value belongs before the mean; use two samples as your example."
