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
    "interval",
    "penalty",
)

QUIZ = (
    Question(
        "A table compares ten methods, all with λ = 1. The authors' own method is on top. Is it"
        " the best?",
        (
            "Yes: λ is the same for all ten, so all methods were treated alike.",
            False,
            "The same number is not the same treatment. Each Ω has its own scale, so λ = 1 may "
            "be weak for one method and far too strong for another.",
        ),
        (
            "No: with a fair λ for each, some other method would be on top.",
            False,
            "It may still be the best. An unfair table does not show the opposite either.",
        ),
        (
            "You cannot say: λ = 1 may suit this method better than the others.",
            True,
            "Each method needs its own λ, chosen by the same rule from a wide enough range.",
        ),
    ),
    Question(
        "A − B is +1 point over five seeds, the paired interval −0.5 to +2.5. What do you write?",
        (
            "These seeds do not tell A from B; A may be behind by 0.5 or ahead by 2.5.",
            True,
            "Say what you saw and how large a difference is still possible. Or run more seeds.",
        ),
        (
            "A is better than B by 1 point, since most of the interval is above 0.",
            False,
            "The interval contains 0: a difference like this can come from the seeds alone.",
        ),
        (
            "A and B are equally good, since the interval contains 0.",
            False,
            "That you see no difference does not show that there is none: +2 points fit as well.",
        ),
    ),
    Question(
        "Of eight methods you take the best and the worst, and their interval excludes 0. Is "
        "that proof?",
        (
            "Yes: a 95 % interval is wrong only one time in twenty.",
            False,
            "That holds for two methods named beforehand. You chose the widest gap of 28 pairs.",
        ),
        (
            "Less than it looks: you picked the pair by the same numbers.",
            True,
            "Name the pair before, or take a wider interval for so many pairs, or run new seeds.",
        ),
        (
            "No: only methods next to each other in the ranking can be compared.",
            False,
            "Neighbours are picked by the same numbers, too. What matters is to choose beforehand.",
        ),
    ),
)

# What answers each objective of the header, by its first words: questions and checks (cells).
OBJECTIVES = {
    "find four ways": ("shared", "test", "seed", "quiz 1"),
    "compare methods with": ("same", "lam", "fair-claim"),
    "read from a paired interval": ("fair-claim", "chance", "quiz 2", "quiz 3"),
    "say how many seeds": ("seed", "quiz 2"),
}
