"""Exercise 07.3, `alt`."""

from __future__ import annotations

import re
from typing import Any

from mas_edu.classroom.exercise import Case, Exercise, FormError
from mas_edu.classroom.exercises.lesson_07.figures import IMPORT, THREE_TASKS

NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)?(?!\d*\s?°)")
CELLS = [cell for row in THREE_TASKS for cell in row]
FALLS = [
    above[j] - below[j]
    for k, below in enumerate(THREE_TASKS)
    for above in THREE_TASKS[:k]
    for j in range(len(above))
]  # of the accuracy on a task, between any two moments
ROUNDED = 2.5  # per cent: 38 may be called 40
SHORTEST, LONGEST = 40, 300  # characters
SENTENCES = (
    "Accuracy on three tasks after learning each of them. ",
    "Each task begins between 92 and 95 %. ",
    "Then task 1 falls to 61 and to 38 %, and task 2 to 70 %.",
)
ALT = "".join(SENTENCES)


def _observe_alt(answer: Any, case: Case) -> str:
    if not isinstance(answer, str):
        raise FormError("expected a text in quotation marks")
    return " ".join(answer.split())


def _shown_numbers(text: str) -> list[float]:
    """Return the numbers in a text as per cent, without those that count or name tasks."""
    found = [float(one.replace(",", ".")) for one in NUMBER.findall(text)]
    percent = [100 * one if 0 < one < 1 else one for one in found]
    return [one for one in percent if one > len(THREE_TASKS)]


def _is_in_figure(number: float, values: list[float]) -> bool:
    return any(abs(number - value) <= ROUNDED for value in values)


RULES = {
    "image of": "Leave out “image of”: a screen reader says that by itself. Begin with what is "
    "measured.",
    "short": f"It is too short: use {SHORTEST} characters or more to say what is measured and what "
    "happens.",
    "long": f"It is too long for listeners, who cannot skim: use at most {LONGEST} characters.",
    "what": "It does not say what is measured: the numbers are accuracies.",
    "task": "It names no task: say on which task the accuracy changes.",
    "colours": "It names colours, which listeners do not see: say what they stand for.",
    "numbers": "It has no number, in digits, from the figure: give one or two that matter.",
    "other numbers": "A number in it is not in the figure, not even rounded: read the cells again.",
    "extreme": "The main thing is missing: give the number at which the largest fall ends.",
}


def _judge_alt(case: Case, found: Any) -> str:
    text, numbers = found.lower(), _shown_numbers(found)
    broken = {
        "image of": re.search(r"\b(image|picture|figure|plot|graphic|photo)\b", text),
        "short": len(text) < SHORTEST,
        "long": len(text) > LONGEST,
        "what": not re.search("accura|correct|right answers", text),
        "task": not re.search(r"\btask", text),
        "colours": re.search(r"\b(yellow|blue|gr[ae]y|dark|bright|light|colou?r)", text),
        "numbers": not numbers,
        "other numbers": not all(_is_in_figure(one, CELLS + FALLS) for one in numbers),
        "extreme": not any(_is_in_figure(one, [min(CELLS), max(FALLS)]) for one in numbers),
    }
    return next((words for name, words in RULES.items() if broken[name]), "")


DESCRIBED = Exercise(
    id="07.3",
    name="alt",
    points=1,
    asks="Write the alt text of this figure, for those who cannot see it: what is measured, on "
    f"what, and the main thing that happens, with one or two numbers; {SHORTEST} to {LONGEST} "
    "characters. The rows hold 95; then 61 and 94; then 38, 70 and 92 %. Rules judge it, not a "
    "reader: let somebody read yours, too.",
    before=IMPORT + 'alt_here = "Accuracy on three tasks after each of them; the numbers stand '
    'above."\nme.plots.show(figures.three_tasks(), alt=alt_here)',
    solution=ALT,
    code="\n".join(["alt = (", *(f"    {sentence!r}" for sentence in SENTENCES), ")"]),
    start="alt = ...  # a text",
    why="Who listens gets what a reader sees first: the quantity, its range, and the largest "
    "change, with numbers instead of colours.",
    hints=(
        "What would you say about it on the telephone, in two sentences?",
        "First what is measured and on what, then what changes most, from where to where.",
        "Say that it is accuracy on three tasks, where they begin, and to which number task 1 "
        "falls.",
    ),
    mistakes={
        "image of": (f"Image of {ALT}", RULES["image of"]),
        "short": ("Accuracy: task 1 falls to 38 %.", RULES["short"]),
        "long": (f"{ALT} {ALT} {ALT}", RULES["long"]),
        "what": (
            "Three tasks, one after the other: task 1 falls from 95 to 38 %, task 2 to 70 %.",
            RULES["what"],
        ),
        "task": ("The accuracy falls from 95 to 61 and then to 38 % at the end.", RULES["task"]),
        "colours": (
            "Accuracy on three tasks: yellow on the diagonal, dark where task 1 ends, at 38 %.",
            RULES["colours"],
        ),
        "numbers": (
            "Accuracy on three tasks: each is learned well, task 1 is forgotten most.",
            RULES["numbers"],
        ),
        "other numbers": (
            "Accuracy on three tasks: task 1 falls from 95 to 83 and then to 38 %.",
            RULES["other numbers"],
        ),
        "extreme": (
            "Accuracy on three tasks after each of them: all are learned to 92 % or more.",
            RULES["extreme"],
        ),
    },
    observe=_observe_alt,
    judge=_judge_alt,
    by_property=True,
)
