"""Exercises of lesson 01: the accuracy matrix, its four numbers, what forgetting looks like."""

from mas_edu.classroom.exercises.lesson_01.accuracy_matrix import MATRIX
from mas_edu.classroom.exercises.lesson_01.longer import LONGER
from mas_edu.classroom.exercises.lesson_01.metrics import METRICS
from mas_edu.classroom.exercises.lesson_01.which import WHICH

EXERCISES = (MATRIX, METRICS, LONGER, WHICH)

EXPLAIN = "Explain to a friend why a network forgets, and which two numbers show it."
