"""Questions and words of lesson 09."""

from mas_edu.widgets import Question

WORDS = (
    "MAS",
    "Ω",
    "adaptation",
    "logits",
    "penalty",
    "λ",
    "validation part",
    "seed",
    "paired difference",
)

QUIZ = (
    Question(
        "Your device meets images that nobody has labelled. Can Ω be computed from them?",
        (
            "No: without labels there is no loss to take the gradient of.",
            False,
            "Ω is not the gradient of a loss. It is that of ‖F(x)‖², which needs x alone.",
        ),
        (
            "Yes: Ω asks how strongly the outputs move, not whether they are right.",
            True,
            "So images met in use will do, as they come, and Ω can be updated as more come in.",
        ),
        (
            "Yes, if the network's own predictions are taken as labels.",
            False,
            "You could, for other methods. Ω of MAS does not even need the predictions.",
        ),
    ),
    Question(
        "Ω from the chosen digits hardly separates them from the others. Why?",
        (
            "The seeds differ so much that nothing can be seen.",
            False,
            "Paired by seed the interval is narrow: what effect there is, it is small.",
        ),
        (
            "λ was too small for Ω to have any effect.",
            False,
            "Look at the hollow and full marks: every digit is kept far better than with nothing.",
        ),
        (
            "Both need much the same weights, so holding them helps all digits.",
            True,
            "Ω from the chosen and Ω from the others put the weights in much the same order.",
        ),
    ),
    Question(
        "The norm is taken over the chosen logits alone, and the gap opens. Where from?",
        (
            "Mostly the others are given up: nothing holds their outputs.",
            True,
            "Their output weights have Ω = 0. The chosen gain little; the others lose much.",
        ),
        (
            "Mostly the chosen are kept much better than before.",
            False,
            "Compare both with Ω from all digits: the chosen gain little, the others lose much.",
        ),
        (
            "Mostly the new task is learned less well, which leaves room.",
            False,
            "Every λ was chosen for the same price: at most so much of the new task, whatever Ω.",
        ),
    ),
)

# What answers each objective of the header, by its first words: questions and checks (cells).
OBJECTIVES = {
    "compute Ω from unlabelled": ("unlabelled", "again", "quiz 1"),
    "choose λ by a price": ("price",),
    "tell whether a small effect": ("choose-claim", "paired", "quiz 2"),
    "separate some digits": ("logits-claim", "quiz 3"),
}
