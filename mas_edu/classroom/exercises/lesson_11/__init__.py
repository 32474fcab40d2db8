"""Exercises of lesson 11: three scenarios, the mask, and one network asked in three ways."""

from mas_edu.classroom.exercises.lesson_11.after import AFTER
from mas_edu.classroom.exercises.lesson_11.cards import CARDS_SORTED
from mas_edu.classroom.exercises.lesson_11.masked_loss import MASKED
from mas_edu.classroom.exercises.lesson_11.readings import READINGS

EXERCISES = (CARDS_SORTED, MASKED, READINGS, AFTER)

EXPLAIN = "Explain how a network can fail at “which digit?” and do well at “which of the two?”."
