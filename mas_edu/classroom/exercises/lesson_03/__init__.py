"""Exercises of lesson 03: Ω by hand, by a loop, by a test of one's own, and Euler's relation."""

from mas_edu.classroom.exercises.lesson_03.accepts import ACCEPTS
from mas_edu.classroom.exercises.lesson_03.euler import EULER
from mas_edu.classroom.exercises.lesson_03.omega import OMEGA
from mas_edu.classroom.exercises.lesson_03.table import TABLE

EXERCISES = (TABLE, OMEGA, ACCEPTS, EULER)

EXPLAIN = "Explain to a friend what Ω of a weight says, and why it needs no labels."
