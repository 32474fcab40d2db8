"""Exercise 09.5, `steering`."""

from __future__ import annotations

from mas_edu.classroom.exercise import Exercise

STEERING = Exercise(
    id="09.5",
    name="steering",
    points=1,
    asks="What does it cost to choose? Run the lesson's experiment for the digits 4 and 7, three "
    "seeds, each Ω at its own λ; a few seconds in all:\n\n"
    "```python\n"
    "from mas_edu.lessons import what_not_to_forget as lesson\n\n"
    'sources = ("all digits", "chosen digits", "chosen digits, chosen logits")\n'
    "lams = {source: lesson.study().lam(source, (4, 7)) for source in sources}\n"
    "rest = lesson.others((4, 7))\n"
    "for found in lesson.over_seeds((4, 7), lams, seeds=range(3)):\n"
    "    print({s: (one.on((4, 7)), one.on(rest), one.new) for s, one in found.items()})\n"
    "```\n\n"
    "Then choose the sentence that holds for each of the three seeds:\n\n"
    "- `A`: choosing the images alone keeps 4 and 7 and gives the others up.\n"
    "- `B`: with the logits chosen as well, the others lose far more than 4 and 7 gain.\n"
    "- `C`: with the logits chosen as well, 4 and 7 gain about as much as the others lose.\n"
    "- `D`: with the logits chosen as well, it is the new task that pays.",
    solution="B",
    start='steering = ...  # "A", "B", "C" or "D"',
    why="Nothing holds the output weights of the other digits, so they are given up; 4 and 7 were "
    "kept by any Ω already, so there is little to gain.",
    hints=(
        "Which three numbers are printed for each Ω, and against which Ω do you compare?",
        "Subtract seed by seed: what do 4 and 7 gain against Ω from all digits, what do the others "
        "lose, what does the new task lose?",
        "Compare the first and the third Ω of each seed: one of the differences is far larger than "
        "the two others.",
    ),
    mistakes={
        "images": (
            "A",
            "With the images alone the others stay within a point or two: compare the first two Ω.",
        ),
        "equal": (
            "C",
            "Subtract seed by seed: the others lose over 20 points, 4 and 7 gain a few at most.",
        ),
        "new task": (
            "D",
            "The new task stays within two points, λ was chosen so: look at the other old digits.",
        ),
    },
    judge=lambda case, found: "" if found == "B" else 'Choose "A", "B", "C" or "D".',
    by_property=True,
)
