"""Exercise 10.1, `audit`."""

from __future__ import annotations

from typing import Any

from mas_edu.classroom.exercise import Case, Exercise, FormError

STUDY = {
    "a": "Five tasks, the digits turned by 0° to 80°, in the same order for both methods.",
    "b": "Ours makes two passes over each task; the other makes one, as published.",
    "c": "Both use the same network, learning rate and batch size.",
    "d": "Each method has a λ of its own, out of equally many that were tried.",
    "e": "That λ is the one with the best mean accuracy on the test parts.",
    "f": "The largest λ that was tried, 1, is the best for the other method.",
    "g": "Ours starts from the weights of seed 0, the other from those of seed 1.",
    "h": "We report one run of each.",
    "i": "Joint training is shown as an upper bound.",
    "j": "Accuracy is the mean over all five tasks after the last one.",
}
MISSED = {  # what to look at, where a flaw was not found
    "b": "A flaw is missing: count the updates that each method makes.",
    "e": "A flaw is missing: look at the part on which λ is chosen.",
    "f": "A flaw is missing: see whether a better λ may lie beyond those that were tried.",
    "g": "A flaw is missing: compare what the two methods start from.",
    "h": "A flaw is missing: ask what tells a better method from a lucky seed.",
}
NO_FLAW = {  # why a line is fair
    "a": "Line a is fair: both methods meet the same tasks in the same order.",
    "c": "Line c is fair: what both share favours neither.",
    "d": "Line d is fair: methods measure Ω in different units, so one λ for all would favour one.",
    "i": "Line i is fair: an upper bound shows what there is to gain, and is no rival.",
    "j": "Line j is fair: the mean over all tasks at the end counts old and new alike.",
}
FLAWS = ["b", "e", "f", "g", "h"]


def _observe_audit(answer: Any, case: Case) -> Any:
    if not isinstance(answer, set | list | tuple) or not all(one in STUDY for one in answer):
        raise FormError('expected a list of letters from a to j, such as ["a", "b"]')
    return set(answer)


def _judge_audit(case: Case, found: Any) -> str:
    wrong = [NO_FLAW[letter] for letter in sorted(found - set(FLAWS))]
    missed = [MISSED[letter] for letter in sorted(set(FLAWS) - found)]
    return next(iter((*wrong, *missed)), "")


AUDIT = Exercise(
    id="10.1",
    name="audit",
    points=1,
    asks="Which five lines of this study make the comparison unfair, or its result worth little?"
    "\n\n" + "\n".join(f"- **{letter}** {line}" for letter, line in STUDY.items()),
    solution=FLAWS,
    why="More updates (b), a choice by test (e), a range that ends at the best (f), another start "
    "(g), and a single seed (h): each can make a difference that no method has earned.",
    hints=(
        "Which of the lines would be different if the two methods changed their names?",
        "Go through what must be the same (start, updates, tries), and what must be honest (λ, "
        "seeds).",
        "Updates, the part that chooses λ, the end of its range, the initial weights, the number "
        "of seeds.",
    ),
    mistakes={
        **{
            f"without {one}": ([flaw for flaw in FLAWS if flaw != one], words)
            for one, words in MISSED.items()
        },
        **{f"with {one}": ([*FLAWS, one], words) for one, words in NO_FLAW.items()},
    },
    observe=_observe_audit,
    judge=_judge_audit,
    by_property=True,
    start='audit = ...  # a list of five letters, such as ["a", "b", "c", "d", "e"]',
)
