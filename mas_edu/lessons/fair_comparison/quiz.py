"""Questions and words of lesson 10."""

from mas_edu.widgets import Question

WORDS = (
    "average",
    "forgetting",
    "learned",
    "fine-tuning",
    "joint training",
    "λ",
    "Ω",
    "L2",
    "batch form",
    "validation part",
    "seed",
    "penalty",
)

QUIZ = (
    Question(
        "A table compares ten methods, all with λ = 1. The authors' own method is on top. Is it "
        "the best?",
        (
            "Yes: all methods were treated alike.",
            False,
            "The same number is not the same treatment. Each Ω has its own scale, so λ = 1 may be "
            "weak for one method and far too strong for another.",
        ),
        (
            "It cannot be said: λ = 1 may suit this method, and others may have a better λ.",
            True,
            "Each method needs its own λ, chosen by the same rule from a wide enough range.",
        ),
        (
            "No: with a fair λ another one would be on top.",
            False,
            "It may still be the best. An unfair table does not show the opposite either.",
        ),
    ),
    Question(
        "A − B is +1 point over five seeds, the paired interval −0.5 to +2.5. What do you write?",
        (
            "A is better than B by 1 point.",
            False,
            "The interval contains 0: a difference like this can come from the seeds alone.",
        ),
        (
            "A and B are equally good.",
            False,
            "Not seeing a difference does not show that there is none: +2 points fit as well.",
        ),
        (
            "These seeds do not tell A from B; A may be behind by 0.5 or ahead by 2.5.",
            True,
            "Say what was seen and how large a difference is still possible. Or run more seeds.",
        ),
    ),
    Question(
        "Of eight methods you take the best and the worst, and their interval excludes 0. Proof?",
        (
            "Yes: a 95 % interval is wrong only one time in twenty.",
            False,
            "That holds for two methods named beforehand. You chose the widest gap of 28 pairs.",
        ),
        (
            "Less than it looks: you picked the pair by the numbers that you test.",
            True,
            "Name the pair before, or take a wider interval for so many pairs, or run new seeds.",
        ),
        (
            "No: one should compare neighbours in the ranking.",
            False,
            "Those are picked by the same numbers too. What matters is to choose beforehand.",
        ),
    ),
)
