"""Exercises of lesson 02: Ω of two weights, where it is blind, and when MAS is L2."""

from mas_edu.classroom.exercises.lesson_02.blind import BLIND
from mas_edu.classroom.exercises.lesson_02.inputs import INPUTS
from mas_edu.classroom.exercises.lesson_02.omega import OMEGA
from mas_edu.classroom.exercises.lesson_02.shift import SHIFT

EXERCISES = (OMEGA, BLIND, SHIFT, INPUTS)

EXPLAIN = "Explain to a friend why a weight can be important although its Ω is 0."
