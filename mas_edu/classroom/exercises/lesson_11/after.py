"""Exercise 11.4, `after`."""

from __future__ import annotations

from mas_edu.classroom.choices import judge_choices, wrong_choices
from mas_edu.classroom.exercise import Exercise

CAME_OUT = {"task": "nothing to gain", "domain": "a little gained", "class": "out of reach"}
WRONG_OUTCOMES = {
    ("task", "a little gained"): "In task-incremental runs look at fine-tuning first: how far is "
    "it from joint training.",
    ("task", "out of reach"): "In task-incremental runs all three are close together, near 100 %: "
    "the mask does the work.",
    (
        "domain",
        "nothing to gain",
    ): "In domain-incremental runs fine-tuning is more than five points "
    "below joint training: something can be gained.",
    ("domain", "out of reach"): "In domain-incremental runs the paired interval of MAS minus "
    "fine-tuning lies above 0: look at it again.",
    ("class", "nothing to gain"): "In class-incremental runs joint training reaches over 90 %, and "
    "fine-tuning only keeps the last pair.",
    ("class", "a little gained"): "In class-incremental runs no penalty and no seed reaches 60 %, "
    "and joint training is above 90 %.",
}

AFTER = Exercise(
    id="11.4",
    name="after",
    points=1,
    asks="What came out in the lesson, for MAS at its best λ between fine-tuning and joint "
    'training? For each scenario choose "nothing to gain", "a little gained" or "out of reach" '
    "(joint training is far above every penalty, in every seed).",
    solution=CAME_OUT,
    why="With a mask fine-tuning is near joint training already; with one shared question MAS "
    "gains a little; among all classes no penalty learns to compare old with new.",
    hints=(
        "In which scenario are fine-tuning and joint training nearly the same?",
        "Find the three tables of the lesson, and compare MAS with both of its neighbours.",
        "One row of bars is high throughout, one a little above fine-tuning, one far below joint.",
    ),
    mistakes=wrong_choices(CAME_OUT, WRONG_OUTCOMES),
    judge=judge_choices(CAME_OUT, WRONG_OUTCOMES),
    by_property=True,
    start='after = {"task": ..., "domain": ..., "class": ...}',
)

EXPLAIN = "Explain how a network can fail at “which digit?” and do well at “which of the two?”."
