"""Exercise 07.1, `lies`."""

from __future__ import annotations

from mas_edu.classroom.choices import judge_choices, wrong_choices
from mas_edu.classroom.exercise import Exercise
from mas_edu.classroom.exercises.lesson_07.figures import IMPORT

KINDS = {
    "own limits": "each map has colour limits of its own, but the claim compares them",
    "ranks": "the colours are ranks, but the claim reads them as sizes",
    "hidden zeros": "zeros have the colour of small values",
    "cut axis": "the axis does not begin at 0, but the claim compares heights",
    "swapped": "rows and columns are swapped",
    "honest": "the figure supports its claim",
}
LIES = {
    "A": "ranks",
    "B": "honest",
    "C": "cut axis",
    "D": "own limits",
    "E": "swapped",
    "F": "hidden zeros",
}
NOT_THIS = {  # why a figure is not of this kind
    "own limits": "{} has no two colour bars with different ends.",
    "ranks": "{} has no ranks on its axes or its colour bar.",
    "hidden zeros": "{} has no log scale, on which a zero would need a colour of its own.",
    "cut axis": "{} draws nothing whose height is to be compared.",
    "swapped": "Nothing in {} shows that rows and columns have changed places.",
}
NOT_HONEST = {
    "A": "A is not honest: read the label of its colour bar. Such colours fall evenly, whatever "
    "the values.",
    "C": "C is not honest: read its two numbers, then the number at which the axis begins.",
    "D": "D is not honest: read both ends of both colour bars before you compare colours.",
    "E": "E is not honest: a task is hardly known before it is learned. Read its first row again.",
    "F": "F is not honest: read where Ω begins, above the map, and look for it in the colour bar.",
}
WRONG_KINDS = {
    (letter, kind): NOT_HONEST[letter] if kind == "honest" else NOT_THIS[kind].format(letter)
    for letter, right in LIES.items()
    for kind in KINDS
    if kind != right
}

WHICH = Exercise(
    id="07.1",
    name="lies",
    points=2,
    asks="Six figures, each with a claim. One is honest. How do the others mislead? Choose for "
    "each letter:\n\n" + "\n".join(f'- `"{kind}"`: {text}.' for kind, text in KINDS.items()),
    before=IMPORT + "me.plots.show(figures.six(), alt=figures.SIX_IN_WORDS)",
    solution=LIES,
    start="lies = {\n" + "".join(f'    "{letter}": ...,\n' for letter in LIES) + "}",
    why="Limits, scale, axis and order decide what a picture seems to say; with shared limits, as "
    "in B, equal colours are equal numbers.",
    hints=(
        "What would each figure look like if its claim were false?",
        "Read both ends of each axis and colour bar, and their labels, before you look at colours.",
        "Ranks are even whatever the values. A log scale has no place for 0. What is not learned "
        "yet is not known yet.",
    ),
    mistakes=wrong_choices(LIES, WRONG_KINDS),
    judge=judge_choices(LIES, WRONG_KINDS),
    by_property=True,
)
