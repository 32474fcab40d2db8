"""Exercise 01.3, `longer`."""

from __future__ import annotations

from mas_edu.classroom.exercise import Exercise

LONGER = Exercise(
    id="01.3",
    name="longer",
    points=1,
    asks="Task B is learned for 1, then 10, then 100 epochs (`me.Schedule(epochs=…, lr=0.003)` "
    "for B alone, A as before). Try it, then choose the true sentence: `A`, the longer B, the "
    "less is left of A, down to guessing; `B`, A falls and then comes back; `C`, A stops falling "
    "once B is learned; `D`, A is kept, whatever B does.",
    solution="A",
    start='longer = ...  # "A", "B", "C" or "D"',
    why="Nothing in the loss speaks of A: every further update for B may move weights that A "
    "needs, also after B is nearly perfect.",
    hints=(
        "Is there anything in the loss of B that knows of A?",
        "Look at A after 10 and after 100 epochs, and at B beside it.",
        "From 10 to 100 epochs B gains little; see whether A still falls.",
    ),
    mistakes={
        "comes back": (
            "B",
            "A does not come back: nothing in B's loss pulls towards A. Look at 100 epochs.",
        ),
        "stops": (
            "C",
            "A goes on falling while B hardly improves: compare 10 with 100 epochs.",
        ),
        "kept": (
            "D",
            "A is not kept: without a penalty each update for B may undo what A needs.",
        ),
    },
)
