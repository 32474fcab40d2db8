"""Exercises of lesson 05: the penalty, a step with it, λ, and why training blows up."""

from mas_edu.classroom.exercises.lesson_05.choose import CHOICE
from mas_edu.classroom.exercises.lesson_05.largest_stable import STABLE
from mas_edu.classroom.exercises.lesson_05.penalty import PENALTY
from mas_edu.classroom.exercises.lesson_05.proximal import PROXIMAL
from mas_edu.classroom.exercises.lesson_05.train_step import STEP

EXERCISES = (PENALTY, STEP, CHOICE, STABLE, PROXIMAL)

EXPLAIN = "Explain to a friend what λ does, and what happens at both of its ends."
