"""Exercises of lesson 09: Ω without labels, of chosen images, as they come in, and at a price."""

from mas_edu.classroom.exercises.lesson_09.affordable import AFFORDABLE
from mas_edu.classroom.exercises.lesson_09.keep import KEEP
from mas_edu.classroom.exercises.lesson_09.peeks import PEEKS
from mas_edu.classroom.exercises.lesson_09.steering import STEERING
from mas_edu.classroom.exercises.lesson_09.update import UPDATE

EXERCISES = (PEEKS, KEEP, UPDATE, AFFORDABLE, STEERING)

EXPLAIN = (
    "Explain to a friend what a network keeps if nobody chooses, and who pays if somebody does."
)
