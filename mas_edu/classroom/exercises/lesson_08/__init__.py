"""Exercises of lesson 08: local Ω, where batches are harmless, and what local Ω leaves out."""

from mas_edu.classroom.exercises.lesson_08.carry import CARRY
from mas_edu.classroom.exercises.lesson_08.harmless import WHERE
from mas_edu.classroom.exercises.lesson_08.local_omega import LOCAL
from mas_edu.classroom.exercises.lesson_08.rescaled import RESCALED
from mas_edu.classroom.exercises.lesson_08.signed import SIGNED

EXERCISES = (LOCAL, WHERE, SIGNED, RESCALED, CARRY)

EXPLAIN = "Explain to a friend what local Ω of a weight knows, and what it cannot know."
