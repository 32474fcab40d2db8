"""Exercises of lesson 10: an audit, two other importances, paired intervals, and chance."""

from mas_edu.classroom.exercises.lesson_10.audit import AUDIT
from mas_edu.classroom.exercises.lesson_10.expected_by_chance import CHANCE
from mas_edu.classroom.exercises.lesson_10.fisher import FISHER
from mas_edu.classroom.exercises.lesson_10.interval_of_gap import PAIRED
from mas_edu.classroom.exercises.lesson_10.si import SI

EXERCISES = (AUDIT, FISHER, SI, PAIRED, CHANCE)

EXPLAIN = "A table has somebody's own method on top. Explain what you ask before you believe it."
