"""Exercises of lesson 07: figures that mislead, one to mend, its alt text, and two controls."""

from mas_edu.classroom.exercises.lesson_07.alt import DESCRIBED
from mas_edu.classroom.exercises.lesson_07.ink_control import CONTROL
from mas_edu.classroom.exercises.lesson_07.lies import WHICH
from mas_edu.classroom.exercises.lesson_07.repaired import REPAIRED
from mas_edu.classroom.exercises.lesson_07.shaken import SHAKEN

EXERCISES = (WHICH, REPAIRED, DESCRIBED, CONTROL, SHAKEN)

EXPLAIN = (
    "A poster shows a map of Ω and says: this is what the network learned. Explain what you ask."
)
