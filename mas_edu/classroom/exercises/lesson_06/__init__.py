"""Exercises of lesson 06: Ω over samples and over tasks, a bug in a list, what is stored."""

from mas_edu.classroom.exercises.lesson_06.add import ADD
from mas_edu.classroom.exercises.lesson_06.guards import GUARDS
from mas_edu.classroom.exercises.lesson_06.in_force import IN_FORCE
from mas_edu.classroom.exercises.lesson_06.numbers import NUMBERS
from mas_edu.classroom.exercises.lesson_06.order import ORDER
from mas_edu.classroom.exercises.lesson_06.theta_bar import THETA_BAR

EXERCISES = (ADD, IN_FORCE, GUARDS, NUMBERS, THETA_BAR, ORDER)

EXPLAIN = "Explain to a friend why two rules that merge Ω cannot be compared at one λ."
